import { type CryptoKey, decodeProtectedHeader, jwtVerify } from 'jose';
import { importPublishedKey, type OpenIdKeys } from '../identity/open-id-keys.ts';
import type { JsonObject } from '../lib/json.ts';

export interface InboundTokenOptions {
  readonly keys: OpenIdKeys;
  readonly issuer: string;
  readonly botId: string;
  readonly now: () => number;
}

export interface InboundToken {
  /**
   * The claims of a channel's token for an activity from `serviceUrl`, or why it is refused.
   * Refused: missing, malformed, forged, not yet valid or expired (5 minutes of skew), of another issuer or audience,
   * without a `serviceurl` claim equal to the activity's, signed with a key that is not endorsed for Teams.
   * Source: Bot Framework "authentication: connector to bot".
   */
  verify(authorization: string | undefined, serviceUrl: string | undefined): Promise<InboundTokenResult>;
}

declare const verified: unique symbol;

/** Claims whose token was verified here. Nobody else makes them, so who holds them need not verify anything again. */
export type VerifiedClaims = JsonObject & { readonly [verified]: true };

export type InboundTokenResult =
  | { readonly ok: true; readonly claims: VerifiedClaims }
  | { readonly ok: false; readonly why: string };

const algorithms = ['RS256', 'RS384', 'RS512'];
const skewSeconds = 300;
const longest = 16 * 1024;

export function createInboundToken(options: InboundTokenOptions): InboundToken {
  const refuse = (why: string): InboundTokenResult => ({ ok: false, why });

  return {
    async verify(authorization, serviceUrl) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
      if (!token || token.length > longest) return refuse('no bearer token');
      try {
        const { payload } = await jwtVerify(token, () => findKey(token), {
          algorithms,
          issuer: options.issuer,
          audience: options.botId,
          clockTolerance: skewSeconds,
          currentDate: new Date(options.now()),
          requiredClaims: ['exp'],
        });
        if (typeof payload.serviceurl !== 'string') return refuse('no serviceurl claim');
        if (payload.serviceurl !== serviceUrl) return refuse('serviceurl claim differs from the activity');
        return { ok: true, claims: payload as JsonObject as VerifiedClaims };
      } catch (error) {
        return refuse(error instanceof Error ? error.message : 'not readable');
      }
    },
  };

  async function findKey(token: string): Promise<CryptoKey> {
    const { kid, alg } = decodeProtectedHeader(token);
    const key = kid === undefined ? undefined : await options.keys.find(kid);
    if (!key) throw new Error('signed with a key nobody published');
    if (key.endorsements && !key.endorsements.includes('msteams')) throw new Error('key is not endorsed for msteams');
    return importPublishedKey(key, alg ?? '');
  }
}
