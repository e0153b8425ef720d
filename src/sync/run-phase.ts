import { isSyncOutcome, type SyncOutcome, type TokenPhase, type Untimed } from '../cards/token-phase.ts';
import { type Change, changesBetween, type LicensesTold, wasStoppedAsking } from '../domain/licenses.ts';
import { failedWithoutProgress, firstProgressMs, isLater, type TokenRun } from '../domain/sync-run.ts';
import { findInstant } from '../lib/time.ts';

export interface PhaseContext {
  /** Epoch milliseconds: a run that has gone on for a while by then says for how long. */
  readonly now?: number;
  /** Who began the sync that was joined. */
  readonly leaderName?: string | undefined;
}

/** What a token's card says of a run: that it goes on, or its receipt. */
export function phaseOf(run: TokenRun, { now, leaderName }: PhaseContext = {}): TokenPhase {
  const { startedAt, endedAt, outcome, after } = run;
  const usual = run.usualMs === undefined ? {} : { usualMs: run.usualMs };
  if (endedAt === undefined || outcome === undefined || !isSyncOutcome(outcome)) {
    const since = findBeginning(run);
    const elapsedMs = now === undefined || since === undefined ? 0 : now - since;
    const joined = { alreadyRunning: true as const, ...(leaderName && { byName: leaderName }) };
    return {
      ...{ kind: 'running', ...usual },
      ...(since !== undefined && { startedAt: since }),
      ...(elapsedMs >= firstProgressMs && { elapsedMs }),
      ...(run.joined && { joined }),
    };
  }
  const durationMs = isSeenToEnd(outcome) ? run.tookMs : Math.max(0, endedAt - startedAt);
  const licenses = isSeenToEnd(outcome) ? licensesToldOf(run) : undefined;
  return {
    ...{ kind: 'ended', outcome, ...usual },
    ...(durationMs === undefined ? { untimed: untimedOf(run) } : { durationMs }),
    ...(run.refusal !== undefined && { refusal: run.refusal }),
    ...(wasStoppedAsking(run.licensesBefore) && { stoppedAsking: true }),
    ...(outcome === 'failed' && standingDateOf(run)),
    changes: after ? listChanges(run) : [],
    ...(licenses && { licenses }),
  };
}

/**
 * Since when the sync has gone on, as far as is known: of one that was begun elsewhere, since Intune last touched the token before
 * it was joined.
 */
function findBeginning({ joined, joinedSince, startedAt, before }: TokenRun): number | undefined {
  if (!joined) return startedAt;
  if (joinedSince !== undefined || before.lastSyncStatus !== 'inProgress') return joinedSince;
  const touchedAt = findInstant(before.lastModifiedDateTime);
  return touchedAt === undefined ? undefined : Math.min(touchedAt, startedAt);
}

function untimedOf(run: TokenRun): Untimed {
  if (run.joined && run.joinedSince === undefined) return 'joined';
  return run.after && failedWithoutProgress(run, run.after) ? 'unseen' : 'restarted';
}

/** Intune's date of the last sync where a failure did not move it. */
function standingDateOf({ before, after }: TokenRun): { readonly standingDate?: string } {
  const standingDate = after?.lastSyncDateTime;
  return standingDate === undefined || isLater(standingDate, before.lastSyncDateTime) ? {} : { standingDate };
}

/** Only a sync that really ended has licences to compare, and a duration that is its own. */
export const isSeenToEnd = (outcome: SyncOutcome): boolean => outcome === 'completed' || outcome === 'failed';

/** What a run changed on its token and the token's apps, the largest first. */
export function listChanges({ before, after, licenses }: TokenRun): Change[] {
  const apps = licenses?.kind === 'compared' ? licenses.apps : [];
  return after ? [...changesBetween(before, after), ...apps] : [];
}

function licensesToldOf({ licenses, toldAt }: TokenRun): LicensesTold {
  if (!licenses) return { kind: toldAt === undefined ? 'pending' : 'notCompared' };
  return licenses.kind === 'compared' ? { kind: 'compared', approximate: licenses.approximate } : licenses;
}
