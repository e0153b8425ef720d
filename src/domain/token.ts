import { calendarDaysBetween, dayMs, findInstant, hourMs, minuteMs } from '../lib/time.ts';
import { type OtherKind, traitsOf } from './connector.ts';

/**
 * A location token as Graph shows it, without its `token` property, which is never requested, kept or shown; or another Apple connector
 * in the same properties (src/domain/connector.ts).
 * Names are Graph's own. Enum values are open: an unknown value is kept as it came.
 * `0001-01-01…` means never and is left out.
 * Source: learn.microsoft.com/graph/api/resources/intune-onboarding-vpptoken; displayName and locationName exist in beta only.
 */
export interface VppToken {
  readonly id: string;
  readonly displayName?: string;
  readonly locationName?: string;
  readonly organizationName?: string;
  readonly appleId?: string;
  readonly countryOrRegion?: string;
  /** `business` or `education` so far. */
  readonly vppTokenAccountType?: string;
  /** `unknown`, `valid`, `expired`, `invalid`, `assignedToExternalMDM`; beta adds `duplicateLocationId`. */
  readonly state: string;
  /** `none`, `inProgress`, `completed`, `failed`. */
  readonly lastSyncStatus: string;
  /** ISO 8601 in UTC with up to seven fractional digits, as it came. */
  readonly expirationDateTime?: string;
  readonly lastSyncDateTime?: string;
  readonly lastModifiedDateTime?: string;
  readonly automaticallyUpdateApps?: boolean;
}

/** How a kind was found: `notSetUp` where Intune has none, `notCovered` where none of these permissions was consented to. */
export type ConnectorReading = { readonly kind: OtherKind } & (
  | { readonly is: 'read'; readonly connectors: readonly VppToken[] }
  | { readonly is: 'notCovered'; readonly permissions: readonly string[] }
  /** Beta alone has it, and GRAPH_BETA is off. */
  | { readonly is: 'off' }
  /** Neither an answer nor a refusal, so nothing is known. */
  | { readonly is: 'unread'; readonly error: unknown }
);

/** The name that a token goes by on cards, as Graph gave it; never its Apple ID. */
export const tokenName = (token: VppToken): string =>
  token.displayName || token.locationName || token.organizationName || '';

/** Everything that can be wrong with a token, the worst first. A token counts once, under its worst. */
export const troubles = [
  'expired',
  'invalid',
  'assignedToExternalMDM',
  'duplicateLocationId',
  'otherState',
  'syncFailed',
  'expiring',
  'stale',
  'fine',
] as const;
export type Trouble = (typeof troubles)[number];

const brokenStates = ['invalid', 'assignedToExternalMDM', 'duplicateLocationId'] as const;

export function troubleOf(token: VppToken, now: number): Trouble {
  if (isExpired(token, now)) return 'expired';
  if (token.state !== 'valid') return brokenStates.find((state) => state === token.state) ?? 'otherState';
  if (token.lastSyncStatus === 'failed') return 'syncFailed';
  if (isExpiring(token, now)) return 'expiring';
  return isStale(token, now) ? 'stale' : 'fine';
}

interface Expiry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Calendar days until then in the reader's zone; negative once it has passed. */
  readonly days: number;
  /** `soon` from thirty times 24 h before: the same for everybody, and for alerts. */
  readonly stage: 'past' | 'soon' | 'later';
}

const soonMs = 30 * dayMs;

/** The end of a token's validity, by its date alone; undefined where Graph gives no date. */
export function findExpiry(
  { expirationDateTime }: Pick<VppToken, 'expirationDateTime'>,
  now: number,
  timeZone?: string | undefined,
): Expiry | undefined {
  const at = findInstant(expirationDateTime);
  if (at === undefined) return undefined;
  const stage = at <= now ? 'past' : at - now <= soonMs ? 'soon' : 'later';
  return { at, days: calendarDaysBetween(now, at, timeZone), stage };
}

/** By its state or by its date, whichever comes first. */
export const isExpired = (token: VppToken, now: number): boolean =>
  token.state === 'expired' || findExpiry(token, now)?.stage === 'past';

/** Ends within thirty days, or has ended. */
export const isExpiring = (token: VppToken, now: number): boolean =>
  isExpired(token, now) || findExpiry(token, now)?.stage === 'soon';

export function isFailed(token: VppToken): boolean {
  return token.lastSyncStatus === 'failed' || token.state !== 'valid';
}

const hopeless = ['expired', 'invalid', 'assignedToExternalMDM'] as const;
export type HopelessState = (typeof hopeless)[number];

/** Intune still says `expired` of a token whose date is ahead, as after a renewal: its state follows at the next sync. */
export const isStateBehind = (token: Pick<VppToken, 'state' | 'expirationDateTime'>, now: number): boolean =>
  token.state === 'expired' && ['soon', 'later'].includes(findExpiry(token, now)?.stage ?? '');

/** The state in which no sync can work until an administrator fixes the token; undefined when a sync may help. */
export const findHopelessState = (token: VppToken, now: number): HopelessState | undefined =>
  isStateBehind(token, now) ? undefined : hopeless.find((each) => each === token.state);

/** Intune syncs once a day on its own, so a day and a half without a sync deserves attention. */
export const staleAfterMs = 36 * hourMs;

/** Never synced, not synced for over 36 h, or stuck in a sync. */
export function isStale(token: VppToken, now: number): boolean {
  if (!traitsOf(token).syncs) return false;
  const syncedAt = findInstant(token.lastSyncDateTime);
  return syncedAt === undefined || now - syncedAt > staleAfterMs || isStuck(token, now);
}

/** A sync reported in progress for this long is treated as stuck: it is neither joined nor waited for. */
export const stuckAfterMs = 30 * minuteMs;

/** In progress for half an hour or more. */
export const isStuck = (token: VppToken, now: number): boolean => findStuckSince(token, now) !== undefined;

/**
 * When a stuck sync began, in epoch milliseconds; undefined when no sync is stuck. `seenSince`, when the sync was first seen in
 * progress, is used where Intune gives no date.
 */
export function findStuckSince(token: VppToken, now: number, seenSince?: number): number | undefined {
  const since = findInstant(token.lastModifiedDateTime) ?? seenSince;
  const isLong = since !== undefined && now - since >= stuckAfterMs;
  return token.lastSyncStatus === 'inProgress' && isLong ? since : undefined;
}

export type TokenFilter = 'expiring' | 'failed' | 'stale';

export const tokenFilters: Readonly<Record<TokenFilter, (token: VppToken, now: number) => boolean>> = {
  expiring: isExpiring,
  failed: isFailed,
  stale: isStale,
};

/** Words for each filter, in both languages; as a whole line they list the tokens that they mean. */
export const filterWords: Readonly<Record<TokenFilter, readonly string[]>> = {
  expiring: ['expiring', 'expired', '即将到期', '到期', '过期', '已过期'],
  failed: ['failed', 'failing', '失败', '异常'],
  stale: ['stale', '久未同步', '未同步', '陈旧'],
};

/** The filter that a word, in whatever letter case, means. */
export function findFilter(word: string): TokenFilter | undefined {
  const lower = word.toLowerCase();
  const found = Object.entries(filterWords).find(([, words]) => words.includes(lower));
  return found && (found[0] as TokenFilter);
}
