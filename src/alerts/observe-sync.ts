import { findInstant } from '../cards/instant.ts';
import { findStuckSince } from '../sync/token-health.ts';
import { absent, present, type Sight, type TokenFacts, unknown } from './observed.ts';
import { findStaleStage } from './timed-stages.ts';

// All of these are of tokens with which a sync can work.

/** Only a later sync that did not fail ends it: one that is still in progress says nothing yet. */
export function observeSyncFailed({ token }: TokenFacts): Sight {
  if (token.lastSyncStatus === 'failed') return present('syncFailed');
  return hasEnded(token.lastSyncStatus) ? absent('resolved') : unknown;
}

/** Once stuck, it is so until that sync, or one begun since, has ended; a failure is told as such. */
export function observeSyncStuck({ token, inProgressSince }: TokenFacts, now: number): Sight {
  const since = findStuckSince(token, now, inProgressSince);
  if (since !== undefined) return present('syncStuck', { since });
  if (token.lastSyncStatus === 'failed') return absent('superseded');
  return hasEnded(token.lastSyncStatus) ? absent('resolved') : unknown;
}

/** Counts from the last sync that completed; without one from the earliest sign of the token that there is. */
export function observeSyncStale({ token, completedAt, firstSeenAt }: TokenFacts, now: number): Sight {
  const { lastSyncDateTime, lastModifiedDateTime } = token;
  const since = completedAt ?? findInstant(lastSyncDateTime) ?? findInstant(lastModifiedDateTime) ?? firstSeenAt;
  const stage = findStaleStage(now, since);
  return stage ? present(stage, { since }) : absent('resolved');
}

const hasEnded = (status: string) => status === 'completed' || status === 'none';
