import type { SealedSecrets, SignInRequest, SignInRequests } from '../domain/sign-in-request.ts';
import { conversationRoot } from '../domain/turn.ts';
import { createSecret, hashSecret, isSameId } from '../lib/ids.ts';
import { parseJson } from '../lib/json.ts';
import { createBoundedMap } from '../lib/limits.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import type { Seal } from './keys.ts';
import { type Actor, actorKey } from './sessions.ts';

export interface CodeHolder {
  readonly person: Actor;
  readonly conversationId: string;
  /** Present when the code came with a request of its own, such as a re-sent card action. */
  readonly requestId?: string;
}

interface SignInCodes {
  /** Makes a code for an assertion that was verified for the request's owner. */
  issue(assertion: string, request: SignInRequest): Promise<string>;
  /**
   * The assertion and request behind a code, once, for the request's owner in its conversation while the request is open.
   * Anybody else gets undefined and does not use the code up.
   */
  take(code: string, holder: CodeHolder): Promise<{ assertion: string; request: SignInRequest } | undefined>;
  forget(person: Actor): void;
}

interface SignInCodesParts {
  readonly requests: SignInRequests;
  readonly runtime: Runtime;
  /** With TOKEN_CACHE_KEY: then every process accepts the codes of all. */
  readonly shared?: SharedCodes | undefined;
}

/** The data behind a code. */
interface IssuedCode {
  readonly assertion: string;
  readonly requestId: string;
  readonly owner: Actor;
  readonly conversationId: string;
  readonly expiresAt: number;
}

const longestMs = 10 * minuteMs;
const mostCodes = 1_000;

/**
 * Codes under their SHA-256, in memory and, when there is a key to seal them with, in the store. They end with their request, after
 * 10 minutes at most.
 */
export function createSignInCodes({ requests, runtime, shared }: SignInCodesParts): SignInCodes {
  const codes = createBoundedMap<IssuedCode>(mostCodes);

  const isFor = (issued: IssuedCode, { person, conversationId, requestId }: CodeHolder) =>
    actorKey(issued.owner) === actorKey(person) &&
    issued.conversationId === conversationRoot(conversationId) &&
    (requestId === undefined || requestId === issued.requestId);

  return {
    async issue(assertion, request) {
      const now = runtime.now();
      codes.deleteWhere((issued) => issued.expiresAt <= now);
      const code = createSecret(16);
      const issued: IssuedCode = {
        assertion,
        requestId: request.id,
        owner: request.owner,
        conversationId: conversationRoot(request.conversation.id),
        expiresAt: Math.min(request.expiresAt, now + longestMs),
      };
      codes.set(hashSecret(code), issued);
      await shared?.put(hashSecret(code), issued);
      return code;
    },
    async take(code, holder) {
      const key = hashSecret(`${code}`);
      const issued = codes.get(key) ?? (await shared?.find(key));
      if (!issued || !isFor(issued, holder) || issued.expiresAt <= runtime.now()) return undefined;
      const request = await requests.find(issued.requestId);
      if (!request || request.usedAt !== undefined || request.expiresAt <= runtime.now()) return undefined;
      // Decides between two who send the code at once; nothing may be awaited after it.
      const isHere = codes.delete(key);
      return (shared ? await shared.take(key) : isHere) ? { assertion: issued.assertion, request } : undefined;
    },
    forget: (person) => codes.deleteWhere((issued) => isSameId(issued.owner.aadObjectId, person.aadObjectId)),
  };
}

/** Codes that any process of the bot may have issued. Everything rejects while the database is down. */
export interface SharedCodes {
  put(hash: string, code: IssuedCode): Promise<void>;
  find(hash: string): Promise<IssuedCode | undefined>;
  /** Ends the code. True for exactly one caller. */
  take(hash: string): Promise<boolean>;
}

interface SharedCodesParts {
  readonly seal: Seal;
  readonly secrets: SealedSecrets;
  readonly runtime: Runtime;
}

/** Codes sealed with TOKEN_CACHE_KEY: the sign-in window may end in one process and its code arrive at another. */
export function createSharedCodes({ seal, secrets, runtime }: SharedCodesParts): SharedCodes {
  const nameOf = (hash: string) => `code ${hash}`;
  return {
    async put(hash, code) {
      const name = nameOf(hash);
      const sealed = seal.seal(JSON.stringify(code), name);
      const ownerId = code.owner.aadObjectId.toLowerCase();
      await secrets.put({ name, keyId: seal.keyId, ownerId, sealed, expiresAt: code.expiresAt });
    },
    async find(hash) {
      const name = nameOf(hash);
      const sealed = await secrets.find(name, seal.keyId, runtime.now());
      const text = sealed === undefined ? undefined : seal.open(sealed, name);
      return text === undefined ? undefined : (parseJson(text) as IssuedCode);
    },
    take: (hash) => secrets.take(nameOf(hash), seal.keyId),
  };
}
