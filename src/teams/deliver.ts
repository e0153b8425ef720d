import type { createGetPersonalChat } from '../alerts/personal-chat.ts';
import type { Services } from '../dialogs/services.ts';
import {
  type CardReply,
  type ConversationReference,
  type Person,
  type Reply,
  SendingError,
  type Turn,
  textReply,
} from '../domain/turn.ts';
import { within } from '../lib/async.ts';
import type { Log, Runtime } from '../lib/runtime.ts';
import type { Background } from '../lib/worker.ts';
import type { CardSent } from '../sync/card-messenger.ts';
import type { Outbox } from './outbox.ts';

/** Where a reply belongs: onto a card, or as an answer to a message. A Turn is one. */
export type ReplyPlace = Pick<Turn, 'conversation' | 'locale' | 'messageId' | 'cardId'>;

/** Sends a reply where it belongs, and resolves to its id. Whatever goes on writing on that card is given the id. */
export type SendReply = (place: ReplyPlace, reply: Reply) => Promise<string | undefined>;

interface SendReplyParts {
  readonly outbox: Outbox;
  readonly runs: { setCard(runId: string, cardId: string): Promise<void> };
  readonly batches: { setCard(batchId: string, cardId: string): Promise<void> };
  readonly records: { setCard(recordId: string, cardId: string): Promise<void> };
  readonly requests: { setCard(requestId: string, cardId: string): Promise<void> };
  readonly log: Log;
}

/** Rejects with a SendingError alone. */
export function createSendReply({ outbox, runs, batches, records, requests, log }: SendReplyParts): SendReply {
  async function recordCard(reply: Reply, id: string): Promise<void> {
    const { runId, batchId, recordId, continues }: Partial<CardReply> = reply.kind === 'card' ? reply : {};
    if (runId) await runs.setCard(runId, id);
    if (batchId) await batches.setCard(batchId, id);
    if (recordId) await records.setCard(recordId, id);
    if (continues) await requests.setCard(continues, id);
  }

  /** The answer was given, so what becomes of the question's card is only logged. */
  async function collapse(conversation: ConversationReference, reply: Reply): Promise<void> {
    if (!reply.collapses) return;
    const { cardId, text } = reply.collapses;
    await outbox.edit(conversation, cardId, text).catch((error: unknown) => {
      log.info({ err: error }, 'the card of an answered question could not be edited');
    });
  }

  return async ({ conversation, locale, messageId, cardId }, reply) => {
    const id =
      cardId !== undefined && reply.kind !== 'signIn'
        ? await outbox.replace(conversation, locale, cardId, reply, messageId)
        : await outbox.send(conversation, locale, reply, messageId);
    if (id !== undefined)
      await recordCard(reply, id).catch((error: unknown) =>
        log.error({ err: error }, 'the card of a sync or sign-in could not be stored'),
      );
    await collapse(conversation, reply);
    return id;
  };
}

/** Stores a reply that could not be sent, to send it again. Rejects when the store is away. */
export type Keep = (recipient: Recipient, reply: Reply, error: SendingError) => Promise<void>;

interface DeliverParts {
  readonly sendReply: SendReply;
  readonly keep: Keep;
  readonly cardSent: CardSent;
  readonly log: Log;
}

/** Somebody who waits for a reply. A Turn is one; without a person, Teams did not say who it is. */
export type Recipient = ReplyPlace & { readonly correlationId: string; readonly person?: Person };

/**
 * Sends a turn's reply. One that Teams may accept later is kept and sent again, unless a sync goes on writing on its card: that
 * posts the card when it ends. Never rejects.
 */
export function createDeliver(parts: DeliverParts): (recipient: Recipient, reply: Reply) => Promise<void> {
  const { sendReply, keep, cardSent, log } = parts;

  return async (recipient, reply) => {
    const { correlationId } = recipient;
    const { runId, batchId }: Partial<CardReply> = reply.kind === 'card' ? reply : {};
    const isFollowed = runId !== undefined || batchId !== undefined;
    let id: string | undefined;
    try {
      id = await sendReply(recipient, reply);
    } catch (error) {
      log.error({ err: error, correlationId }, 'an answer could not be delivered');
      if (!isFollowed && error instanceof SendingError && error.fault === 'passing')
        await keep(recipient, reply, error).catch((failure: unknown) =>
          log.error({ err: failure, correlationId }, 'an answer could not be kept and is lost'),
        );
    } finally {
      for (const followed of [runId, batchId]) if (followed) cardSent.record(followed, id);
    }
  };
}

interface PostPersonallyParts {
  readonly outbox: Outbox;
  readonly getPersonalChat: ReturnType<typeof createGetPersonalChat>;
  readonly runtime: Runtime;
}

/** Somebody waits for the card that says whether their line was sent. */
const longestPersonalMs = 5_000;

/** Never rejects: what cannot be sent, as to somebody who has blocked the bot, is only logged. */
export function createPostPersonally(parts: PostPersonallyParts): Services['postPersonally'] {
  const { outbox, getPersonalChat, runtime } = parts;

  async function post({ person, conversation, locale }: Parameters<Services['postPersonally']>[0], text: string) {
    const chat = await getPersonalChat(person, conversation);
    await outbox.send(chat, locale, textReply(text));
    return true;
  }

  return async (turn, text) => {
    const posted = post(turn, text).catch((error: unknown) => {
      runtime.log.info({ err: error }, 'a line for one person alone could not be sent to their own chat');
      return false;
    });
    return (await within(longestPersonalMs, posted, runtime.wait)) ?? false;
  };
}

export type WhileTyping = <T>(conversation: ConversationReference, work: () => Promise<T>) => Promise<T>;

/** Teams asks for an answer or a typing sign within 2 s; clients hide the sign after some seconds. */
const firstTypingMs = 700;
const typingEveryMs = 5_000;
const mostTypings = 24;

/** Shows a typing sign while the work lasts, two minutes at most. A sign that cannot be sent does not matter. */
export function createWhileTyping(outbox: Outbox, background: Background): WhileTyping {
  return async (conversation, work) => {
    let shown = 0;
    const show = () => {
      shown += 1;
      background.run(outbox.typing(conversation).catch(() => undefined));
      if (shown < mostTypings) timer = setTimeout(show, typingEveryMs);
    };
    let timer = setTimeout(show, firstTypingMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  };
}
