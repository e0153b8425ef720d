import { withKnownNames } from '../domain/licenses.ts';
import { nextProgressInMs, type TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { SendingError } from '../domain/turn.ts';
import type { SyncRuns } from '../store/sync-runs.ts';
import type { CardWall } from './card-wall.ts';
import type { LiveCard } from './live-card.ts';
import { phaseOf } from './run-phase.ts';
import type { TokenViews } from './token-view.ts';

export interface RunProgressParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'find' | 'findLeader'>;
  readonly views: TokenViews;
  readonly wall: Pick<CardWall, 'tryWriting'>;
  readonly now: () => number;
  readonly log: { info(fields: object, message: string): void };
}

/** Shows on a run's card for how long it has gone on, when that is due; what cannot be shown is shown the next time. */
export type ShowProgress = (
  run: TokenRun,
  card: LiveCard,
  seen: { readonly token: VppToken; readonly at: number },
) => void;

export function createRunProgress({ runs, views, wall, now, log }: RunProgressParts): ShowProgress {
  return (run, card, seen) => {
    if (card.hasEnded || card.writing || now() < card.progressDueAt) return;
    card.progressDueAt = now() + nextProgressInMs(now() - run.startedAt);
    card.writing = write(run, card, seen)
      .catch((error: unknown) => {
        log.info({ err: error, runId: run.id }, 'the progress of a sync could not be shown');
        if (!(error instanceof SendingError)) return;
        card.mayBeOverwritten = error.mayBeTaken;
        card.progressDueAt = Math.max(card.progressDueAt, now() + (error.retryAfterMs ?? 0));
      })
      .finally(() => {
        card.writing = undefined;
      });
  };

  async function write(run: TokenRun, card: LiveCard, seen: Parameters<ShowProgress>[2]): Promise<void> {
    const stored = await runs.find(run.id);
    if (!stored?.activityId || stored.phase === 'ended') return;
    const leader = run.joined ? await runs.findLeader(run.tenantId, run.tokenId) : undefined;
    const view = {
      locale: run.locale,
      conversation: run.conversation,
      token: withKnownNames(run.before, seen.token),
      phase: phaseOf(run, { now: now(), leaderName: leader?.requester.name }),
      requestedBy: run.requester.name,
      readAt: seen.at,
    };
    card.progressPressId ??= await views.record(view, run.id);
    // The end may have been seen meanwhile; it waits for this edit, not the other way round.
    if (card.hasEnded) return;
    await wall
      .tryWriting(run.conversation, stored.activityId, views.drawWith(view, card.progressPressId))
      .finally(() => {
        card.lastEditAt = now();
      });
    card.mayBeOverwritten = false;
  }
}
