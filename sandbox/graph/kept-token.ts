import { dayMs, type SeedToken } from '../seed/seed-token.ts';

/** A sync under way. Without `endsAt` it is stuck for good. */
interface RunningSync {
  readonly endsAt?: number;
  readonly ending: 'completed' | 'failed';
}

/** A token with what is going to happen to it. Nothing happens by itself: `settle` catches up at every look. */
export interface KeptToken {
  token: SeedToken;
  sync?: RunningSync | undefined;
  /** What reads show instead, while Intune lags. */
  lagging?: { readonly until: number; readonly shown: SeedToken } | undefined;
  renewal?: { readonly showsAt: number; readonly expiresAt: number } | undefined;
}

export interface SettleRules {
  readonly dateMovesOnFailure: boolean;
  readonly automaticSync: boolean;
  readonly syncDurationMs: number;
  onCompleted(tokenId: string): void;
}

export function keepToken(token: SeedToken): KeptToken {
  if (token.lastSyncStatus !== 'inProgress') return { token };
  const endsAt = token.syncEndsAt === undefined ? {} : { endsAt: token.syncEndsAt };
  return { token, sync: { ...endsAt, ending: 'completed' } };
}

export function isSyncing({ sync }: KeptToken): boolean {
  return sync?.endsAt !== undefined;
}

export function beginSync(kept: KeptToken, at: number, sync: RunningSync) {
  kept.sync = sync;
  kept.token = { ...kept.token, lastSyncStatus: 'inProgress', lastModifiedAt: at };
}

/** Lets everything happen to a token that was due by `now`. */
export function settle(kept: KeptToken, now: number, rules: SettleRules) {
  renew(kept, now);
  endSync(kept, now, rules);
  if (rules.automaticSync) {
    while (startDailySync(kept, now, rules)) endSync(kept, now, rules);
  }
  if (kept.token.state === 'valid' && now >= kept.token.expiresAt) kept.token = { ...kept.token, state: 'expired' };
  if (kept.lagging && now >= kept.lagging.until) kept.lagging = undefined;
}

function renew(kept: KeptToken, now: number) {
  if (!kept.renewal || now < kept.renewal.showsAt) return;
  const { showsAt, expiresAt } = kept.renewal;
  kept.token = { ...kept.token, state: 'valid', expiresAt, lastModifiedAt: showsAt };
  kept.renewal = undefined;
}

function endSync(kept: KeptToken, now: number, rules: SettleRules) {
  const { sync, token } = kept;
  if (sync?.endsAt === undefined || now < sync.endsAt) return;
  const completed = sync.ending === 'completed';
  kept.sync = undefined;
  kept.token = {
    ...token,
    lastSyncStatus: sync.ending,
    // A real capture had the modification 3 ms after the sync.
    ...((completed || rules.dateMovesOnFailure) && { lastSyncAt: sync.endsAt - 3 }),
    lastModifiedAt: sync.endsAt,
    // A token of unknown state has been seen to work.
    ...(completed && token.state === 'unknown' && { state: 'valid' }),
  };
  if (completed) rules.onCompleted(token.id);
}

function startDailySync(kept: KeptToken, now: number, { syncDurationMs }: SettleRules): boolean {
  const { token, sync } = kept;
  const dueAt = (token.lastSyncAt ?? token.lastModifiedAt) + dayMs;
  const canBegin = !sync && token.state === 'valid' && dueAt <= now && dueAt < token.expiresAt;
  if (!canBegin) return false;
  beginSync(kept, dueAt, { endsAt: dueAt + syncDurationMs, ending: 'completed' });
  return true;
}
