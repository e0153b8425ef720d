import { type CryptoKey, importJWK, type JWK } from 'jose';
import { isLoopback } from '../loopback.ts';

export type KeyAnswer = { readonly key: CryptoKey } | 'unknown' | 'unavailable';

export interface TenantKeys {
  /** The RS256 key of that id. `unavailable` when Entra could not be asked and an older answer does not settle it. */
  find(tenantId: string, keyId: string): Promise<KeyAnswer>;
}

export interface TenantKeysOptions {
  readonly authorityUrl: string;
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
  readonly deadlineMs?: number;
}

interface Kept {
  keys?: ReadonlyMap<string, CryptoKey>;
  loadedAt: number;
  /** No refresh before this, in epoch milliseconds. */
  restUntil: number;
  lastFailed: boolean;
  loading?: Promise<void>;
}

const freshMs = 24 * 3_600_000;
const restMs = 60_000;

/**
 * Signing keys of each tenant, from its OpenID document. Kept for a day; an unknown key id asks again, at most once a minute per
 * tenant; keys already known survive an outage of Entra.
 */
export function createTenantKeys(options: TenantKeysOptions): TenantKeys {
  const { now = Date.now } = options;
  const tenants = new Map<string, Kept>();

  function load(tenantId: string, kept: Kept): Promise<void> {
    kept.loading ??= fetchKeys(tenantId, options)
      .then((keys) => {
        kept.keys = keys;
        kept.loadedAt = now();
        kept.lastFailed = false;
      })
      .catch(() => {
        kept.lastFailed = true;
      })
      .finally(() => {
        delete kept.loading;
      });
    return kept.loading;
  }

  async function refresh(tenantId: string, kept: Kept): Promise<void> {
    if (kept.loading) return kept.loading;
    if (now() < kept.restUntil) return;
    kept.restUntil = now() + restMs;
    return load(tenantId, kept);
  }

  return {
    async find(tenantId, keyId) {
      const kept = tenants.get(tenantId) ?? { loadedAt: 0, restUntil: 0, lastFailed: false };
      tenants.set(tenantId, kept);
      if (!kept.keys) await load(tenantId, kept);
      else if (now() - kept.loadedAt >= freshMs) await refresh(tenantId, kept);
      if (!kept.keys?.has(keyId) && kept.keys) await refresh(tenantId, kept);
      const key = kept.keys?.get(keyId);
      if (key) return { key };
      return kept.lastFailed ? 'unavailable' : 'unknown';
    },
  };
}

async function fetchKeys(
  tenantId: string,
  { authorityUrl, fetch = globalThis.fetch, deadlineMs = 5_000 }: TenantKeysOptions,
): Promise<ReadonlyMap<string, CryptoKey>> {
  const signal = AbortSignal.timeout(deadlineMs);
  const getJson = async (url: string): Promise<Record<string, unknown>> => {
    const response = await fetch(url, { signal, redirect: 'error' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const issuer = `${authorityUrl}/${tenantId}/v2.0`;
  const document = await getJson(`${issuer}/.well-known/openid-configuration`);
  const keysUrl = typeof document.jwks_uri === 'string' ? URL.parse(document.jwks_uri) : null;
  if (document.issuer !== issuer) throw new Error('The OpenID document is of another issuer');
  const isOwn = keysUrl?.origin === new URL(authorityUrl).origin;
  if (!keysUrl || !(isOwn || (isLoopback(authorityUrl) && isLoopback(keysUrl.href))))
    throw new Error('The keys are kept at another origin');
  const { keys } = await getJson(keysUrl.href);
  if (!Array.isArray(keys)) throw new Error('The key set has no keys');
  const usable = await Promise.all(keys.map((key: EntraJwk) => importKey(key, issuer, tenantId)));
  return new Map(usable.filter((entry) => entry !== undefined));
}

type EntraJwk = JWK & { readonly issuer?: string };

/**
 * Entra's sets hold keys of other issuers too and name the issuer in the key; such a key must not vouch for this tenant.
 * Source: learn.microsoft.com/entra/identity-platform/access-tokens, validate the signing key issuer.
 */
async function importKey(
  jwk: EntraJwk,
  issuer: string,
  tenantId: string,
): Promise<readonly [string, CryptoKey] | undefined> {
  if (jwk?.kty !== 'RSA' || typeof jwk.kid !== 'string' || (jwk.use !== undefined && jwk.use !== 'sig'))
    return undefined;
  if (jwk.issuer !== undefined && jwk.issuer.replace('{tenantid}', tenantId) !== issuer) return undefined;
  try {
    const { n, e } = jwk;
    const key = await importJWK({ kty: 'RSA', n, e } as JWK, 'RS256');
    return key instanceof Uint8Array ? undefined : [jwk.kid, key];
  } catch {
    return undefined;
  }
}
