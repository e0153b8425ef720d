import { daysBetween, findInstant } from '../lib/time.ts';
import { isLater } from './sync-run.ts';
import { isStale, isStuck, type VppToken } from './token.ts';
import type { ConversationReference, Locale, Person, Requester } from './turn.ts';

/** The token before its renewal, in plain data; Graph's own values as they came. */
export type BeforeRenewal = Pick<VppToken, 'expirationDateTime' | 'appleId' | 'organizationName'>;

/** A renewal that somebody said they have started. A token has one at a time. */
export interface Renewal extends BeforeRenewal {
  readonly tenantId: string;
  readonly tokenId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The person and the place that are notified of its end. */
  readonly person: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  /** The last end that they were notified of. With `renewed` it is over. */
  readonly announced?: RenewalEnd;
}

/** `otherAccount`: the date moved, but the file came from another Apple ID or organization. */
export type RenewalEnd = 'renewed' | 'otherAccount';

export interface Renewals {
  /** Stores it in place of one that is over. False, and nothing stored, while another one of the token is under way. */
  start(renewal: Renewal): Promise<boolean>;
  /** Also one that is over. */
  find(tenantId: string, tokenId: string): Promise<Renewal | undefined>;
  listUnderWay(tenantId: string): Promise<Renewal[]>;
  /** Records that its person is notified of this end. True for exactly one caller. */
  announce(renewal: Pick<Renewal, 'tenantId' | 'tokenId'>, end: RenewalEnd): Promise<boolean>;
  /** Erases those that began more than 180 days ago. */
  prune(now: number): Promise<void>;
}

/** A message about a renewal that is due to a person, drawn when it is posted. */
export interface RenewalNotice {
  readonly id: string;
  /** `reminder`: a card, asked for by the person, for their own chat. An end: one line, where they started the renewal. */
  readonly kind: 'reminder' | RenewalEnd;
  readonly tenantId: string;
  /** As it was read when this was queued. Once its expiry date has moved, nobody needs the reminder. */
  readonly token: VppToken;
  readonly person: Requester;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** Failed ones. */
  readonly attempts: number;
}

export interface RenewalNotices {
  /** A person's newer reminder of a token replaces the older one. */
  add(notice: RenewalNotice): Promise<void>;
  listDue(now: number): Promise<RenewalNotice[]>;
  /** Erases it. True for exactly one caller, who posts it: a process that dies there leaves it out instead of posting it twice. */
  take(id: string): Promise<boolean>;
  /** Erases those that could not be posted for a week. */
  prune(now: number): Promise<void>;
}

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

/** How the renewal ended, once its file has reached Intune; undefined until the date has moved. */
export function findEnd({ expiry, appleId, organization }: RenewalChecks): RenewalEnd | undefined {
  if (expiry !== 'moved') return undefined;
  return appleId === 'changed' || organization === 'changed' ? 'otherAccount' : 'renewed';
}

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
  applePush: 'identity.apple.com/pushcert',
} as const;
