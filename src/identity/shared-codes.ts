import type { Seal } from './seal.ts';
import type { SealedSecrets } from './sealed-secrets.ts';
import type { KeptCode } from './sign-in-codes.ts';

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
