import { type CryptoKey, importJWK, type JWK } from 'jose';
import { within } from '../lib/async.ts';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { isLoopback } from '../lib/net.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs, minuteMs } from '../lib/time.ts';

interface OpenIdKeysParts {
  /** Address of the OpenID document. */
  readonly metadataUrl: string;
  /** The issuer that the document must name; unchecked when absent. */
  readonly issuer?: string;
  readonly runtime: Runtime;
  readonly fetch?: typeof fetch;
}

export interface OpenIdKeys {
  /**
   * The key with this id, or undefined when its publisher does not know it.
   * Throws when the publisher could not be asked and the keys read before do not include it.
   */
  find(kid: string): Promise<PublishedKey | undefined>;
  /** True once keys were read; tries to read them otherwise. */
  isReady(): Promise<boolean>;
}

export type PublishedKey = JWK & { readonly endorsements?: readonly string[]; readonly issuer?: string };

const keptMs = dayMs;
const refreshAtMostEveryMs = minuteMs;
const deadlineMs = 5_000;
/** A slow publisher must not hold up requests whose key is known. */
const knownKeyWaitMs = 1_000;
/** Between two attempts while nothing was ever read. */
const pauseMs = 1_000;
const longestDocument = 1024 * 1024;

/**
 * Signing keys of one OpenID publisher. Read when first needed and once a day; read again for an unknown key id, at most
 * once a minute after that; keys already read stay good while the publisher cannot be reached, or has none to show.
 */
export function createOpenIdKeys({
  metadataUrl,
  issuer,
  runtime,
  fetch: request = fetch,
}: OpenIdKeysParts): OpenIdKeys {
  let keys: ReadonlyMap<string, PublishedKey> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let failedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function readJson(url: string, signal: AbortSignal): Promise<JsonObject> {
    const response = await request(url, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status} for its signing keys`);
    const text = await response.text();
    if (text.length > longestDocument) throw new Error(`${new URL(url).host} answered too much for its signing keys`);
    const document = parseJson(text);
    if (!isJsonObject(document)) throw new Error(`${new URL(url).host} answered no JSON object for its signing keys`);
    return document;
  }

  async function read(): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    const { jwks_uri: keysUrl, issuer: named } = await readJson(metadataUrl, signal);
    if (issuer !== undefined && named !== issuer) {
      throw new Error('the OpenID document is of another issuer');
    }
    if (typeof keysUrl !== 'string' || !isTrusted(keysUrl, metadataUrl)) {
      throw new Error('the OpenID document names keys at another place than its own');
    }
    const { keys: published } = await readJson(keysUrl, signal);
    const found = Array.isArray(published) ? keysById(published) : undefined;
    if (!found?.size) throw new Error('the key document holds no keys');
    keys = found;
    readAt = runtime.now();
  }

  /** Never rejects: the error is kept in `failure`. */
  function refresh(): Promise<void> {
    reading ??= read()
      .then(
        () => {
          failure = undefined;
        },
        (error: unknown) => {
          failedAt = runtime.now();
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
    await within(knownKeyWaitMs, refreshed, runtime.wait);
  }

  return {
    async find(kid) {
      const now = runtime.now();
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

/** The RSA signing keys by id. An id that two different keys share is left out. */
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

/** Prepares a published key for checking signatures of this algorithm, once. Rejects for anything but an RSA public key. */
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

/** Keys must come over https from the document's own host, as Microsoft publishes them; a rehearsal's from this machine. */
function isTrusted(keysUrl: string, metadataUrl: string): boolean {
  if (isLoopback(metadataUrl)) return isLoopback(keysUrl);
  const keys = URL.parse(keysUrl);
  return keys?.protocol === 'https:' && keys.host === new URL(metadataUrl).host;
}

type KeyAnswer = { readonly key: CryptoKey } | 'unknown' | 'unavailable';

interface TenantKeys {
  /** The RS256 key of that id. `unavailable` when Entra could not be asked and no key read before has it. */
  find(tenantId: string, keyId: string): Promise<KeyAnswer>;
}

/** Signing keys of each tenant, from its OpenID document; cached and refreshed as createOpenIdKeys says. */
export function createTenantKeys(authorityUrl: string, runtime: Runtime): TenantKeys {
  const tenants = new Map<string, OpenIdKeys>();

  function of(tenantId: string, issuer: string): OpenIdKeys {
    const known = tenants.get(tenantId);
    if (known) return known;
    const metadataUrl = `${issuer}/.well-known/openid-configuration`;
    const keys = createOpenIdKeys({ metadataUrl, issuer, runtime });
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
      if (!published || !isKeyOf(published, issuer, tenantId)) return 'unknown';
      return importPublishedKey(published, 'RS256').then(
        (key) => ({ key }),
        () => 'unknown',
      );
    },
  };
}

/**
 * Entra's key sets contain keys of other issuers too, named in the key; such a key must not be accepted for this tenant.
 * Source: learn.microsoft.com/entra/identity-platform/access-tokens, "Validate the signing key issuer".
 */
function isKeyOf(key: PublishedKey, issuer: string, tenantId: string): boolean {
  if (key.use !== undefined && key.use !== 'sig') return false;
  return key.issuer === undefined || key.issuer.replace('{tenantid}', tenantId) === issuer;
}
