import type { SealedSecrets, SignInRequest, SignInRequests } from '../domain/sign-in-request.ts';
import { conversationRoot } from '../domain/turn.ts';
import { createSecret, hashSecret, isSameId, type RandomBytes } from '../lib/ids.ts';
import { createBoundedMap } from '../lib/lru-map.ts';
import { minuteMs } from '../lib/time.ts';
import type { Seal } from './keys.ts';
import { type Actor, actorKey } from './sessions.ts';

export interface CodeHolder {
  readonly person: Actor;
  readonly conversationId: string;
  /** Given when the code came with a request of its own, such as a re-sent card action. */
  readonly requestId?: string;
}

interface SignInCodes {
  /** A code for an assertion that was verified for the request's owner; an earlier code of the same request ends. */
  issue(assertion: string, request: SignInRequest): Promise<string>;
  /**
   * What the code stands for, once, for the request's owner in its conversation while the request is open.
   * Anybody else gets undefined and leaves the code to its owner.
   */
  take(code: string, holder: CodeHolder): Promise<{ assertion: string; request: SignInRequest } | undefined>;
  forget(person: Actor): void;
}

interface SignInCodesOptions {
  readonly requests: SignInRequests;
  readonly now?: () => number;
  readonly random?: RandomBytes;
  readonly limit?: number;
  /** Given with TOKEN_CACHE_KEY: then every process takes what any of them issued. */
  readonly shared?: SharedCodes;
}

/** What a code stands for. */
interface KeptCode {
  readonly assertion: string;
  readonly requestId: string;
  readonly owner: Actor;
  readonly conversationId: string;
  readonly expiresAt: number;
}

const longestMs = 10 * minuteMs;

/** Codes under their SHA-256, in memory and, when there is a key to seal them with, in the store. They end with their request, after 10 minutes at most. */
export function createSignInCodes(options: SignInCodesOptions): SignInCodes {
  const { requests, now = Date.now, random, limit = 1_000, shared } = options;
  const codes = createBoundedMap<KeptCode>(limit);

  const isFor = (kept: KeptCode, { person, conversationId, requestId }: CodeHolder) =>
    actorKey(kept.owner) === actorKey(person) &&
    kept.conversationId === conversationRoot(conversationId) &&
    (requestId === undefined || requestId === kept.requestId);

  return {
    async issue(assertion, request) {
      codes.deleteWhere((kept) => kept.requestId === request.id || kept.expiresAt <= now());
      const code = createSecret(16, random);
      const kept: KeptCode = {
        assertion,
        requestId: request.id,
        owner: request.owner,
        conversationId: conversationRoot(request.conversation.id),
        expiresAt: Math.min(request.expiresAt, now() + longestMs),
      };
      codes.set(hashSecret(code), kept);
      await shared?.keep(hashSecret(code), kept);
      return code;
    },
    async take(code, holder) {
      const key = hashSecret(`${code}`);
      const kept = codes.get(key) ?? (await shared?.find(key));
      if (!kept || !isFor(kept, holder) || kept.expiresAt <= now()) return undefined;
      const request = await requests.find(kept.requestId);
      if (!request || request.usedAt !== undefined || request.expiresAt <= now()) return undefined;
      // Decides between two who hold the code at once; nothing may be awaited after it.
      const isHere = codes.delete(key);
      return (shared ? await shared.take(key) : isHere) ? { assertion: kept.assertion, request } : undefined;
    },
    forget: (person) => codes.deleteWhere((kept) => isSameId(kept.owner.aadObjectId, person.aadObjectId)),
  };
}

/** Codes that another process of the bot may have issued. Everything rejects while the store is away. */
export interface SharedCodes {
  keep(hash: string, code: KeptCode): Promise<void>;
  find(hash: string): Promise<KeptCode | undefined>;
  /** Ends the code. True for exactly one caller. */
  take(hash: string): Promise<boolean>;
}

/** One-time codes sealed with TOKEN_CACHE_KEY, so that the sign-in window may end in one process and its code come back to another. */
export function createSharedCodes({
  seal,
  secrets,
  now,
}: {
  readonly seal: Seal;
  readonly secrets: SealedSecrets;
  readonly now: () => number;
}): SharedCodes {
  const nameOf = (hash: string) => `code ${hash}`;
  return {
    async keep(hash, code) {
      const name = nameOf(hash);
      const sealed = seal.seal(JSON.stringify(code), name);
      const ownerId = code.owner.aadObjectId.toLowerCase();
      await secrets.put({ name, keyId: seal.keyId, ownerId, sealed, expiresAt: code.expiresAt });
    },
    async find(hash) {
      const name = nameOf(hash);
      const sealed = await secrets.find(name, seal.keyId, now());
      const text = sealed === undefined ? undefined : seal.open(sealed, name);
      return text === undefined ? undefined : (JSON.parse(text) as KeptCode);
    },
    take: (hash) => secrets.take(nameOf(hash), seal.keyId),
  };
}
