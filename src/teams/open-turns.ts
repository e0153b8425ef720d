import { refuse } from '../cards/refusal.ts';
import { isConversationUnknown, type PendingReply, type Reply, SendingError } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Seal } from '../identity/keys.ts';
import { createSharedWork, within } from '../lib/async.ts';
import { newCorrelationId, newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import { type Background, createTakeoverGrace, createWorkerLoop } from '../lib/worker.ts';
import type {
  AbandonedTurn,
  KeptReply,
  OpenTurn,
  ProcessedActivities,
  StoredTurns,
  TurnClaim,
} from '../store/turns.ts';
import type { Keep, SendReply } from './deliver.ts';
import type { Inbound } from './inbound.ts';

interface OpenTurnsParts {
  readonly store: StoredTurns;
  readonly processed: ProcessedActivities;
  readonly sendReply: SendReply;
  /** Replies that Teams did not accept are stored under it. */
  readonly seal: Seal;
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
  /**
   * Keeps a reply that Teams did not accept, and sends it again to its conversation alone, for 15 minutes at most. Its command does not
   * run again. After an error that leaves open if Teams took the reply it may come twice, 30 s apart or more: that is better than none.
   */
  readonly keep: Keep;
  start(): void;
  /** Notifies everybody who still waits for this process, and works on nothing afterwards. */
  handOver(): Promise<void>;
}

const everyMs = 2_000;
const mostAtOnce = 20;
const interruptedEveryMs = 8_000;
/** Teams may not find a conversation for a moment; after this long it is gone. */
const unknownForMs = 5 * minuteMs;

export function createOpenTurns(parts: OpenTurnsParts): OpenTurns {
  const { store, processed, sendReply, seal, background, runtime } = parts;
  const { now, wait, log } = runtime;
  const open = new Map<string, Set<Promise<unknown>>>();
  /** Ended, but still in the store. */
  const ended = new Set<string>();
  const grace = createTakeoverGrace();
  /** Abandoned turns and kept replies that this process is sending. */
  const settling = new Set<string>();

  const { run: endTurns } = createSharedWork(async () => {
    const keys = [...ended];
    if (keys.length === 0) return;
    await store.end(keys);
    for (const key of keys) ended.delete(key);
  });

  /** The turn's lease is renewed meanwhile. Rejects when the store is away; the turn is then tried again after its lease. */
  async function settle(turn: AbandonedTurn): Promise<void> {
    const { key, reply, sealed } = turn;
    settling.add(key);
    try {
      const retryAt = sealed ? await sendKept({ key, reply, sealed }) : await notify(turn);
      if (retryAt === undefined) await store.end([key]);
      else await store.putOff(key, retryAt);
    } finally {
      settling.delete(key);
    }
  }

  /** Resolves to when it is to be tried again; undefined when it is done with. */
  async function notify({ reply }: AbandonedTurn): Promise<number | undefined> {
    try {
      await notifyInterrupted(reply, sendReply, runtime);
      return undefined;
    } catch (error) {
      log.warn({ err: error }, 'nobody could be notified of an interrupted turn');
      if (!(error instanceof SendingError)) return now() + interruptedEveryMs;
      const isGone = isConversationUnknown(error) && now() - reply.at > unknownForMs;
      return error.fault === 'passing' && !isGone ? now() + interruptedEveryMs : undefined;
    }
  }

  /** Resolves as `notify` does. */
  async function sendKept({ key, reply: place, sealed }: KeptReply): Promise<number | undefined> {
    const { giveUpAt } = sealed;
    const opened = now() < giveUpAt ? seal.open(sealed.text, aboutKept(key, place)) : undefined;
    if (opened === undefined) {
      log.error(
        { person: place.personId },
        'an answer that was kept is too old, or sealed with another key; it is given up',
      );
      return undefined;
    }
    try {
      await sendReply(place, JSON.parse(opened) as Reply);
      log.info({ person: place.personId }, 'an answer was delivered late');
      return undefined;
    } catch (error) {
      const retryAt = error instanceof SendingError ? nextTryAt(error, place.at, now()) : undefined;
      if (retryAt === undefined) log.error({ err: error, person: place.personId }, 'an answer is given up');
      return retryAt;
    }
  }

  async function pass(): Promise<number> {
    await store.renewLeases([...open.keys(), ...settling]);
    await endTurns();
    if (grace.coversPass() || settling.size >= mostAtOnce) return everyMs;
    for (const turn of await store.claimAbandoned(mostAtOnce - settling.size)) {
      // In the background, because Teams may take long to answer, and the leases of this process must be renewed meanwhile.
      if (!open.has(turn.key) && !settling.has(turn.key)) background.run(settle(turn));
    }
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
      if (claim === 'abandoned') log.info({ correlationId: inbound.correlationId }, 'an abandoned turn is done again');
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
    async keep({ conversation, locale, messageId, cardId, person, correlationId }, reply, error) {
      const key = newOpaqueId();
      const at = now();
      const place: PendingReply = {
        conversation,
        locale,
        ...(messageId !== undefined && { messageId }),
        ...(cardId !== undefined && { cardId }),
        personId: person?.aadObjectId ?? '',
        at,
      };
      const sealed = {
        text: seal.seal(JSON.stringify(reply), aboutKept(key, place)),
        giveUpAt: at + keptForMs,
      };
      await store.keep({ key, reply: place, sealed }, nextTryAt(error, at, at) ?? at);
      log.warn({ correlationId }, 'an answer that Teams did not accept is kept, and sent again');
    },
    start: loop.start,
    async handOver() {
      await loop.stop();
      const left = [...open.keys()];
      if (left.length === 0) return;
      log.warn({ turns: left.length }, 'turns are interrupted');
      open.clear();
      await store.release(left);
      for (const turn of await store.claimAbandoned(left.length)) await settle(turn);
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

const keptForMs = 15 * minuteMs;
/** Leaves time to send a kept reply once more before it is given up. */
const lastTryMs = 10_000;

/** A kept reply opens only for the place and person that it was written for. */
const aboutKept = (key: string, { conversation, cardId = '', personId }: PendingReply) =>
  JSON.stringify(['reply', key, conversation.tenantId, conversation.id, cardId, personId]);

/**
 * When a reply kept since `keptAt` is to be tried again; undefined when that would be too late or cannot help. Each wait is as long
 * as all before it; while Teams certainly did not take the reply, a minute at most.
 */
function nextTryAt(error: SendingError, keptAt: number, now: number): number | undefined {
  if (error.fault !== 'passing') return undefined;
  const elapsedMs = now - keptAt;
  const usualMs = error.mayBeTaken ? Math.max(30_000, elapsedMs) : Math.min(minuteMs, Math.max(5_000, elapsedMs));
  const at = Math.min(now + Math.max(usualMs, error.retryAfterMs ?? 0), keptAt + keptForMs - lastTryMs);
  return at > now ? at : undefined;
}

async function notifyInterrupted(place: PendingReply, sendReply: SendReply, { log }: Runtime): Promise<void> {
  const { conversation, locale, personId } = place;
  const correlationId = newCorrelationId();
  const where = { conversation: conversation.id, where: conversation.kind };
  log.info({ correlationId, person: personId, ...where }, 'a turn was interrupted');
  const refusal = refuse({ locale, correlationId }, textsFor(locale).errors.interrupted);
  await sendReply(place, refusal);
}
