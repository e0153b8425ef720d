import type { JWK } from 'jose';
import { isLoopback } from './loopback.ts';

export interface OpenIdKeysOptions {
  /** Address of the OpenID document. */
  readonly metadataUrl: string;
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

export interface OpenIdKeys {
  /**
   * The key with this id, or undefined when its publisher does not know it.
   * Throws when no key was ever read: then nothing can be said of any token.
   */
  find(kid: string): Promise<PublishedKey | undefined>;
  /** Whether keys were read at least once; tries to when they were not. */
  isReady(): Promise<boolean>;
}

export type PublishedKey = JWK & { readonly endorsements?: readonly string[] };

const keptMs = 24 * 60 * 60 * 1000;
const refreshAtMostEveryMs = 60 * 1000;
const deadlineMs = 5_000;
const most = 1024 * 1024;

/**
 * Signing keys of one OpenID publisher. Read when first needed and once a day; read again for an unknown key id, at most
 * once a minute; keys already read stay good while the publisher cannot be reached.
 */
export function createOpenIdKeys(options: OpenIdKeysOptions): OpenIdKeys {
  const request = options.fetch ?? fetch;
  let keys: ReadonlyMap<string, PublishedKey> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function readJson(url: string): Promise<Record<string, unknown>> {
    const response = await request(url, { redirect: 'error', signal: AbortSignal.timeout(deadlineMs) });
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status} for its signing keys`);
    const text = await response.text();
    if (text.length > most) throw new Error(`${new URL(url).host} answered too much for its signing keys`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function read(): Promise<void> {
    const { jwks_uri: keysUrl } = await readJson(options.metadataUrl);
    if (typeof keysUrl !== 'string' || !isTrusted(keysUrl, options.metadataUrl)) {
      throw new Error('the OpenID document names keys at another place than its own');
    }
    const { keys: published } = await readJson(keysUrl);
    if (!Array.isArray(published)) throw new Error('the key document holds no keys');
    keys = new Map(
      (published as PublishedKey[]).flatMap((key) => (typeof key?.kid === 'string' ? [[key.kid, key]] : [])),
    );
    readAt = options.now();
  }

  function refresh(): Promise<void> {
    triedAt = options.now();
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    async find(kid) {
      const now = options.now();
      const old = now - readAt > keptMs || now < readAt;
      const mayAskAgain = Math.abs(now - triedAt) >= refreshAtMostEveryMs;
      if (!keys || ((old || !keys.has(kid)) && mayAskAgain)) {
        await refresh().catch((error: unknown) => {
          if (!keys) throw error;
        });
      }
      return keys?.get(kid);
    },
    async isReady() {
      if (!keys) await refresh().catch(() => undefined);
      return keys !== undefined;
    },
  };
}

/** Keys come over https from wherever the document says, as Microsoft's do; a rehearsal's only from this machine. */
function isTrusted(keysUrl: string, metadataUrl: string): boolean {
  if (isLoopback(metadataUrl)) return isLoopback(keysUrl);
  return URL.parse(keysUrl)?.protocol === 'https:';
}
