import type { Entra, TokenAnswer } from './entra.ts';

export interface OnBehalfOf {
  /**
   * Exchanges a verified assertion at its own tenant for a token to the scopes.
   * `claims` repeats a claims challenge; MSAL adds optional id_token claims of its own to it. Never cached here; sessions are the cache.
   */
  exchange(asked: {
    readonly assertion: string;
    readonly tenantId: string;
    readonly claims?: string;
  }): Promise<TokenAnswer>;
}

/** `scopes` carry the cloud's Graph root, whatever address Graph is reached at. */
export function createOnBehalfOf({ entra, scopes }: { entra: Entra; scopes: readonly string[] }): OnBehalfOf {
  return {
    exchange: ({ assertion, tenantId, claims }) =>
      entra.ask(tenantId, (application) =>
        application.acquireTokenOnBehalfOf({
          oboAssertion: assertion,
          scopes: [...scopes],
          skipCache: true,
          ...(claims && { claims }),
        }),
      ),
  };
}
