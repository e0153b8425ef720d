import type { Locale } from '../domain/turn.ts';
import type { Page } from './page.ts';
import type { PageWord } from './page-words.ts';
import type { ExchangeFailure } from './session.ts';

const words: Readonly<Record<ExchangeFailure['reason'], PageWord>> = {
  assertionRejected: 'refused',
  assertionExpired: 'refused',
  refused: 'refused',
  tenantNotAllowed: 'tenantNotAllowed',
  consentRequired: 'consentMissing',
  stepUpRequired: 'refused',
  wrongClientSecret: 'operatorFault',
  throttled: 'busy',
  unavailable: 'busy',
};

/** Why the code brought no assertion. Always 4xx, also where Entra is at fault: a refusal is told from success by its status. */
export function pageOfFailure(failure: ExchangeFailure, locale: Locale): Page {
  const { reason } = failure;
  const word = words[reason];
  const code = reason === 'refused' ? shown(failure.code) : reason;
  const detail = reason === 'assertionRejected' ? failure.detail : code;
  return { status: word === 'busy' ? 424 : 403, word, locale, fills: { code }, detail: `${reason}: ${detail}` };
}

const entraErrors: Readonly<Record<string, PageWord>> = {
  access_denied: 'cancelled',
  consent_required: 'consentMissing',
  temporarily_unavailable: 'busy',
  server_error: 'busy',
};

/** The `error` the sign-in page came back with. Its description is left alone: anybody can write one into an address. */
export function pageOfEntraError(error: string, locale: Locale): Page {
  const code = shown(error);
  const word = Object.hasOwn(entraErrors, error) ? entraErrors[error] : undefined;
  return { status: 400, word: word ?? 'refused', locale, fills: { code }, detail: `sign-in page: ${code}` };
}

/** Error codes as Entra writes them; anything else is not repeated. */
function shown(code: string): string {
  return /^[\w.-]{1,40}$/.test(code) ? code : 'unknown';
}
