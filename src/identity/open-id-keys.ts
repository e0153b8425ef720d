import { type CryptoKey, importJWK, type JWK } from 'jose';
import { wait as waitRealTime, within } from '../lib/async.ts';
import { isLoopback } from '../lib/net.ts';
import { dayMs, minuteMs } from '../lib/time.ts';

interface OpenIdKeysOptions {
  /** Address of the OpenID document. */
  readonly metadataUrl: string;
  /** What the document must name as its issuer; unchecked when absent. */
  readonly issuer?: string;
  readonly now: () => number;
  readonly fetch?: typeof fetch;
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface OpenIdKeys {
  /**
   * The key with this id, or undefined when its publisher does not know it.
   * Throws when that cannot be told: the publisher could not be asked, and what was read before does not hold the key.
   */
  find(kid: string): Promise<PublishedKey | undefined>;
  /** Whether keys were read at least once; tries to when they were not. */
  isReady(): Promise<boolean>;
}

type PublishedKey = JWK & { readonly endorsements?: readonly string[]; readonly issuer?: string };

const keptMs = dayMs;
const refreshAtMostEveryMs = minuteMs;
const deadlineMs = 5_000;
/** A publisher that is slow must not hold up those whose key is known. */
const knownWaitsMs = 1_000;
/** Between two tries while nothing was ever read. */
const pauseMs = 1_000;
const most = 1024 * 1024;

/**
 * Signing keys of one OpenID publisher. Read when first needed and once a day; read again for an unknown key id, at most
 * once a minute after that; keys already read stay good while the publisher cannot be reached, or has none to show.
 */
export function createOpenIdKeys(options: OpenIdKeysOptions): OpenIdKeys {
  const request = options.fetch ?? fetch;
  const wait = options.wait ?? waitRealTime;
  let keys: ReadonlyMap<string, PublishedKey> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let failedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function readJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const response = await request(url, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status} for its signing keys`);
    const text = await response.text();
    if (text.length > most) throw new Error(`${new URL(url).host} answered too much for its signing keys`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function read(): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    const { jwks_uri: keysUrl, issuer } = await readJson(options.metadataUrl, signal);
    if (options.issuer !== undefined && issuer !== options.issuer) {
      throw new Error('the OpenID document is of another issuer');
    }
    if (typeof keysUrl !== 'string' || !isTrusted(keysUrl, options.metadataUrl)) {
      throw new Error('the OpenID document names keys at another place than its own');
    }
    const { keys: published } = await readJson(keysUrl, signal);
    const found = Array.isArray(published) ? keysById(published) : undefined;
    if (!found?.size) throw new Error('the key document holds no keys');
    keys = found;
    readAt = options.now();
  }

  /** Never rejects: what went wrong stays in `failure`. */
  function refresh(): Promise<void> {
    reading ??= read()
      .then(
        () => {
          failure = undefined;
        },
        (error: unknown) => {
          failedAt = options.now();
          failure = error ?? new Error('the signing keys could not be read');
        },
      )
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  async function refreshFor(isKnown: boolean): Promise<void> {
    const refreshed = refresh();
    if (!isKnown) return refreshed;
    await within(knownWaitsMs, refreshed, wait);
  }

  return {
    async find(kid) {
      const now = options.now();
      const old = now - readAt > keptMs || now < readAt;
      const mayAskAgain = Math.abs(now - triedAt) >= refreshAtMostEveryMs;
      if (!keys) {
        if (!reading && failure && Math.abs(now - failedAt) < pauseMs) throw failure;
        await refresh();
      } else if ((old || !keys.has(kid)) && (reading || mayAskAgain)) {
        triedAt = now;
        await refreshFor(keys.has(kid));
      }
      const key = keys?.get(kid);
      if (!key && failure) throw failure;
      return key;
    },
    async isReady() {
      if (!keys) await refresh();
      return keys !== undefined;
    },
  };
}

/** RSA keys for signing, which is what is used here. An id that stands for two of them stands for none. */
function keysById(published: readonly (PublishedKey | null)[]): Map<string, PublishedKey> {
  const keys = new Map<string, PublishedKey>();
  const doubtful = new Set<string>();
  for (const key of published) {
    if (typeof key?.kid !== 'string' || key.kty !== 'RSA' || (key.use !== undefined && key.use !== 'sig')) continue;
    const known = keys.get(key.kid);
    if (known && (known.n !== key.n || known.e !== key.e)) doubtful.add(key.kid);
    keys.set(key.kid, key);
  }
  for (const kid of doubtful) keys.delete(kid);
  return keys;
}

const imported = new WeakMap<PublishedKey, Map<string, Promise<CryptoKey>>>();

/** A published key made ready for checking signatures of this algorithm; made once. Rejects for what is no public key. */
export function importPublishedKey(key: PublishedKey, algorithm: string): Promise<CryptoKey> {
  const byAlgorithm = imported.get(key) ?? new Map<string, Promise<CryptoKey>>();
  imported.set(key, byAlgorithm);
  const ready = byAlgorithm.get(algorithm) ?? importOne(key, algorithm);
  byAlgorithm.set(algorithm, ready);
  return ready;
}

async function importOne({ kty, n, e }: PublishedKey, algorithm: string): Promise<CryptoKey> {
  if (kty !== 'RSA' || typeof n !== 'string' || typeof e !== 'string') throw new Error('not an RSA public key');
  const key = await importJWK({ kty, n, e }, algorithm);
  if (key instanceof Uint8Array) throw new Error('not a public key');
  return key;
}

/** Keys come over https from the document's own host, which is how Microsoft publishes them; a rehearsal's from this machine. */
function isTrusted(keysUrl: string, metadataUrl: string): boolean {
  if (isLoopback(metadataUrl)) return isLoopback(keysUrl);
  const keys = URL.parse(keysUrl);
  return keys?.protocol === 'https:' && keys.host === new URL(metadataUrl).host;
}

type KeyAnswer = { readonly key: CryptoKey } | 'unknown' | 'unavailable';

interface TenantKeys {
  /** The RS256 key of that id. `unavailable` when Entra could not be asked and an older answer does not settle it. */
  find(tenantId: string, keyId: string): Promise<KeyAnswer>;
}

interface TenantKeysOptions {
  readonly authorityUrl: string;
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
}

/** Signing keys of each tenant, from its OpenID document; kept and refreshed as OpenIdKeys says. */
export function createTenantKeys({ authorityUrl, now = Date.now, fetch }: TenantKeysOptions): TenantKeys {
  const tenants = new Map<string, OpenIdKeys>();

  function of(tenantId: string, issuer: string): OpenIdKeys {
    const known = tenants.get(tenantId);
    if (known) return known;
    const metadataUrl = `${issuer}/.well-known/openid-configuration`;
    const keys = createOpenIdKeys({ metadataUrl, issuer, now, ...(fetch && { fetch }) });
    tenants.set(tenantId, keys);
    return keys;
  }

  return {
    async find(tenantId, keyId) {
      const issuer = `${authorityUrl}/${tenantId}/v2.0`;
      let published: PublishedKey | undefined;
      try {
        published = await of(tenantId, issuer).find(keyId);
      } catch {
        return 'unavailable';
      }
      if (!published || !vouchesFor(published, issuer, tenantId)) return 'unknown';
      return importPublishedKey(published, 'RS256').then(
        (key) => ({ key }),
        () => 'unknown',
      );
    },
  };
}

/**
 * Entra's sets hold keys of other issuers too and name the issuer in the key; such a key must not vouch for this tenant.
 * Source: learn.microsoft.com/entra/identity-platform/access-tokens, validate the signing key issuer.
 */
function vouchesFor(key: PublishedKey, issuer: string, tenantId: string): boolean {
  if (key.use !== undefined && key.use !== 'sig') return false;
  return key.issuer === undefined || key.issuer.replace('{tenantid}', tenantId) === issuer;
}
