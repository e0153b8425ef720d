import { AuthError, type AuthenticationResult, ConfidentialClientApplication } from '@azure/msal-node';
import type { Config } from '../config.ts';
import { loadClientCredential } from './client-credential.ts';
import type { EntraAnswer } from './entra-answer.ts';
import { failureOf } from './entra-failure.ts';
import { createNetworkClient } from './network-client.ts';
import type { ExchangeFailure } from './session.ts';

export type TokenAnswer =
  /** `expiresAt` in epoch milliseconds. */
  | { readonly ok: true; readonly accessToken: string; readonly expiresAt: number }
  | { readonly ok: false; readonly failure: ExchangeFailure };

export interface Entra {
  /** Asks a tenant's token endpoint as our app. Never throws for what Entra or the network does. */
  ask(
    tenantId: string,
    call: (application: ConfidentialClientApplication) => Promise<AuthenticationResult | null>,
  ): Promise<TokenAnswer>;
}

export interface EntraOptions {
  readonly config: Pick<Config, 'app' | 'authorityUrl' | 'cloud'>;
  readonly fetch?: typeof fetch;
  readonly deadlineMs?: number;
}

/**
 * Our app registration at Entra's token endpoint, through MSAL.
 * Every question gets a fresh MSAL application: MSAL answers one person's 429 to everybody with the same authority and scopes,
 * without a request, and its cache would hold refresh tokens in clear. Throws at once for an unusable credential.
 */
export function createEntra({ config, fetch, deadlineMs }: EntraOptions): Entra {
  const credential = loadClientCredential(config.app);
  return {
    async ask(tenantId, call) {
      let heard: EntraAnswer | 'nothing' | undefined;
      const networkClient = createNetworkClient({
        authorityUrl: config.authorityUrl,
        onHeard: (answer) => {
          heard = answer;
        },
        ...(fetch && { fetch }),
        ...(deadlineMs !== undefined && { deadlineMs }),
      });
      try {
        const application = new ConfidentialClientApplication({
          auth: { clientId: config.app.clientId, authority: `${config.cloud.loginUrl}/${tenantId}`, ...credential },
          system: { networkClient },
        });
        const result = await call(application);
        if (result?.accessToken && result.expiresOn) {
          return { ok: true, accessToken: result.accessToken, expiresAt: result.expiresOn.getTime() };
        }
        return { ok: false, failure: heard ? failureOf(heard) : { reason: 'refused', code: 'no_token' } };
      } catch (error) {
        if (heard) return { ok: false, failure: failureOf(heard) };
        // MSAL itself refused; its message may quote what it was given, its code never does.
        const code = error instanceof AuthError && error.errorCode !== '' ? error.errorCode : 'msal';
        return { ok: false, failure: { reason: 'refused', code } };
      }
    },
  };
}
