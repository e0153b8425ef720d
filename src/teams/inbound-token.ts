import { type CryptoKey, decodeProtectedHeader, jwtVerify } from 'jose';
import { importPublishedKey, type OpenIdKeys } from '../identity/open-id-keys.ts';
import type { JsonObject } from '../lib/json.ts';
import { findPlainUrl } from '../lib/net.ts';
import type { VerifiedClaims } from './inbound.ts';

export interface InboundTokenOptions {
  readonly keys: OpenIdKeys;
  readonly issuer: string;
  readonly botId: string;
  readonly now: () => number;
}

export interface InboundToken {
  /** True for an Authorization header that could be a channel's: decided before anything of the body is read. */
  isWellFormed(authorization: string | undefined): boolean;
  /**
   * Resolves to the claims of a channel's token for an activity from `serviceUrl`, or to the reason why it is refused: missing,
   * malformed, forged, not yet valid or expired (5 minutes of skew), of another issuer or audience, without a `serviceurl` claim that
   * names the activity's own address (see `isSameServiceUrl`), or signed with a key that is not endorsed for Teams. Never rejects.
   * Source: Bot Framework "Authentication with the Bot Connector API", connector to bot.
   */
  verify(authorization: string | undefined, serviceUrl: string | undefined): Promise<InboundTokenResult>;
}

export type InboundTokenResult =
  | { readonly ok: true; readonly claims: VerifiedClaims }
  | { readonly ok: false; readonly why: string };

const algorithms = ['RS256', 'RS384', 'RS512'];
const skewSeconds = 300;
const mostCharacters = 16 * 1024;

export function createInboundToken(options: InboundTokenOptions): InboundToken {
  const refuse = (why: string): InboundTokenResult => ({ ok: false, why });

  return {
    isWellFormed: (authorization) => findBearer(authorization) !== undefined,
    async verify(authorization, serviceUrl) {
      const token = findBearer(authorization);
      if (!token) return refuse('no bearer token');
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
        if (!isSameServiceUrl(payload.serviceurl, serviceUrl))
          return refuse('serviceurl claim differs from the activity');
        return { ok: true, claims: payload as JsonObject as VerifiedClaims };
      } catch (error) {
        return refuse(error instanceof Error ? error.message : 'not readable');
      }
    },
  };

  function findBearer(authorization: string | undefined): string | undefined {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    return token && token.length <= mostCharacters ? token : undefined;
  }

  async function findKey(token: string): Promise<CryptoKey> {
    const { kid, alg } = decodeProtectedHeader(token);
    const key = kid === undefined ? undefined : await options.keys.find(kid);
    if (!key) throw new Error('signed with a key nobody published');
    if (key.endorsements && !key.endorsements.includes('msteams')) throw new Error('key is not endorsed for msteams');
    return importPublishedKey(key, alg ?? '');
  }
}

/**
 * Microsoft's SDKs take the claim and the activity for the same address when they differ in letter case or by one trailing slash
 * (microsoft/teams.net#549). Scheme, host and port are compared as URLs; addresses with a user name or a query must be the same text.
 */
export function isSameServiceUrl(claim: string, serviceUrl: string | undefined): boolean {
  if (claim === serviceUrl) return true;
  const [claimed, named] = [findServiceUrl(claim), findServiceUrl(serviceUrl ?? '')];
  return claimed !== undefined && claimed === named;
}

function findServiceUrl(text: string): string | undefined {
  const url = findPlainUrl(text);
  return url && `${url.origin}${url.pathname.toLowerCase().replace(/\/$/, '')}`;
}
