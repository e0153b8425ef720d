import { findInstant } from '../cards/instant.ts';
import type { VppToken } from '../graph/vpp-token.ts';
import { isLater, type TokenRun } from './judge.ts';

/** An end as a look saw it. Times are epoch milliseconds. */
export interface SeenEnd {
  readonly after: VppToken;
  readonly endedAt: number;
  /** The last look that saw the sync in progress. */
  readonly inProgressAt?: number | undefined;
}

/** Clocks that are kept in step differ by less. */
const skewMs = 2_000;

/**
 * How long a sync took that was watched to its end: until the moment that Intune itself dates it to, or until the look that saw it when
 * that date is not of this sync or cannot be right. Undefined when its beginning or its end is not known: of a sync that somebody
 * began elsewhere, and of one that failed without ever being seen to turn.
 */
export function findTimeTakenMs(run: TokenRun, { after, endedAt, inProgressAt }: SeenEnd): number | undefined {
  const beganAt = run.joined ? run.joinedSince : run.startedAt;
  if (beganAt === undefined || isUnseenFailure(run, after)) return undefined;
  const { lastSyncDateTime } = after;
  const datedAt = isLater(lastSyncDateTime, run.before.lastSyncDateTime) ? findInstant(lastSyncDateTime) : undefined;
  const isDated =
    datedAt !== undefined && datedAt >= Math.max(beganAt, (inProgressAt ?? beganAt) - skewMs) && datedAt <= endedAt;
  return Math.max(0, (isDated ? datedAt : endedAt) - beganAt);
}

/** It read `failed` before and after, and nothing in between told when this one did. */
export const isUnseenFailure = ({ before, seenInProgress }: TokenRun, after: VppToken): boolean =>
  after.lastSyncStatus === 'failed' &&
  before.lastSyncStatus === 'failed' &&
  !seenInProgress &&
  !isLater(after.lastSyncDateTime, before.lastSyncDateTime);
