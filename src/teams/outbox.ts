import type { AlertMessenger } from '../alerts/views.ts';
import type { SendingOutcome } from '../doctor/checks.ts';
import { type ConversationReference, conversationRoot, type Locale, type Reply, SendingError } from '../domain/turn.ts';
import type { CardMessenger } from '../sync/card-messenger.ts';
import type { Connector, OutboundActivity, SendOptions } from './connector.ts';
import { ConnectorError } from './connector-error.ts';
import { cardMessage, mentionMessage, plainMessage, type SignInConfig, toActivity } from './messages.ts';

/** Everything the bot says leaves here. Every function rejects with a SendingError. */
export interface Outbox {
  /** For syncs. */
  readonly cards: CardMessenger;
  /** For alerts. */
  readonly alerts: AlertMessenger;
  /** Sends a reply, as the answer to a message when one is named. Resolves to its id. */
  send(
    conversation: ConversationReference,
    locale: Locale,
    reply: Reply,
    replyToId?: string,
  ): Promise<string | undefined>;
  /** Edits one of the bot's own messages into a reply; sends the reply anew when that message is gone. Resolves to its id. */
  replace(
    conversation: ConversationReference,
    locale: Locale,
    messageId: string,
    reply: Reply,
    replyToId?: string,
  ): Promise<string | undefined>;
  typing(conversation: ConversationReference): Promise<void>;
  /** Sends a message that is no reply to anybody. */
  post(conversation: ConversationReference, activity: OutboundActivity): Promise<string | undefined>;
  /** Sends a typing sign, to find out if Teams accepts messages there. Never rejects. */
  trySending(conversation: ConversationReference): Promise<SendingOutcome>;
}

export interface OutboxParts {
  readonly connector: Connector;
  readonly config: SignInConfig;
}

export function createOutbox({ connector, config }: OutboxParts): Outbox {
  const inOrder = createEditQueue();

  function editOrPost(
    conversation: ConversationReference,
    messageId: string,
    activity: OutboundActivity,
    options: SendOptions,
  ): Promise<string | undefined> {
    return inOrder(conversation, messageId, async () => {
      try {
        await connector.edit(conversation, messageId, activity, options);
        return messageId;
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.fault !== 'messageGone') throw error;
        return connector.post(conversation, activity, options);
      }
    });
  }

  const typing = async (conversation: ConversationReference) => {
    await connector.post(conversation, { type: 'typing' });
  };

  return {
    cards: {
      async write(conversation, cardId, reply, replyToId) {
        const activity = toActivity(reply, cardLocale, config);
        const options = { ...afterPeople, replyToId };
        return cardId === undefined
          ? connector.post(conversation, activity, options)
          : editOrPost(conversation, cardId, activity, options);
      },
      async tryWriting(conversation, cardId, reply) {
        const activity = toActivity(reply, cardLocale, config);
        const options = { isTriedOnce: true, roomWithinMs: 0 };
        await inOrder(conversation, cardId, () => connector.edit(conversation, cardId, activity, options));
      },
      async mention(conversation, person, text, replyToId) {
        await connector.post(conversation, mentionMessage(person, text), { replyToId });
      },
    },
    alerts: createAlertMessenger(connector),
    send: (conversation, locale, reply, replyToId) =>
      connector.post(conversation, toActivity(reply, locale, config), { replyToId }),
    replace: (conversation, locale, messageId, reply, replyToId) =>
      editOrPost(conversation, messageId, toActivity(reply, locale, config), { replyToId }),
    typing,
    post: (conversation, activity) => connector.post(conversation, activity),
    async trySending(conversation) {
      try {
        await typing(conversation);
        return { kind: 'taken' };
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.reason === 'noToken')
          return { kind: 'refused', status: 'no token for Teams' };
        if (error.reason === 'unreachable') return { kind: 'unreachable' };
        return { kind: 'refused', status: [...new Set([String(error.status ?? error.reason), error.code])].join(' ') };
      }
    },
  };
}

/** Progress and receipts wait for room that people's answers leave, but no longer than this. */
const afterPeople: SendOptions = { roomWithinMs: 3_000, goesWithoutRoom: true };

/** A card holds its own language; nothing else of its message has one. */
const cardLocale = 'en';

/** Sends the edits of one message one after another, in the order they were asked for: the last one asked for is the one that stays. */
function createEditQueue() {
  const queues = new Map<string, Promise<unknown>>();

  return <T>({ id }: ConversationReference, messageId: string, work: () => Promise<T>): Promise<T> => {
    const key = `${id} ${messageId}`;
    const done = (queues.get(key) ?? Promise.resolve()).then(work, work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    queues.set(key, settled);
    void settled.then(() => queues.get(key) === settled && queues.delete(key));
    return done;
  };
}

/** Shorter than the lease of a subscription, which its owner must renew meanwhile. */
const alertRoomWithinMs = 15_000;

/** Each call is tried once: whoever asks for it retries. */
function createAlertMessenger(connector: Connector): AlertMessenger {
  const onceWithRoom = (signal: AbortSignal | undefined): SendOptions => ({
    isTriedOnce: true,
    roomWithinMs: alertRoomWithinMs,
    signal,
  });

  return {
    async post(conversation, { card, summary }, signal) {
      // A message to a channel, and to none of its threads, begins a thread that is named for it.
      const id = conversationRoot(conversation.id);
      const activity = cardMessage(card, summary);
      const messageId = await connector.post({ ...conversation, id }, activity, onceWithRoom(signal));
      if (messageId === undefined) return undefined;
      return { messageId, threadId: conversation.kind === 'channel' ? `${id};messageid=${messageId}` : id };
    },
    async edit(conversation, threadId, messageId, { card, summary }, signal) {
      const thread = { ...conversation, id: threadId };
      await connector
        .edit(thread, messageId, cardMessage(card, summary), onceWithRoom(signal))
        .catch((error: unknown) => rethrow(error, threadId));
    },
    async reply(conversation, threadId, text, signal) {
      const thread = { ...conversation, id: threadId };
      await connector
        .post(thread, plainMessage(text), onceWithRoom(signal))
        .catch((error: unknown) => rethrow(error, threadId));
    },
    async openPersonal(person, through) {
      const { serviceUrl, bot } = through;
      const id = await connector.openPersonal(person, through, onceWithRoom(undefined));
      if (id === undefined) throw new SendingError('refused', 'noConversation');
      return { serviceUrl, id, kind: 'personal', tenantId: person.tenantId, bot };
    },
  };
}

/** A thread may be gone although its channel is there. */
function rethrow(error: unknown, threadId: string): never {
  const isThreadGone =
    error instanceof ConnectorError && error.code === 'ConversationNotFound' && conversationRoot(threadId) !== threadId;
  throw isThreadGone ? new SendingError('messageGone', error.code, { cause: error }) : error;
}
