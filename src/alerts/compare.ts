import { isDeepStrictEqual } from 'node:util';
import type { TokenSnapshot } from '../domain/alert-repositories.ts';
import type { VppToken } from '../domain/token.ts';
import { findInstant } from '../lib/time.ts';
import { keepAdditions } from './keep-additions.ts';

export interface Seen {
  readonly tenantId: string;
  readonly tokens: readonly VppToken[];
  readonly lacksBeta: boolean;
  readonly now: number;
}

export interface Compared {
  /** Of every token that is there. */
  readonly current: readonly TokenSnapshot[];
  /** Those of them that have to be written. */
  readonly changed: readonly TokenSnapshot[];
  /** Ids of tokens that are there no more. */
  readonly gone: readonly string[];
}

/** What a look saw, against what was last seen. */
export function compare(before: readonly TokenSnapshot[], seen: Seen): Compared {
  const known = new Map(before.map((snapshot) => [snapshot.token.id, snapshot]));
  const current = seen.tokens.map((token) => {
    const last = known.get(token.id);
    const next = snapshotAfter(last, token, seen);
    return last && isDeepStrictEqual({ ...next, seenAt: last.seenAt }, last) ? last : next;
  });
  const there = new Set(seen.tokens.map(({ id }) => id));
  return {
    current,
    changed: current.filter((snapshot) => known.get(snapshot.token.id) !== snapshot),
    gone: [...known.keys()].filter((id) => !there.has(id)),
  };
}

function snapshotAfter(last: TokenSnapshot | undefined, seen: VppToken, { tenantId, lacksBeta, now }: Seen) {
  const token = last && lacksBeta ? keepAdditions(seen, last.token) : seen;
  const syncedAt = token.lastSyncStatus === 'completed' ? findInstant(token.lastSyncDateTime) : undefined;
  const completed = [last?.completedAt, syncedAt].filter((at) => at !== undefined);
  return {
    tenantId,
    token,
    firstSeenAt: last?.firstSeenAt ?? now,
    seenAt: now,
    ...(completed.length > 0 && { completedAt: Math.max(...completed) }),
    ...(token.lastSyncStatus === 'inProgress' && { inProgressSince: sameSyncSince(last, token) ?? now }),
  };
}

/** A sync that ended since the last look moved the token's date: what goes on now is another one. */
function sameSyncSince(last: TokenSnapshot | undefined, token: VppToken): number | undefined {
  return last?.token.lastSyncDateTime === token.lastSyncDateTime ? last?.inProgressSince : undefined;
}
