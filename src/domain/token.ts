import { daysBetween, findInstant, hourMs, minuteMs } from '../lib/time.ts';

/**
 * A location token as Graph shows it, without its `token` property, which is never requested, kept or shown.
 * Names are Graph's own. Enum values are open: a value nobody knows is kept as it came.
 * `0001-01-01…` means never and is left out.
 * Source: data/vppToken.v1.0.csdl.xml; displayName and locationName exist in beta only.
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

/** What is the matter with tokens, the worst first. A token counts once, under its worst. */
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

/** Intune syncs once a day by itself, so a day and a half without a sync is worth a look. */
export const staleAfterMs = 36 * hourMs;

const brokenStates = ['invalid', 'assignedToExternalMDM', 'duplicateLocationId'] as const;

export function troubleOf(token: VppToken, now: number): Trouble {
  if (isExpired(token, now)) return 'expired';
  if (token.state !== 'valid') return brokenStates.find((state) => state === token.state) ?? 'otherState';
  if (token.lastSyncStatus === 'failed') return 'syncFailed';
  if (isExpiring(token, now)) return 'expiring';
  return isStale(token, now) ? 'stale' : 'fine';
}

/** Ends within thirty days, or has ended. */
export function isExpiring(token: VppToken, now: number): boolean {
  const expiresAt = findInstant(token.expirationDateTime);
  return token.state === 'expired' || (expiresAt !== undefined && daysBetween(now, expiresAt) <= expirySoonDays);
}

export function isFailed(token: VppToken): boolean {
  return token.lastSyncStatus === 'failed' || token.state !== 'valid';
}

/** Never synced, not synced for over 36 h, or stuck in a sync. */
export function isStale(token: VppToken, now: number): boolean {
  const syncedAt = findInstant(token.lastSyncDateTime);
  return syncedAt === undefined || now - syncedAt > staleAfterMs || isStuck(token, now);
}

/** In progress for half an hour or more. */
export const isStuck = (token: VppToken, now: number): boolean => findStuckSince(token, now) !== undefined;

/**
 * Since when a sync has been in progress that is stuck by now. `seenSince`, when it was first seen so, stands in for Intune's own
 * date when there is none.
 */
export function findStuckSince(token: VppToken, now: number, seenSince?: number): number | undefined {
  const since = findInstant(token.lastModifiedDateTime) ?? seenSince;
  const isLong = since !== undefined && now - since >= stuckAfterMs;
  return token.lastSyncStatus === 'inProgress' && isLong ? since : undefined;
}

/** Its state or its date says so, whichever comes first. */
export function isExpired(token: VppToken, now: number): boolean {
  const expiresAt = findInstant(token.expirationDateTime);
  return token.state === 'expired' || (expiresAt !== undefined && expiresAt <= now);
}

const hopeless = ['expired', 'invalid', 'assignedToExternalMDM'] as const;
export type HopelessState = (typeof hopeless)[number];

/** The state in which syncing a token cannot work until somebody mends it; undefined when a sync may help. */
export const findHopelessState = ({ state }: Pick<VppToken, 'state'>): HopelessState | undefined =>
  hopeless.find((each) => each === state);

/** The name that a token goes by on cards, as Graph gave it; never its Apple ID. */
export const tokenName = (token: Pick<VppToken, 'displayName' | 'locationName' | 'organizationName'>): string =>
  token.displayName || token.locationName || token.organizationName || '';

/** Days before its end from which a token's expiry is shown as a warning. */
export const expirySoonDays = 30;

/** A sync reported in progress for this long is taken for stuck: it is neither joined nor waited for. */
export const stuckAfterMs = 30 * minuteMs;
