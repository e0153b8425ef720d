import type { EntraAnswer } from './entra-answer.ts';
import type { ExchangeFailure } from './session.ts';

// Numbers: learn.microsoft.com/entra/identity-platform/reference-error-codes
const throttled = new Set(['90055']);
const transient = new Set(['90033', '90006']);
const consent = new Set(['65001', '65004', '90094']);
const assertionExpired = new Set(['500133']);
const assertionRejected = new Set(['50013', '50027']);
const clientRefused = new Set([
  ...['7000215', '7000222', '7000216', '7000218', '7000213'],
  ...['700016', '700027', '700024', '700021', '700023', '700030'],
]);
/** A second factor, a managed device, a changed password, an ended session: the person must come to the sign-in page. */
const presence = new Set([
  ...['50055', '50072', '50074', '50076', '50078', '50079', '50097', '50125', '50129', '50131'],
  ...['50132', '50133', '50144', '50155', '50158', '50173', '70043', '70044'],
]);
const conditionalAccess = /^53\d{3,4}$/;

/**
 * Why Entra gave no token, by status, OAuth error and AADSTS numbers alone; message texts are Entra's to change.
 * `nothing` is a request that got no answer.
 */
export function failureOf(heard: EntraAnswer | 'nothing'): ExchangeFailure {
  if (heard === 'nothing') return { reason: 'unavailable' };
  const { status, error, claims } = heard;
  const has = (codes: ReadonlySet<string>) => heard.codes.some((code) => codes.has(code));

  if (status === 429 || has(throttled)) {
    return {
      reason: 'throttled',
      ...(heard.retryAfterMs !== undefined && { retryAfterMs: heard.retryAfterMs }),
    };
  }
  if (status >= 500 || !heard.isReadable || has(transient) || error === 'temporarily_unavailable') {
    return { reason: 'unavailable' };
  }
  if (has(consent) || error === 'consent_required' || heard.suberror === 'consent_required') {
    return { reason: 'consentRequired' };
  }
  if (has(assertionExpired)) return { reason: 'assertionExpired' };
  if (has(assertionRejected)) {
    return { reason: 'assertionRejected', detail: `Entra refused it: AADSTS${heard.codes[0]}` };
  }
  if (has(clientRefused)) return { reason: 'wrongClientSecret' };
  if (
    claims !== undefined ||
    error === 'interaction_required' ||
    error === 'login_required' ||
    has(presence) ||
    heard.codes.some((code) => conditionalAccess.test(code))
  ) {
    return { reason: 'stepUpRequired', claims: claims ?? '' };
  }
  if (error === 'invalid_client') return { reason: 'wrongClientSecret' };
  return { reason: 'refused', code: heard.codes[0] ?? error ?? `http_${status}` };
}
