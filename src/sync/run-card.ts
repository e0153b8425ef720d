import { withKnownNames } from '../domain/licenses.ts';
import { type EndedRun, firstProgressMs, nextProgressInMs, type SyncRun, type SyncRuns } from '../domain/sync-run.ts';
import { type CardReply, SendingError } from '../domain/turn.ts';
import { untilAborted } from '../lib/async.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type CardMessenger, type CardSent, cardEditEveryMs, mentionAfterMs } from './card-messenger.ts';
import type { Licenses } from './licenses.ts';
import { reportEnd } from './report-end.ts';
import type { RunReporter, SeenToken } from './run-reporter.ts';
import { isSeenToEnd, phaseOf, type TokenViews } from './token-view.ts';

interface RunCardParts {
  readonly runtime: Runtime;
  readonly runs: SyncRuns;
  readonly views: TokenViews;
  readonly messenger: CardMessenger;
  readonly licenses: Licenses;
  readonly cardSent: CardSent;
}

/** The cards of runs that have one of their own: progress while they go on, a receipt at the end. */
interface RunCard extends RunReporter {
  /** Reports an end that another process left unreported. */
  takeOver(run: SyncRun): void;
  /** Ids of the runs whose ends are being reported here. */
  list(): string[];
  /** Writes no more; unreported ends stay stored for the next process. */
  stop(): Promise<void>;
}

export function createRunCard(parts: RunCardParts): RunCard {
  const { runs, cardSent } = parts;
  const { now, log } = parts.runtime;
  const stopping = new AbortController();
  const cards = new Map<string, LiveCard>();
  const reporting = new Map<string, Promise<void>>();
  const showProgress = createShowProgress(parts);
  const reportRun = createReportRun(parts);

  /** Another process may have edited the card a moment ago, so its first edit here waits like any other. */
  function cardOf(run: SyncRun): LiveCard {
    const card =
      cards.get(run.id) ?? createLiveCard(Math.max(run.startedAt + firstProgressMs, now() + cardEditEveryMs));
    cards.set(run.id, card);
    return card;
  }

  function report(run: EndedRun): void {
    if (stopping.signal.aborted || reporting.has(run.id)) return;
    const card = cardOf(run);
    card.hasEnded = true;
    const reported = reportRun(run, card, stopping.signal)
      .catch(async (error: unknown) => {
        if (stopping.signal.aborted) return;
        log.error({ err: error, runId: run.id }, 'a receipt could not be delivered');
        await runs.markReported(run.id, now());
      })
      .catch((error: unknown) =>
        log.error({ err: error, runId: run.id }, 'a receipt could not be marked as given up; it may be tried again'),
      )
      .finally(() => {
        reporting.delete(run.id);
        cards.delete(run.id);
      });
    reporting.set(run.id, reported);
  }

  return {
    showProgress(run, seen) {
      if (!stopping.signal.aborted) showProgress(run, cardOf(run), seen);
    },
    async showEnd(run) {
      report(run);
    },
    // The process that stored the end reports it, or leaves it to be taken over.
    async showStoredEnd({ id }) {
      cards.delete(id);
      cardSent.forget(id);
    },
    takeOver(run) {
      const { outcome = 'lost', endedAt = run.startedAt, after = run.before } = run;
      if (outcome !== 'refused') report({ ...run, outcome, endedAt, after, isTakenOver: true });
    },
    list: () => [...reporting.keys()],
    async stop() {
      stopping.abort();
      await Promise.all([...reporting.values(), ...[...cards.values()].map(({ editing }) => editing)]);
    },
  };
}

/** State of one run's card while this process edits it. Times are epoch milliseconds. */
interface LiveCard {
  /** When the last edit was answered, whatever the answer. */
  lastEditAt: number;
  /** Progress is shown from then on. */
  progressDueAt: number;
  /** A progress edit under way. */
  editing: Promise<void> | undefined;
  /** A progress edit had no answer and may still arrive, after whatever is written next. */
  mayBeOverwritten: boolean;
  /** From now on only the receipt is written. */
  hasEnded: boolean;
  /** Ids of the stored records behind the buttons: one of the running card, another of the receipt. */
  progressRecordId?: string;
  receiptRecordId?: string;
  /** Message id of the first card, stored or not, or of the receipt when it was posted instead. */
  sentId?: string;
}

const createLiveCard = (progressDueAt: number): LiveCard => ({
  lastEditAt: Number.NEGATIVE_INFINITY,
  progressDueAt,
  editing: undefined,
  mayBeOverwritten: false,
  hasEnded: false,
});

/** Shows on a run's card how long it has been running, when that is due. A failed edit is not retried: the next one says more. */
function createShowProgress({ runtime, runs, views, messenger }: RunCardParts) {
  const { now, log } = runtime;

  async function edit(run: SyncRun, card: LiveCard, seen: SeenToken): Promise<void> {
    const stored = await runs.find(run.id);
    if (!stored?.activityId || stored.phase === 'ended') return;
    const leader = run.joined ? await runs.findLeader(run.tenantId, run.tokenId) : undefined;
    const view = {
      locale: run.locale,
      timeZone: run.requester.timeZone,
      conversation: run.conversation,
      token: withKnownNames(run.before, seen.token),
      phase: phaseOf(run, { now: now(), leaderName: leader?.requester.name }),
      requestedBy: run.requester.name,
      readAt: seen.at,
    };
    card.progressRecordId ??= await views.record(view, run.id);
    // The end may have been seen meanwhile: then the receipt is already waiting for this edit.
    if (card.hasEnded) return;
    await messenger
      .tryWriting(run.conversation, stored.activityId, views.drawWith(view, card.progressRecordId))
      .finally(() => {
        card.lastEditAt = now();
      });
    card.mayBeOverwritten = false;
  }

  return (run: SyncRun, card: LiveCard, seen: SeenToken): void => {
    if (card.hasEnded || card.editing || now() < card.progressDueAt) return;
    card.progressDueAt = now() + nextProgressInMs(now() - run.startedAt);
    card.editing = edit(run, card, seen)
      .catch((error: unknown) => {
        log.info({ err: error, runId: run.id }, 'the progress of a sync could not be shown');
        if (!(error instanceof SendingError)) return;
        card.mayBeOverwritten = error.mayBeTaken;
        card.progressDueAt = Math.max(card.progressDueAt, now() + (error.retryAfterMs ?? 0));
      })
      .finally(() => {
        card.editing = undefined;
      });
  };
}

/** Reports a run's end on its own card, as `reportEnd` does. Rejects also when the signal aborts. */
function createReportRun({ runtime, runs, views, messenger, licenses, cardSent }: RunCardParts) {
  const { now, wait, log } = runtime;

  /** Stored with the run, so that its receipt says the same whenever it is drawn. */
  async function withLicenses(run: EndedRun, signal: AbortSignal): Promise<EndedRun> {
    if (!isSeenToEnd(run.outcome) || run.licenses) return run;
    const comparing = untilAborted(licenses.compare([run], signal), signal);
    const compared = (await comparing.catch(() => undefined))?.get(run.id);
    if (!compared) return run;
    await runs.setLicenses(run.id, compared).catch((error: unknown) => {
      log.error({ err: error, runId: run.id }, 'the licenses of a sync could not be stored');
    });
    return { ...run, licenses: compared };
  }

  /** Writes the receipt, unless a later sync uses the card by now. */
  async function write(run: EndedRun, card: LiveCard, signal: AbortSignal): Promise<CardReply> {
    const waitMs = card.lastEditAt + cardEditEveryMs - now();
    // A clock that was set back must not make the wait longer.
    if (waitMs > 0) await wait(Math.min(waitMs, cardEditEveryMs), signal);
    signal.throwIfAborted();
    const stored = await runs.find(run.id);
    const alert = await views.findAlert(stored ?? run);
    const view = {
      locale: run.locale,
      timeZone: run.requester.timeZone,
      conversation: run.conversation,
      token: withKnownNames(run.before, run.after),
      phase: phaseOf(run),
      requestedBy: run.requester.name,
      readAt: run.endedAt,
      ...(alert && { alert }),
    };
    card.receiptRecordId ??= await views.record(view, run.id);
    const reply = views.drawWith(view, card.receiptRecordId);
    if (stored && (await runs.isSuperseded(stored))) return reply;
    const cardId = stored?.activityId ?? card.sentId;
    const written = await messenger.write(run.conversation, cardId, reply, run.messageId);
    card.lastEditAt = now();
    if (written !== undefined) card.sentId = written;
    if (written !== undefined && written !== stored?.activityId) await runs.setCard(run.id, written);
    return reply;
  }

  async function mention(run: EndedRun, card: LiveCard, { summary }: CardReply): Promise<void> {
    if (run.endedAt - run.startedAt <= mentionAfterMs) return;
    await messenger.mention(run.conversation, run.requester, summary, run.messageId ?? card.sentId);
  }

  return async (ended: EndedRun, card: LiveCard, signal: AbortSignal): Promise<void> => {
    // Only the process that began the run knows of a first card that is still to be sent.
    const sentId = ended.isTakenOver ? undefined : await untilAborted(cardSent.waitFor(ended.id), signal);
    if (sentId !== undefined) card.sentId = sentId;
    await card.editing;
    let run = ended;
    const report = {
      endedAt: run.endedAt,
      complete: async () => {
        run = await withLicenses(run, signal);
      },
      write: () => write(run, card, signal),
      markReported: () => runs.markReported(run.id, now()),
      mention: (receipt: CardReply) => mention(run, card, receipt),
      mayBeOverwritten: () => card.mayBeOverwritten || run.isTakenOver === true,
      onFailure: (error: unknown, retryInMs: number) =>
        log.warn({ err: error, runId: run.id, retryInMs }, 'the receipt of a sync is retried later'),
    };
    await reportEnd(report, signal, runtime);
  };
}
