import { withKnownNames } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardReply } from '../domain/turn.ts';
import { untilAborted } from '../lib/async.ts';
import type { SyncRuns } from '../store/sync-runs.ts';
import type { CardSent } from './card-sent.ts';
import { type CardWall, callBackAfterMs, cardEditEveryMs } from './card-wall.ts';
import type { KeepTryingParts } from './keep-trying.ts';
import type { Licenses } from './licenses.ts';
import type { LiveCard } from './live-card.ts';
import type { EndedRun } from './run-board.ts';
import { isSeenToEnd, phaseOf } from './run-phase.ts';
import { tell } from './tell.ts';
import type { TokenViews } from './token-view.ts';

export interface TellRunParts extends KeepTryingParts {
  readonly runs: SyncRuns<VppToken>;
  readonly views: TokenViews;
  readonly wall: CardWall;
  readonly licenses: Pick<Licenses, 'compare'>;
  readonly cardSent: Pick<CardSent, 'waitFor' | 'forget'>;
  readonly log: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Tells how a run ended on its own card, as `tell` does. Rejects also when the signal aborts. */
export type TellRun = (run: EndedRun, card: LiveCard, signal: AbortSignal) => Promise<void>;

export function createTellRun(parts: TellRunParts): TellRun {
  const { runs, views, wall, now, wait, log } = parts;

  return async (ended, card, signal) => {
    // Whether the card of a run that is taken up was ever sent is settled.
    const sentId = ended.isTakenUp ? undefined : await untilAborted(parts.cardSent.waitFor(ended.id), signal);
    if (sentId !== undefined) card.sentId = sentId;
    await card.writing;
    let run = ended;
    const telling = {
      endedAt: run.endedAt,
      complete: async () => {
        run = await withLicenses(run, signal);
      },
      write: () => write(run, card, signal),
      markTold: () => runs.markTold(run.id, now()),
      callBack: (receipt: CardReply) => callBack(run, card, receipt),
      mayBeOverwritten: () => card.mayBeOverwritten || run.isTakenUp === true,
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
    if (stored && (await runs.isOvertaken(stored))) return reply;
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
