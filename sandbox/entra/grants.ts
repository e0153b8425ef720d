import { createHash } from 'node:crypto';
import { errors } from 'jose';
import { EntraError } from './entra-error.ts';
import { type CodeTicket, type EntraState, isAtHomeOrGuest, issuerOf, type SignedIn } from './entra-state.ts';
import { readScopes } from './scopes.ts';

export const onBehalfOfGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Who a grant stands for; `nonce` goes into the id_token. A client has nobody behind it. */
export interface Granted {
  readonly who?: SignedIn;
  readonly scope: string;
  readonly nonce?: string;
}

type Grant = (state: EntraState, tenantId: string, form: URLSearchParams) => Granted | Promise<Granted>;

export const grants: Readonly<Record<string, Grant>> = {
  authorization_code: redeemCode,
  refresh_token: redeemRefreshToken,
  client_credentials: (_state, _tenantId, form) => ({ scope: form.get('scope') ?? '' }),
  [onBehalfOfGrant]: exchangeAssertion,
};

function redeemCode(state: EntraState, tenantId: string, form: URLSearchParams): Granted {
  const taken = state.codes.take(form.get('code') ?? '');
  if ('refusal' in taken) throw codeRefusals[taken.refusal]();
  const ticket = taken.content;
  if (ticket.tenantId !== tenantId) throw codeRefusals.unknown();
  if (form.get('redirect_uri') !== ticket.redirectUri) {
    throw new EntraError('invalid_client', 500112, 'The reply address does not match the one the code was asked with.');
  }
  if (!hasVerifier(ticket, form.get('code_verifier') ?? '')) {
    throw new EntraError('invalid_grant', 501481, 'The code_verifier does not match the code_challenge.');
  }
  const nonce = ticket.nonce === undefined ? {} : { nonce: ticket.nonce };
  return { who: ticket, scope: form.get('scope') ?? ticket.scopes.join(' '), ...nonce };
}

const codeRefusals = {
  unknown: () => new EntraError('invalid_grant', 70000, 'The provided code is malformed or not valid.'),
  used: () => new EntraError('invalid_grant', 54005, 'The authorization code was already redeemed.'),
  expired: () => new EntraError('invalid_grant', 70008, 'The authorization code has expired.'),
};

function hasVerifier(ticket: CodeTicket, verifier: string): boolean {
  return createHash('sha256').update(verifier).digest('base64url') === ticket.codeChallenge;
}

function redeemRefreshToken(state: EntraState, tenantId: string, form: URLSearchParams): Granted {
  const who = state.refreshTokens.find(form.get('refresh_token') ?? '');
  if (!who || who.tenantId !== tenantId) {
    throw new EntraError('invalid_grant', 700082, 'The refresh token is not valid or has expired.');
  }
  return { who, scope: form.get('scope') ?? '' };
}

async function exchangeAssertion(state: EntraState, tenantId: string, form: URLSearchParams): Promise<Granted> {
  if (form.get('requested_token_use') !== 'on_behalf_of') {
    throw new EntraError('invalid_request', 900144, 'The request body must hold requested_token_use=on_behalf_of.');
  }
  const who = await readAssertion(state, tenantId, form.get('assertion') ?? '');
  const scope = form.get('scope') ?? '';
  if (readScopes(state, scope).ownApp) {
    throw new EntraError('invalid_scope', 70011, 'On behalf of a person only Graph scopes are given out.');
  }
  return { who, scope };
}

async function readAssertion(state: EntraState, tenantId: string, assertion: string): Promise<SignedIn> {
  const claims = await state.keys.verify(assertion, state.context.now()).catch((error: unknown) => {
    if (error instanceof errors.JWTExpired) {
      throw new EntraError('invalid_grant', 500133, 'Assertion is not within its valid time range.');
    }
    throw rejected('the signature or the token itself is not valid');
  });
  const { clientId, idUri } = state.registration();
  if (claims.aud !== clientId && claims.aud !== idUri) throw rejected('the audience is another application');
  if (claims.iss !== issuerOf(state, tenantId) || claims.tid !== tenantId)
    throw rejected('the issuer is another tenant');
  if (
    !String(claims.scp ?? '')
      .split(' ')
      .includes('access_as_user')
  )
    throw rejected('it lacks access_as_user');
  const person = state.people.find(({ aadObjectId }) => aadObjectId === claims.oid);
  if (!person || !isAtHomeOrGuest(person, tenantId)) throw rejected('the tenant does not know this person');
  return { person, tenantId };
}

const rejected = (why: string) => new EntraError('invalid_grant', 50013, `Assertion failed validation: ${why}.`);
