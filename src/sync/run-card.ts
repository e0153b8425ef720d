import { isSyncOutcome } from '../cards/token-phase.ts';
import { withKnownNames } from '../domain/licenses.ts';
import { type EndedRun, firstProgressMs, nextProgressInMs, type SyncRuns, type TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { type CardReply, SendingError } from '../domain/turn.ts';
import { untilAborted } from '../lib/async.ts';
import {
  type CardMessenger,
  type CardSent,
  callBackAfterMs,
  cardEditEveryMs,
  type KeepTryingParts,
  tell,
} from './card-messenger.ts';
import type { RunReporter } from './follow.ts';
import type { Licenses } from './licenses.ts';
import { isSeenToEnd, phaseOf, type TokenViews } from './token-view.ts';

interface RunCardParts extends ReportRunParts {
  readonly onEnd: (outcome: string, tenantId: string) => void;
  readonly log: ReportRunParts['log'] & RunProgressParts['log'];
}

/** The cards of runs that have one of their own: their progress while they go on, their receipts at the end. */
interface RunCard extends RunReporter {
  /** Tells an end that another process left untold. */
  takeOver(run: TokenRun): void;
  /** Ids of the runs whose ends are being told here. */
  list(): string[];
  /** Writes no more; what is untold stays stored for the next process. */
  stop(): Promise<void>;
}

export function createRunCard(parts: RunCardParts): RunCard {
  const { runs, now, log } = parts;
  const stopping = new AbortController();
  const cards = new Map<string, LiveCard>();
  const telling = new Map<string, Promise<void>>();
  const showProgress = createRunProgress(parts);
  const tellRun = createReportRun(parts);

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
        await runs.markReported(run.id, now());
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
    takeOver(run) {
      const { outcome = 'lost', endedAt = run.startedAt, after = run.before } = run;
      if (isSyncOutcome(outcome)) tell({ ...run, outcome, endedAt, after, isTakenOver: true });
    },
    list: () => [...telling.keys()],
    async stop() {
      stopping.abort();
      await Promise.all([...telling.values(), ...[...cards.values()].map(({ writing }) => writing)]);
    },
  };
}

interface ReportRunParts extends KeepTryingParts {
  readonly runs: SyncRuns<VppToken>;
  readonly views: TokenViews;
  readonly wall: CardMessenger;
  readonly licenses: Pick<Licenses, 'compare'>;
  readonly cardSent: Pick<CardSent, 'waitFor' | 'forget'>;
  readonly log: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Tells how a run ended on its own card, as `tell` does. Rejects also when the signal aborts. */
type TellRun = (run: EndedRun, card: LiveCard, signal: AbortSignal) => Promise<void>;

function createReportRun(parts: ReportRunParts): TellRun {
  const { runs, views, wall, now, wait, log } = parts;

  return async (ended, card, signal) => {
    // Whether the card of a run that is taken up was ever sent is settled.
    const sentId = ended.isTakenOver ? undefined : await untilAborted(parts.cardSent.waitFor(ended.id), signal);
    if (sentId !== undefined) card.sentId = sentId;
    await card.writing;
    let run = ended;
    const telling = {
      endedAt: run.endedAt,
      complete: async () => {
        run = await withLicenses(run, signal);
      },
      write: () => write(run, card, signal),
      markTold: () => runs.markReported(run.id, now()),
      callBack: (receipt: CardReply) => callBack(run, card, receipt),
      mayBeOverwritten: () => card.mayBeOverwritten || run.isTakenOver === true,
      onFailure: (error: unknown, retryInMs: number) =>
        log.warn({ err: error, runId: run.id, retryInMs }, 'the end of a sync is told later'),
    };
    await tell(telling, signal, parts);
  };

  /** Kept with the run, so that its receipt says the same whenever it is drawn. */
  async function withLicenses(run: EndedRun, signal: AbortSignal): Promise<EndedRun> {
    if (!isSeenToEnd(run.outcome) || run.licenses) return run;
    const comparing = untilAborted(parts.licenses.compare([run], signal), signal);
    const licenses = (await comparing.catch(() => undefined))?.get(run.id);
    if (!licenses) return run;
    await runs.setLicenses(run.id, licenses).catch((error: unknown) => {
      log.error({ err: error, runId: run.id }, 'the licences of a sync could not be kept');
    });
    return { ...run, licenses };
  }

  /** Writes the receipt, unless the card has become another sync's meanwhile. */
  async function write(run: EndedRun, card: LiveCard, signal: AbortSignal): Promise<CardReply> {
    const waitMs = card.lastEditAt + cardEditEveryMs - now();
    // A clock that was set back makes nobody wait longer.
    if (waitMs > 0) await wait(Math.min(waitMs, cardEditEveryMs), signal);
    signal.throwIfAborted();
    const view = {
      locale: run.locale,
      conversation: run.conversation,
      token: withKnownNames(run.before, run.after),
      phase: phaseOf(run),
      requestedBy: run.requester.name,
      readAt: run.endedAt,
    };
    card.receiptPressId ??= await views.record(view, run.id);
    const reply = views.drawWith(view, card.receiptPressId);
    const stored = await runs.find(run.id);
    if (stored && (await runs.isSuperseded(stored))) return reply;
    const cardId = stored?.activityId ?? card.sentId;
    const written = await wall.write(run.conversation, cardId, reply, run.messageId);
    card.lastEditAt = now();
    if (written !== undefined) card.sentId = written;
    if (written !== undefined && written !== stored?.activityId) await runs.setCard(run.id, written);
    return reply;
  }

  async function callBack(run: EndedRun, card: LiveCard, { summary }: CardReply): Promise<void> {
    if (run.endedAt - run.startedAt <= callBackAfterMs) return;
    await wall.mention(run.conversation, run.requester, summary, run.messageId ?? card.sentId);
  }
}

interface RunProgressParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'find' | 'findLeader'>;
  readonly views: TokenViews;
  readonly wall: Pick<CardMessenger, 'tryWriting'>;
  readonly now: () => number;
  readonly log: { info(fields: object, message: string): void };
}

/** Shows on a run's card for how long it has gone on, when that is due; what cannot be shown is shown the next time. */
type ShowProgress = (run: TokenRun, card: LiveCard, seen: { readonly token: VppToken; readonly at: number }) => void;

function createRunProgress({ runs, views, wall, now, log }: RunProgressParts): ShowProgress {
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

/** What this process knows of the card of one run while it writes on it. Times are epoch milliseconds. */
interface LiveCard {
  /** When the last edit had its answer, whichever. */
  lastEditAt: number;
  /** Progress is shown from then on. */
  progressDueAt: number;
  /** An edit that shows progress, under way. */
  writing: Promise<void> | undefined;
  /** Such an edit had no answer and may still arrive, after whatever is written next. */
  mayBeOverwritten: boolean;
  /** Nothing but the receipt is written any more. */
  hasEnded: boolean;
  /** The stored record behind the buttons of its running card, then another of its receipt. */
  progressPressId?: string;
  receiptPressId?: string;
  /** The message that the run's card was sent as, kept or not, or that the receipt was sent as for want of a card. */
  sentId?: string;
}

const createLiveCard = (progressDueAt: number): LiveCard => ({
  lastEditAt: Number.NEGATIVE_INFINITY,
  progressDueAt,
  writing: undefined,
  mayBeOverwritten: false,
  hasEnded: false,
});
