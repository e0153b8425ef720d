import { replyToError, withReference } from '../cards/refusal.ts';
import type { CardReply, Person, Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { newCorrelationId } from '../lib/ids.ts';
import type { Background } from '../lib/worker.ts';
import type { CardSent } from '../sync/card-messenger.ts';
import { findConversation, findTurn, type InboundActivity, localeOf, messageText } from './activity.ts';
import { type InvokeAnswer, invokeError, type SignInBot, type WhileTyping } from './invokes.ts';
import type { Outbox } from './outbox.ts';
import type { Welcome } from './welcome.ts';

interface BotParts {
  /** Called before anything is done for a person; never rejects. */
  readonly recall: (person: Person) => Promise<void>;
  readonly message: (turn: Turn, text: string) => Promise<Reply>;
  readonly press: (turn: Turn, value: unknown) => Promise<InvokeAnswer>;
  readonly signIn: SignInBot;
  readonly welcome: Welcome;
  readonly deliver: (turn: Turn, reply: Reply) => Promise<void>;
  readonly outbox: Outbox;
  readonly whileTyping: WhileTyping;
  readonly background: Background;
  /** Told of all work that an activity asks for. */
  readonly addWork: (activity: InboundActivity, work: Promise<unknown>) => void;
  readonly now: () => number;
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

export interface Bot {
  onMessage(activity: InboundActivity): Promise<void>;
  onInvoke(activity: InboundActivity): Promise<InvokeAnswer>;
  /** A conversation or an installation was updated. */
  onMove(activity: InboundActivity): Promise<void>;
}

/** Teams sends a message again after 15 s; until then its HTTP request may stay open. */
const messageBudgetMs = 8_000;

/** From Teams' activities to turns and back. Never rejects: what fails is logged and told. */
export function createBot(parts: BotParts): Bot {
  const { background, deliver, outbox, log, now } = parts;

  async function answer(turn: Turn, activity: InboundActivity): Promise<void> {
    const answering = async () => {
      await parts.recall(turn.person);
      return parts.message(turn, messageText(activity)).catch((error) => toldOf(turn, error));
    };
    await deliver(turn, await parts.whileTyping(turn.conversation, answering));
  }

  function toldOf(turn: Turn, error: unknown): Reply {
    log.error({ err: error, correlationId: turn.correlationId }, 'a message failed');
    return replyToError(turn, error);
  }

  async function tellStranger(activity: InboundActivity): Promise<void> {
    const conversation = findConversation(activity);
    const locale = localeOf(activity);
    if (!conversation) return;
    const correlationId = newCorrelationId();
    log.info({ correlationId, conversation: conversation.id }, 'somebody without an id was turned away');
    const text = withReference({ locale, correlationId }, textsFor(locale).signIn.notSetUp);
    await outbox.send(conversation, locale, { kind: 'text', text }, activity.id);
  }

  /** Ties the reference that the person sees to them and their place, both as hashes: `log.ts` lets no id through. */
  function begin(turn: Turn, kind: string): void {
    const { correlationId, person, conversation } = turn;
    const where = { conversation: conversation.id, where: conversation.kind };
    log.info({ correlationId, kind, person: person.aadObjectId, ...where }, 'a turn began');
  }

  function goOn(activity: InboundActivity, work: Promise<unknown>): void {
    background.run(work);
    parts.addWork(activity, work);
  }

  /** Holds the request open no longer than Teams waits; the work goes on. */
  async function withinBudget(activity: InboundActivity, work: Promise<void>): Promise<void> {
    goOn(activity, work);
    await within(
      messageBudgetMs,
      work.catch(() => undefined),
    );
  }

  const invokes: Readonly<Record<string, (turn: Turn, value: unknown) => Promise<InvokeAnswer>>> = {
    'adaptiveCard/action': parts.press,
    'signin/tokenExchange': parts.signIn.tokenExchange,
    'signin/verifyState': parts.signIn.verifyState,
    'signin/failure': parts.signIn.failure,
  };

  return {
    async onMessage(activity) {
      const turn = findTurn(activity, now());
      if (turn) begin(turn, 'message');
      await withinBudget(activity, turn ? answer(turn, activity) : tellStranger(activity));
    },
    onMove: (activity) => withinBudget(activity, parts.welcome.onMove(activity)),
    async onInvoke(activity) {
      const answer = Object.hasOwn(invokes, activity.name ?? '') ? invokes[activity.name ?? ''] : undefined;
      if (!answer) return { status: 501 };
      const turn = findTurn(activity, now());
      if (!turn) return { status: 200, body: {} };
      begin(turn, activity.name ?? '');
      try {
        await parts.recall(turn.person);
        const { goesOn, ...answered } = await answer(turn, activity.value ?? {});
        if (goesOn) goOn(activity, goesOn);
        return answered;
      } catch (error) {
        log.error({ err: error, correlationId: turn.correlationId, invoke: activity.name }, 'an invoke failed');
        const { errors, card } = textsFor(turn.locale);
        return invokeError(500, `${errors.unexpected.what} ${card.reference(turn.correlationId)}`);
      }
    },
  };
}

/** Teams asks for an answer or a sign of life within 2 s; the sign fades after some seconds and is given again. */
const firstMs = 1_000;
const againMs = 5_000;
const mostTimes = 24;

/** Shows that the bot is at work for as long as the work lasts, two minutes at most. A sign that cannot be sent is no matter. */
export function createWhileTyping({ outbox, background }: { outbox: Outbox; background: Background }): WhileTyping {
  return async (conversation, work) => {
    let times = 0;
    const show = () => {
      times += 1;
      background.run(outbox.typing(conversation).catch(() => undefined));
      if (times < mostTimes) timer = setTimeout(show, againMs);
    };
    let timer = setTimeout(show, firstMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  };
}

interface DeliverParts {
  readonly outbox: Outbox;
  readonly cardSent: CardSent;
  readonly setRunCard: (runId: string, cardId: string) => Promise<void>;
  readonly setBatchCard: (batchId: string, cardId: string) => Promise<void>;
  readonly setContinueCard: (requestId: string, cardId: string) => Promise<void>;
  readonly log: { error(fields: object, message: string): void };
}

/** Sends a turn's reply where it belongs, on its card or as an answer to its message, and tells whoever goes on writing on it. */
export function createDeliver(parts: DeliverParts): (turn: Turn, reply: Reply) => Promise<void> {
  const { outbox, cardSent } = parts;

  return async (turn, reply) => {
    const { runId, batchId }: Partial<CardReply> = reply.kind === 'card' ? reply : {};
    let id: string | undefined;
    try {
      id =
        turn.cardId !== undefined && reply.kind !== 'signIn'
          ? await outbox.replace(turn.conversation, turn.locale, turn.cardId, reply, turn.messageId)
          : await outbox.send(turn.conversation, turn.locale, reply, turn.messageId);
      if (id === undefined || reply.kind !== 'card') return;
      if (runId) await parts.setRunCard(runId, id);
      if (batchId) await parts.setBatchCard(batchId, id);
      if (reply.continues) await parts.setContinueCard(reply.continues, id);
    } catch (error) {
      parts.log.error({ err: error, correlationId: turn.correlationId }, 'an answer could not be delivered');
    } finally {
      for (const followed of [runId, batchId]) if (followed) cardSent.record(followed, id);
    }
  };
}
