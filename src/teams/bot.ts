import { replyToError, withReference } from '../cards/refusal.ts';
import type { Person, Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import type { Log } from '../lib/runtime.ts';
import { joinSentences } from '../lib/text.ts';
import type { Recipient, WhileTyping } from './deliver.ts';
import type { Inbound, InboundInstallation, InboundInvoke, InboundMessage } from './inbound.ts';
import { type HttpAnswer, type InvokeHandler, invokeError, invokeMessage } from './invokes.ts';
import type { OpenTurns } from './open-turns.ts';

/** A framework's SDK: has the bot handle an admitted activity in a turn of its own, and resolves to the answer to Teams' HTTP request. */
export type Host = (inbound: Inbound) => Promise<HttpAnswer>;

/** Handles an activity of any kind; resolves to an invoke's answer. Never rejects: a failure is logged, and its person is answered. */
export type Handle = (inbound: Inbound) => Promise<HttpAnswer | undefined>;

interface BotParts {
  /** Called before anything is done for a person; never rejects. */
  readonly recall: (person: Person) => Promise<void>;
  readonly answerMessage: (turn: Turn, text: string) => Promise<Reply>;
  /** By the name of the invoke. */
  readonly invokes: Readonly<Record<string, InvokeHandler>>;
  /** Never rejects. */
  readonly onInstallation: (inbound: InboundInstallation) => Promise<void>;
  readonly deliver: (recipient: Recipient, reply: Reply) => Promise<void>;
  readonly whileTyping: WhileTyping;
  readonly turns: OpenTurns;
  /** Called for each turn that failed in a way that nobody foresaw. */
  readonly onFailure: () => void;
  readonly log: Log;
}

/** Teams sends a message again after 15 s; until then its HTTP request may stay open. */
const messageBudgetMs = 8_000;

export function createBot(parts: BotParts): Handle {
  const { recall, answerMessage, invokes, deliver, whileTyping, turns, log } = parts;

  async function answer(turn: Turn, text: string): Promise<void> {
    const reply = await whileTyping(turn.conversation, async () => {
      await recall(turn.person);
      return answerMessage(turn, text).catch((error: unknown) => {
        parts.onFailure();
        log.error({ err: error, correlationId: turn.correlationId }, 'a message failed');
        return replyToError(turn, error);
      });
    });
    await deliver(turn, reply);
  }

  async function answerStranger({ messageId, conversation, locale, correlationId }: InboundMessage): Promise<void> {
    if (!conversation) return;
    log.info({ correlationId, conversation: conversation.id }, 'somebody without an id was turned away');
    const text = withReference({ locale, correlationId }, textsFor(locale).signIn.noPerson);
    await deliver(
      { conversation, locale, correlationId, ...(messageId !== undefined && { messageId }) },
      { kind: 'text', text },
    );
  }

  /** A client shows a press without an answer as failed; nothing else that a client calls by itself needs words. */
  function answerStrangersInvoke({ name, locale, correlationId }: InboundInvoke): HttpAnswer {
    log.info({ correlationId, invoke: name }, 'somebody without an id was turned away');
    if (name !== 'adaptiveCard/action') return { status: 200, body: {} };
    return invokeMessage(withReference({ locale, correlationId }, textsFor(locale).cardAction.noPerson));
  }

  /** Keeps the request open no longer than Teams waits; the work goes on. */
  async function withinBudget(inbound: Inbound, work: Promise<void>): Promise<void> {
    turns.run(inbound, work);
    await within(
      messageBudgetMs,
      work.catch(() => undefined),
    );
  }

  /** Ties the reference that the person sees to person and place, which the log shows as hashes. */
  function logStart({ correlationId, person, conversation }: Turn, kind: string): void {
    const where = { conversation: conversation.id, where: conversation.kind };
    log.info({ correlationId, kind, person: person.aadObjectId, ...where }, 'a turn began');
  }

  async function onMessage(inbound: InboundMessage): Promise<void> {
    const { turn, text } = inbound;
    if (turn) logStart(turn, 'message');
    await withinBudget(inbound, turn ? answer(turn, text) : answerStranger(inbound));
  }

  async function onInvoke(inbound: InboundInvoke): Promise<HttpAnswer> {
    const { name, value, turn } = inbound;
    const handle = Object.hasOwn(invokes, name) ? invokes[name] : undefined;
    if (!handle) return { status: 501 };
    if (!turn) return answerStrangersInvoke(inbound);
    logStart(turn, name);
    try {
      await recall(turn.person);
      const { continues, ...answered } = await handle(turn, value);
      if (continues) turns.run(inbound, continues);
      return answered;
    } catch (error) {
      parts.onFailure();
      log.error({ err: error, correlationId: turn.correlationId, invoke: name }, 'an invoke failed');
      const { errors, card } = textsFor(turn.locale);
      return invokeError(500, joinSentences(errors.unexpected.what, card.reference(turn.correlationId)));
    }
  }

  return async (inbound) => {
    if (inbound.kind === 'invoke') return onInvoke(inbound);
    if (inbound.kind === 'message') await onMessage(inbound);
    else if (inbound.kind !== 'other') await withinBudget(inbound, parts.onInstallation(inbound));
    return undefined;
  };
}
