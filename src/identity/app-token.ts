import { earlyMs } from './early.ts';
import type { Entra } from './entra.ts';
import type { ExchangeFailure } from './session.ts';

/** Why there is no app token; `reason` is what callers branch on. */
export class AppTokenError extends Error {
  override readonly name = 'AppTokenError';
  readonly failure: ExchangeFailure;
  constructor(tenantId: string, failure: ExchangeFailure) {
    const code = failure.reason === 'refused' ? ` (${failure.code})` : '';
    super(`No app token for tenant ${tenantId}: ${failure.reason}${code}`);
    this.failure = failure;
  }
  get reason(): ExchangeFailure['reason'] {
    return this.failure.reason;
  }
}

export interface AppTokens {
  /**
   * The app's own Graph token in a tenant, for monitoring: from memory until 5 minutes before its end.
   * `renew` asks for a new one, as after a 401. One request per tenant at a time; everybody waits for that one.
   * Throws AppTokenError, for a tenant off the allow-list without any request.
   */
  getAppToken(tenantId: string, options?: { readonly renew?: boolean }): Promise<string>;
}

export interface AppTokensOptions {
  readonly entra: Entra;
  readonly graphRoot: string;
  readonly allowedTenants: readonly string[];
  readonly now?: () => number;
}

export function createAppTokens({ entra, graphRoot, allowedTenants, now = Date.now }: AppTokensOptions): AppTokens {
  const kept = new Map<string, { readonly accessToken: string; readonly expiresAt: number }>();
  const asking = new Map<string, Promise<string>>();

  async function ask(tenantId: string): Promise<string> {
    const answer = await entra.ask(tenantId, (application) =>
      application.acquireTokenByClientCredential({
        scopes: [`${graphRoot}/.default`],
        skipCache: true,
        azureRegion: 'DisableMsalForceRegion',
      }),
    );
    if (!answer.ok) throw new AppTokenError(tenantId, answer.failure);
    kept.set(tenantId, answer);
    return answer.accessToken;
  }

  return {
    async getAppToken(givenTenantId, { renew = false } = {}) {
      const tenantId = givenTenantId.toLowerCase();
      if (!allowedTenants.includes(tenantId)) {
        throw new AppTokenError(tenantId, { reason: 'tenantNotAllowed', tenantId });
      }
      const found = kept.get(tenantId);
      if (found && !renew && found.expiresAt - earlyMs > now()) return found.accessToken;
      const inFlight = asking.get(tenantId);
      if (inFlight) return inFlight;
      const started = ask(tenantId).finally(() => asking.delete(tenantId));
      asking.set(tenantId, started);
      return started;
    },
  };
}
