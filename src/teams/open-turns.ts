import { refuse } from '../cards/refusal.ts';
import { type PendingReply, SendingError } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { newCorrelationId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Background, createTakeoverGrace, createWorkerLoop } from '../lib/worker.ts';
import type { AbandonedTurn, OpenTurn, ProcessedActivities, StoredTurns, TurnClaim } from '../store/turns.ts';
import type { Inbound } from './inbound.ts';
import type { Outbox } from './outbox.ts';

interface OpenTurnsParts {
  readonly store: StoredTurns;
  readonly processed: ProcessedActivities;
  readonly outbox: Outbox;
  readonly background: Background;
  readonly runtime: Runtime;
}

/**
 * The turns of this process, from their activity to their last message. A turn whose process dies is done by whoever gets the
 * activity again after its lease has expired, or else its person is notified that it was interrupted.
 */
export interface OpenTurns {
  /** Anything but `repeat` is to be done. Rejects while the store is away. */
  claim(inbound: Inbound): Promise<TurnClaim>;
  /** Runs work in the background. The activity's turn lasts until the work has ended. */
  run(inbound: Inbound, work: Promise<unknown>): void;
  /** Call when Teams has its answer. Resolves when all work of the turn has ended, and the turn with it. Never rejects. */
  answered(inbound: Inbound): Promise<void>;
  start(): void;
  /** Notifies everybody who still waits for this process, and works on nothing afterwards. */
  handOver(): Promise<void>;
}

const everyMs = 2_000;
const mostAtOnce = 20;

export function createOpenTurns({ store, processed, outbox, background, runtime }: OpenTurnsParts): OpenTurns {
  const { now, wait, log } = runtime;
  const open = new Map<string, Set<Promise<unknown>>>();
  /** Ended, but still in the store. */
  const ended = new Set<string>();
  const grace = createTakeoverGrace();

  async function endTurns(): Promise<void> {
    const keys = [...ended];
    await store.end(keys);
    for (const key of keys) ended.delete(key);
  }

  async function notify({ key, reply }: AbandonedTurn): Promise<void> {
    try {
      await notifyInterrupted(reply, outbox, runtime);
    } catch (error) {
      log.warn({ err: error }, 'nobody could be notified of an interrupted turn');
      // The turn stays stored, so it is tried again when its lease has expired.
      if (!(error instanceof SendingError) || error.fault === 'passing') return;
    }
    await store.end([key]);
  }

  async function pass(): Promise<number> {
    await store.renewLeases([...open.keys()]);
    await endTurns();
    if (grace.coversPass()) return everyMs;
    for (const turn of await store.claimAbandoned(mostAtOnce)) if (!open.has(turn.key)) await notify(turn);
    return everyMs;
  }

  const loop = createWorkerLoop({
    pass,
    wait,
    longestRestMs: everyMs,
    onFailure(error) {
      grace.begin();
      log.warn({ err: error }, 'open turns could not be renewed');
    },
  });

  return {
    async claim(inbound) {
      const { key } = inbound;
      if (key === undefined) return 'new';
      const turn = findTurn(inbound);
      if (!turn) return (await processed.claim(key, now())) ? 'new' : 'repeat';
      const claim = await store.claim({ key, ...turn });
      if (claim !== 'repeat') open.set(key, new Set());
      if (claim === 'abandoned') log.info({ correlationId: inbound.correlationId }, 'an abandoned turn is done anew');
      return claim;
    },
    run({ key }, work) {
      background.run(work);
      if (key !== undefined) open.get(key)?.add(work);
    },
    async answered({ key }) {
      const work = key === undefined ? undefined : open.get(key);
      if (key === undefined || !work) return;
      const done = Promise.allSettled(work).then(() => true);
      if (!(await within(0, done))) {
        await store.markAnswered(key).catch(() => undefined);
        await done;
      }
      open.delete(key);
      ended.add(key);
      await endTurns().catch((error: unknown) => log.warn({ err: error }, 'the end of a turn is stored later'));
    },
    start: loop.start,
    async handOver() {
      await loop.stop();
      const left = [...open.keys()];
      if (left.length === 0) return;
      log.warn({ turns: left.length }, 'turns are interrupted');
      open.clear();
      await store.release(left);
      for (const turn of await store.claimAbandoned(left.length)) await notify(turn);
    },
  };
}

/** Teams repeats a message without an answer after 15 s; whoever gets it by then does it. */
const repeatedWithinMs = 25_000;

/** The client shows a press or sign-in that gets no answer as failed, so a person waits only once the bot has answered. */
const invokesWithReply: ReadonlySet<string> = new Set([
  'adaptiveCard/action',
  'signin/tokenExchange',
  'signin/verifyState',
]);

/** Undefined when nobody waits for a reply to the activity. */
function findTurn(inbound: Inbound): Omit<OpenTurn, 'key'> | undefined {
  const isMessage = inbound.kind === 'message';
  if (!inbound.turn || !(isMessage || (inbound.kind === 'invoke' && invokesWithReply.has(inbound.name))))
    return undefined;
  const { conversation, locale, messageId, person, at } = inbound.turn;
  const reply = { conversation, locale, ...(messageId && { messageId }), personId: person.aadObjectId, at };
  return isMessage ? { reply, notifyFrom: at + repeatedWithinMs } : { reply };
}

async function notifyInterrupted(
  { conversation, locale, messageId, personId }: PendingReply,
  outbox: Outbox,
  { log }: Runtime,
): Promise<void> {
  const correlationId = newCorrelationId();
  const where = { conversation: conversation.id, where: conversation.kind };
  log.info({ correlationId, person: personId, ...where }, 'a turn was interrupted');
  const refusal = refuse({ locale, correlationId }, textsFor(locale).errors.interrupted);
  await outbox.send(conversation, locale, refusal, messageId);
}
