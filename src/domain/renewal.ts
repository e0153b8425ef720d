import { daysBetween, findInstant } from '../lib/time.ts';
import { isLater } from './sync-run.ts';
import { isStale, isStuck, type VppToken } from './token.ts';

/** The token before its renewal, in plain data; Graph's own values as they came. */
export type BeforeRenewal = Pick<VppToken, 'expirationDateTime' | 'appleId' | 'organizationName'>;

/** The result of each check. A result that is not certain is never a good one. */
export interface RenewalChecks {
  /**
   * `moved`, `notMoved`, `earlier`: compared with the date before. `ahead`: no date before, but as far ahead as right after a
   * renewal. `near`: no date before, and not far ahead. `past`, `unknown`: of the present date alone.
   */
  readonly expiry: 'moved' | 'ahead' | 'notMoved' | 'earlier' | 'near' | 'past' | 'unknown';
  readonly appleId: Sameness;
  readonly organization: Sameness;
  readonly state: 'valid' | 'notValid';
  readonly sync: 'completed' | 'running' | 'failed' | 'never' | 'stale' | 'stuck' | 'other';
}

export type Sameness = 'same' | 'changed' | 'nothingToCompare';

/** A token is valid for a year; a new expiry date is nearly that far ahead. */
export const freshDays = 300;

export function checkRenewal(token: VppToken, before: BeforeRenewal | undefined, now: number): RenewalChecks {
  return {
    expiry: checkExpiry(token, before, now),
    appleId: compare(token.appleId, before?.appleId, before !== undefined, (id) => id.trim().toLowerCase()),
    organization: compare(token.organizationName, before?.organizationName, before !== undefined, (name) =>
      name.trim(),
    ),
    state: token.state === 'valid' ? 'valid' : 'notValid',
    sync: checkSync(token, now),
  };
}

/** True when the renewal that began at the mark has reached Intune, for the same account. */
export const isRenewed = ({ expiry, appleId, organization }: RenewalChecks): boolean =>
  expiry === 'moved' && appleId !== 'changed' && organization !== 'changed';

function checkExpiry(token: VppToken, before: BeforeRenewal | undefined, now: number): RenewalChecks['expiry'] {
  const expiresAt = findInstant(token.expirationDateTime);
  if (expiresAt === undefined) return 'unknown';
  if (expiresAt <= now) return 'past';
  if (before?.expirationDateTime === undefined) return daysBetween(now, expiresAt) >= freshDays ? 'ahead' : 'near';
  if (isLater(token.expirationDateTime, before.expirationDateTime)) return 'moved';
  return isLater(before.expirationDateTime, token.expirationDateTime) ? 'earlier' : 'notMoved';
}

function compare(
  after: string | undefined,
  before: string | undefined,
  wasSeen: boolean,
  fold: (text: string) => string,
): Sameness {
  if (!wasSeen || (after === undefined && before === undefined)) return 'nothingToCompare';
  return after !== undefined && before !== undefined && fold(after) === fold(before) ? 'same' : 'changed';
}

function checkSync(token: VppToken, now: number): RenewalChecks['sync'] {
  switch (token.lastSyncStatus) {
    case 'completed':
      if (token.lastSyncDateTime === undefined) return 'never';
      return isStale(token, now) ? 'stale' : 'completed';
    case 'inProgress':
      return isStuck(token, now) ? 'stuck' : 'running';
    case 'failed':
      return 'failed';
    case 'none':
      return 'never';
    default:
      return 'other';
  }
}

/**
 * Apple's sites on which a token is renewed; Intune's page is the cloud's (src/clouds.ts). Both have moved several times: the paths
 * within them are only in src/i18n (`renew.steps`). Source: learn.microsoft.com/intune/intune-service/apps/vpp-apps-ios.
 */
export const renewalLinks = {
  appleBusiness: 'business.apple.com',
  appleSchool: 'school.apple.com',
} as const;
