/** Why Entra refused, as far as its AADSTS number says. */
export type EntraCause =
  | 'throttled'
  | 'unavailable'
  /** Nobody has consented to the permissions yet. */
  | 'consentRequired'
  /** The person pressed Cancel, or did not agree to the permissions. */
  | 'declined'
  | 'assertionExpired'
  | 'assertionRejected'
  /** The app's own secret, certificate or other proof. */
  | 'wrongCredential'
  /** The tenant has no service principal of the app, or of a service that the app uses. */
  | 'notInTenant'
  /** A second factor, a changed password, an ended session: only the sign-in page helps. */
  | 'proofRequired'
  /** Conditional Access and its kin block the sign-in. */
  | 'blockedByPolicy';

const numbers: Readonly<Record<EntraCause, string>> = {
  throttled: '90055',
  unavailable: '90033 90006',
  consentRequired: '65001 90094',
  declined: '65004',
  assertionExpired: '500133',
  assertionRejected: '50013 50027',
  wrongCredential:
    '7000215 7000222 7000216 7000218 7000213 700027 700024 700021 700023 700030 70021 700211 700212 700213',
  notInTenant: '650052 650051 7000229 700016',
  proofRequired:
    '50055 50072 50074 50076 50078 50079 50097 50125 50129 50131 50132 50133 50144 50155 50158 50173 70043 70044',
  blockedByPolicy: '53003',
};

const causes: ReadonlyMap<string, EntraCause> = new Map(
  Object.entries(numbers).flatMap(([cause, list]) =>
    list.split(' ').map((number): [string, EntraCause] => [number, cause as EntraCause]),
  ),
);

/** All of Conditional Access: a device, a place, a risk, a policy. */
const conditionalAccess = /^53\d{3,4}$/;

/**
 * The one table of AADSTS numbers; undefined for a number that it does not have, which is then shown as it came.
 * Source: learn.microsoft.com/entra/identity-platform/reference-error-codes.
 */
export const findEntraCause = (number: string): EntraCause | undefined =>
  causes.get(number) ?? (conditionalAccess.test(number) ? 'blockedByPolicy' : undefined);

/** A code as Microsoft writes it: `AADSTS53003` for a number, an OAuth error as it came. */
export const printEntraCode = (code: string): string => (/^\d+$/.test(code) ? `AADSTS${code}` : code);

/** The number at the beginning of Entra's description. The rest of it is Entra's to change, and nobody's to match on. */
export const findNumberIn = (description: unknown): string | undefined =>
  typeof description === 'string' ? /^AADSTS(\d{4,8})\b/.exec(description)?.[1] : undefined;
