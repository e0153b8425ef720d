import { isSyncOutcome } from '../cards/token-phase.ts';
import { firstProgressMs, type TokenRun } from '../domain/sync-run.ts';
import { cardEditEveryMs } from './card-wall.ts';
import { createLiveCard, type LiveCard } from './live-card.ts';
import type { EndedRun, RunBoard } from './run-board.ts';
import { createRunProgress, type RunProgressParts } from './run-progress.ts';
import { createTellRun, type TellRunParts } from './tell-run.ts';

export interface ReceiptBoardParts extends TellRunParts {
  readonly onEnd: (outcome: string, tenantId: string) => void;
  readonly log: TellRunParts['log'] & RunProgressParts['log'];
}

/** The cards of runs that have one of their own: their progress while they go on, their receipts at the end. */
export interface ReceiptBoard extends RunBoard {
  /** Tells an end that another process left untold. */
  takeUp(run: TokenRun): void;
  /** Ids of the runs whose ends are being told here. */
  list(): string[];
  /** Writes no more; what is untold stays stored for the next process. */
  stop(): Promise<void>;
}

export function createReceiptBoard(parts: ReceiptBoardParts): ReceiptBoard {
  const { runs, now, log } = parts;
  const stopping = new AbortController();
  const cards = new Map<string, LiveCard>();
  const telling = new Map<string, Promise<void>>();
  const showProgress = createRunProgress(parts);
  const tellRun = createTellRun(parts);

  /** A card of an earlier process may have been edited a moment ago. */
  function cardOf(run: TokenRun): LiveCard {
    const card =
      cards.get(run.id) ?? createLiveCard(Math.max(run.startedAt + firstProgressMs, now() + cardEditEveryMs));
    cards.set(run.id, card);
    return card;
  }

  function tell(run: EndedRun): void {
    if (stopping.signal.aborted || telling.has(run.id)) return;
    const card = cardOf(run);
    card.hasEnded = true;
    const told = tellRun(run, card, stopping.signal)
      .catch(async (error: unknown) => {
        if (stopping.signal.aborted) return;
        log.error({ err: error, runId: run.id }, 'a receipt could not be delivered');
        await runs.markTold(run.id, now());
      })
      .catch((error: unknown) =>
        log.error({ err: error, runId: run.id }, 'a receipt was given up and may be tried anew'),
      )
      .finally(() => {
        telling.delete(run.id);
        cards.delete(run.id);
      });
    telling.set(run.id, told);
  }

  return {
    showGoingOn(run, seen) {
      if (!stopping.signal.aborted) showProgress(run, cardOf(run), seen);
    },
    async showEnd(run) {
      parts.onEnd(run.outcome, run.tenantId);
      tell(run);
    },
    // Whoever stored it tells it, or leaves it to be taken up.
    async showStoredEnd({ id }) {
      cards.delete(id);
      parts.cardSent.forget(id);
    },
    takeUp(run) {
      const { outcome = 'lost', endedAt = run.startedAt, after = run.before } = run;
      if (isSyncOutcome(outcome)) tell({ ...run, outcome, endedAt, after, isTakenUp: true });
    },
    list: () => [...telling.keys()],
    async stop() {
      stopping.abort();
      await Promise.all([...telling.values(), ...[...cards.values()].map(({ writing }) => writing)]);
    },
  };
}
