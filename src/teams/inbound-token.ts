import { createHash } from 'node:crypto';
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { importPublishedKey, type OpenIdKeys, type PublishedKey } from '../identity/open-id-keys.ts';
import type { JsonObject } from '../lib/json.ts';
import { createBoundedMap } from '../lib/limits.ts';
import { findPlainUrl } from '../lib/net.ts';
import type { VerifiedClaims } from './inbound.ts';

interface InboundTokenOptions {
  readonly keys: OpenIdKeys;
  readonly issuer: string;
  readonly botId: string;
  readonly now: () => number;
}

export interface InboundToken {
  /** True for an Authorization header that could be a channel's: decided before anything of the body is read. */
  isWellFormed(authorization: string | undefined): boolean;
  /**
   * Resolves to the claims of a channel's token, or to the reason why it is refused: missing, malformed, forged, not yet valid or expired
   * (5 minutes of skew), of another issuer or audience, without a `serviceurl` claim, or signed with a key that is not endorsed for Teams.
   * That claim must name the activity's own address (see `isSameServiceUrl`), which is not known yet. Never rejects.
   * Source: Bot Framework "Authentication with the Bot Connector API", connector to bot.
   *
   * Teams uses one token for many activities: the signature of one that was verified is remembered until its key is withdrawn or
   * replaced. All else is checked each time.
   */
  verify(authorization: string | undefined): Promise<InboundTokenResult>;
}

type InboundTokenResult =
  | { readonly ok: true; readonly claims: VerifiedClaims; readonly serviceUrl: string }
  | { readonly ok: false; readonly why: string };

const algorithms = ['RS256', 'RS384', 'RS512'];
const skewSeconds = 300;
const mostCharacters = 16 * 1024;

/** Teams has one token at a time for each address that it sends from. */
const mostRemembered = 1_000;

/** A token whose signature, issuer and audience were right, and the key that said so. */
interface Verified {
  readonly payload: JWTPayload;
  readonly key: PublishedKey;
}

export function createInboundToken(options: InboundTokenOptions): InboundToken {
  const refuse = (why: string): InboundTokenResult => ({ ok: false, why });
  /** By the hash of the whole token. */
  const remembered = createBoundedMap<Verified>(mostRemembered);

  return {
    isWellFormed: (authorization) => findBearer(authorization) !== undefined,
    async verify(authorization) {
      const token = findBearer(authorization);
      if (!token) return refuse('no bearer token');
      try {
        const payload = await verifySigned(token);
        if (typeof payload.serviceurl !== 'string') return refuse('no serviceurl claim');
        return { ok: true, claims: payload as JsonObject as VerifiedClaims, serviceUrl: payload.serviceurl };
      } catch (error) {
        return refuse(error instanceof Error ? error.message : 'not readable');
      }
    },
  };

  function findBearer(authorization: string | undefined): string | undefined {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    return token && token.length <= mostCharacters ? token : undefined;
  }

  async function verifySigned(token: string): Promise<JWTPayload> {
    const { kid, alg } = decodeProtectedHeader(token);
    const key = kid === undefined ? undefined : await options.keys.find(kid);
    if (!key) throw new Error('signed with a key nobody published');
    if (key.endorsements && !key.endorsements.includes('msteams')) throw new Error('key is not endorsed for msteams');
    const hash = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(hash);
    if (known && isSameKey(known.key, key) && isInTime(known.payload, options.now())) return known.payload;
    remembered.delete(hash);
    const { payload } = await jwtVerify(token, await importPublishedKey(key, alg ?? ''), {
      algorithms,
      issuer: options.issuer,
      audience: options.botId,
      clockTolerance: skewSeconds,
      currentDate: new Date(options.now()),
      requiredClaims: ['exp'],
    });
    remembered.set(hash, { payload, key });
    return payload;
  }
}

const isSameKey = (one: PublishedKey, other: PublishedKey) =>
  one === other || (one.kty === other.kty && one.n === other.n && one.e === other.e && one.alg === other.alg);

/** As jose checks a token that it verifies. */
function isInTime({ exp, nbf }: JWTPayload, at: number): boolean {
  const seconds = Math.floor(at / 1000);
  return exp !== undefined && exp > seconds - skewSeconds && (nbf === undefined || nbf <= seconds + skewSeconds);
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
