import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Config } from '../config.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import { isSameId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { createTenantKeys } from './open-id-keys.ts';
import type { Actor } from './sessions.ts';

interface AssertionClaims {
  /** The assertion's own tenant, lower case. */
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** `preferred_username`, else `name`. */
  readonly userName?: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

type VerifyResult =
  | { readonly ok: true; readonly claims: AssertionClaims }
  /** `isOtherPerson`: valid in every other respect, but issued to somebody else. */
  | { readonly ok: false; readonly failure: ExchangeFailure; readonly isOtherPerson?: true };

export interface AssertionVerifier {
  /**
   * Accepts an assertion that an allowed tenant issued, for this app, with `access_as_user`, to this very person, and that is valid
   * now. Never throws; a failure's detail holds nothing of the token.
   */
  verify(assertion: string, person: Actor): Promise<VerifyResult>;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Such as `https://sts.windows.net/{tenant}/`; each cloud has its own host. */
const versionOneIssuer = /^https:\/\/sts\.[\w.-]+\//i;
const longest = 16_384;
const skewS = 60;

/** Source: learn.microsoft.com/entra/identity-platform/access-tokens, "Validate tokens". */
export function createAssertionVerifier(config: Config, runtime: Runtime): AssertionVerifier {
  const { authorityUrl, allowedTenants, app } = config;
  const tenantKeys = createTenantKeys(authorityUrl, runtime);

  return {
    async verify(assertion, person) {
      const read = readUnverified(assertion);
      if ('problem' in read) return rejected(read.problem);
      const { tenantId, keyId } = read;
      // Before any request: the name of an unknown tenant must not make the bot call out.
      if (!allowedTenants.includes(tenantId)) return { ok: false, failure: { reason: 'tenantNotAllowed', tenantId } };
      // Every token of a registration that issues version 1 looks so, and none is accepted: said apart, because its operator can set it.
      if (read.isVersionOne) return { ok: false, failure: { reason: 'versionOne' } };
      const issuer = `${authorityUrl}/${tenantId}/v2.0`;
      if (read.issuer !== issuer) return rejected('iss is not the tenant’s');
      const answer = await tenantKeys.find(tenantId, keyId);
      if (answer === 'unavailable') return { ok: false, failure: { reason: 'unavailable' } };
      if (answer === 'unknown') return rejected('signed with an unknown key');
      let payload: JWTPayload;
      try {
        ({ payload } = await jwtVerify(assertion, answer.key, {
          algorithms: ['RS256'],
          issuer,
          audience: [app.clientId, app.idUri],
          requiredClaims: ['exp'],
          clockTolerance: skewS,
          currentDate: new Date(runtime.now()),
        }));
      } catch (error) {
        return rejected(problemOf(error));
      }
      return checkClaims(payload, tenantId, person.aadObjectId);
    },
  };
}

interface Unverified {
  readonly tenantId: string;
  readonly keyId: string;
  readonly issuer: unknown;
  readonly isVersionOne: boolean;
}

function readUnverified(assertion: unknown): { readonly problem: string } | Unverified {
  if (typeof assertion !== 'string' || assertion === '') return { problem: 'not a string' };
  if (assertion.length > longest) return { problem: 'too long' };
  try {
    const header = decodeProtectedHeader(assertion);
    const { tid, iss, ver } = decodeJwt(assertion);
    if (header.alg !== 'RS256') return { problem: 'not signed with RS256' };
    if (typeof header.kid !== 'string') return { problem: 'names no key' };
    const tenantId = typeof tid === 'string' ? tid.toLowerCase() : '';
    if (!guid.test(tenantId)) return { problem: 'tid is not a GUID' };
    const isVersionOne = ver === '1.0' || (typeof iss === 'string' && versionOneIssuer.test(iss));
    return { tenantId, keyId: header.kid, issuer: iss, isVersionOne };
  } catch {
    return { problem: 'not a JWT' };
  }
}

function checkClaims(payload: JWTPayload, tenantId: string, aadObjectId: string): VerifyResult {
  const { oid, scp, ver, aud, exp } = payload;
  if (typeof aud !== 'string') return rejected('aud is not one audience');
  if (ver !== undefined && ver !== '2.0') return rejected('ver is not 2.0');
  if (typeof scp !== 'string' || !scp.split(' ').includes('access_as_user'))
    return rejected('scp lacks access_as_user');
  if (typeof oid !== 'string' || typeof exp !== 'number') return rejected('oid is missing');
  if (!isSameId(oid, aadObjectId)) return { ...rejected('oid is another person’s'), isOtherPerson: true };
  const userName = [payload.preferred_username, payload.name].find((name) => typeof name === 'string' && name !== '');
  return {
    ok: true,
    claims: {
      tenantId,
      aadObjectId: oid,
      expiresAt: exp * 1000,
      ...(typeof userName === 'string' && { userName }),
    },
  };
}

function rejected(detail: string) {
  return { ok: false, failure: { reason: 'assertionRejected', detail } } as const;
}

/** Only jose's codes and claim names: its messages may quote values. */
function problemOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `${error.claim}: ${error.reason}`;
  return error instanceof errors.JOSEError ? error.code : 'cannot be verified';
}

/** Permissions named in an access token. Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference. */
interface Granted {
  /** In a person's token. */
  readonly scopes: readonly string[];
  /** In the app's own token. */
  readonly roles: readonly string[];
}

/**
 * Reads a token that Entra issued to this bot; undefined when it cannot be read, because its format is Entra's to change.
 * Nothing is verified: use it to show people what was granted, never to decide anything.
 */
export function findGranted(accessToken: string): Granted | undefined {
  try {
    const { scp, roles } = decodeJwt(accessToken);
    return {
      scopes: typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '') : [],
      roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    };
  } catch {
    return undefined;
  }
}
