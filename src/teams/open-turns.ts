import { refuse } from '../cards/refusal.ts';
import { type PendingReply, SendingError } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { newCorrelationId } from '../lib/ids.ts';
import type { Background } from '../lib/worker.ts';
import { createTakeoverGrace, createWorkerLoop } from '../lib/worker.ts';
import type { NewTurn, ProcessedActivities, StoredTurns } from '../store/turns.ts';
import type { Inbound, InboundMessage } from './inbound.ts';
import type { Outbox } from './outbox.ts';

interface OpenTurnsParts {
  readonly store: StoredTurns;
  readonly processed: Pick<ProcessedActivities, 'claim'>;
  /** Answers a message that came again because its first turn was cut short. Never rejects. */
  readonly answer: (inbound: InboundMessage) => Promise<void>;
  /** Tells whoever waits that their turn was cut short. Rejects with a SendingError. */
  readonly tell: (owed: PendingReply) => Promise<void>;
  /** Whether a sync was begun in the turn before it was cut short: that is told of on its own card. */
  readonly hasBegunSync: (owed: PendingReply) => Promise<boolean>;
  readonly background: Background;
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Turns from their activity to the last word to it: one whose process dies is answered by another, or told of as cut short. */
export interface OpenTurns {
  /**
   * True for exactly one caller per activity, across processes and restarts. A message that comes again is answered after all when its
   * first turn turns out to be cut short. Rejects when the store is away.
   */
  claim(inbound: Inbound): Promise<boolean>;
  /** The turn that the activity began is not over before this is. */
  run(inbound: Inbound, work: Promise<unknown>): void;
  /** Teams has its answer, so it sends nothing again. The turn is over when all that was added to it is. Never rejects. */
  answered(inbound: Inbound): Promise<void>;
  start(): void;
  /** Tells whoever still waits for this process that it cuts their turns short; it works on none afterwards. */
  handOver(): Promise<void>;
}

const everyMs = 2_000;
const mostAtOnce = 20;
const mostRetries = 1_000;

export function createOpenTurns(parts: OpenTurnsParts): OpenTurns {
  const { store, log, now } = parts;
  const working = new Map<string, Set<Promise<unknown>>>();
  /** Over, and not yet taken off the store. */
  const over = new Set<string>();
  const retries = new Map<string, InboundMessage>();
  const grace = createTakeoverGrace();

  function add(key: string | undefined, work: Promise<unknown>): void {
    if (key !== undefined) working.get(key)?.add(work);
  }

  async function answered(key: string | undefined): Promise<void> {
    const works = key === undefined ? undefined : working.get(key);
    if (key === undefined || !works) return;
    const done = Promise.allSettled(works).then(() => true);
    if (!(await within(0, done))) {
      await store.markAnswered(key).catch(() => undefined);
      await done;
    }
    working.delete(key);
    over.add(key);
    await removeWhatIsOver().catch((error: unknown) => log.warn({ err: error }, 'the end of a turn is noted later'));
  }

  async function removeWhatIsOver(): Promise<void> {
    const keys = [...over];
    await store.remove(keys);
    for (const key of keys) over.delete(key);
  }

  /** Of a turn that this process has claimed, and that another left behind. */
  async function takeOver(key: string): Promise<void> {
    const owed = await store.findOwed(key);
    const inbound = retries.get(key);
    retries.delete(key);
    if (!owed || (await parts.hasBegunSync(owed))) return store.remove([key]);
    if (!inbound) return tell(key, owed);
    log.info({}, 'a message whose turn was cut short is answered anew');
    working.set(key, new Set());
    const answering = parts.answer(inbound);
    add(key, answering);
    parts.background.run(answering.then(() => answered(key)));
  }

  async function tell(key: string, owed: PendingReply): Promise<void> {
    try {
      await parts.tell(owed);
    } catch (error) {
      log.warn({ err: error }, 'a turn was cut short, and that could not be told');
      // It stays, and is told when its lease has passed.
      if (!(error instanceof SendingError) || error.fault === 'passing') return;
    }
    await store.remove([key]);
  }

  async function pass(): Promise<number> {
    await store.keep([...working.keys()]);
    await removeWhatIsOver();
    if (grace.coversPass()) return everyMs;
    const open = new Set(await store.listOpen([...retries.keys()]));
    for (const key of retries.keys()) if (!open.has(key)) retries.delete(key);
    for (const key of await store.claimCutShort([...open], mostAtOnce)) if (!working.has(key)) await takeOver(key);
    return everyMs;
  }

  const loop = createWorkerLoop({
    ...{ pass, wait: parts.wait, longestRestMs: everyMs },
    onFailure(error) {
      grace.begin();
      log.warn({ err: error }, 'turns that were cut short could not be looked for');
    },
  });

  return {
    async claim(inbound) {
      const { key } = inbound;
      if (key === undefined) return true;
      const turn = findOwedAnswer(inbound);
      if (!turn) return parts.processed.claim(key, now());
      const isNew = await store.begin({ key, ...turn });
      if (isNew) working.set(key, new Set());
      else if (inbound.kind === 'message' && retries.size < mostRetries) retries.set(key, inbound);
      return isNew;
    },
    run(inbound, work) {
      parts.background.run(work);
      add(inbound.key, work);
    },
    answered: (inbound) => answered(inbound.key),
    start: loop.start,
    async handOver() {
      await loop.stop();
      // Whoever says it once more is answered by another process, or told like the others.
      retries.clear();
      const left = [...working.keys()];
      if (left.length === 0) return;
      log.warn({ turns: left.length }, 'turns are cut short');
      await store.release(left);
      working.clear();
      for (const key of await store.claimCutShort([], left.length)) await takeOver(key);
    },
  };
}

/** Teams sends a message that got no answer again after 15 s; whoever hears it then answers it. */
const repeatedWithinMs = 25_000;
/** Whose client tells them when nobody answered: nothing is owed before the bot has said that it goes on. */
const invokes: ReadonlySet<string | undefined> = new Set([
  ...['adaptiveCard/action', 'signin/tokenExchange', 'signin/verifyState'],
]);

/** What an activity makes the bot owe, and to whom; undefined when nobody waits for an answer. */
function findOwedAnswer(inbound: Inbound): Omit<NewTurn, 'key'> | undefined {
  const isMessage = inbound.kind === 'message';
  if (!inbound.turn || !(isMessage || (inbound.kind === 'invoke' && invokes.has(inbound.name)))) return undefined;
  const { conversation, locale, messageId, person, at } = inbound.turn;
  const owed = { conversation, locale, ...(messageId && { messageId }), personId: person.aadObjectId, at };
  return { owed, ...(isMessage && { toldFrom: at + repeatedWithinMs }) };
}

interface NotifyInterruptedParts {
  readonly outbox: Pick<Outbox, 'send'>;
  readonly log: { info(fields: object, message: string): void };
}

/** Tells whoever waits for an answer that none will come. Rejects with a SendingError. */
export function createNotifyInterrupted({
  outbox,
  log,
}: NotifyInterruptedParts): (owed: PendingReply) => Promise<void> {
  return async ({ conversation, locale, messageId, personId }) => {
    const correlationId = newCorrelationId();
    const where = { conversation: conversation.id, where: conversation.kind };
    log.info({ correlationId, person: personId, ...where }, 'a turn was cut short');
    await outbox.send(
      conversation,
      locale,
      refuse({ locale, correlationId }, textsFor(locale).errors.cutShort),
      messageId,
    );
  };
}
