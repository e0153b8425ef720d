import type { CryptoKey } from 'jose';
import { createOpenIdKeys, importPublishedKey, type OpenIdKeys, type PublishedKey } from '../open-id-keys.ts';

export type KeyAnswer = { readonly key: CryptoKey } | 'unknown' | 'unavailable';

export interface TenantKeys {
  /** The RS256 key of that id. `unavailable` when Entra could not be asked and an older answer does not settle it. */
  find(tenantId: string, keyId: string): Promise<KeyAnswer>;
}

export interface TenantKeysOptions {
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
