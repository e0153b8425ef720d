import type { CardReply, ConversationReference, Locale, Reply } from '../domain/turn.ts';
import type { CardWall } from '../sync/card-messenger.ts';
import { addressed } from './addressed.ts';
import type { ConnectorClient, OutboundActivity, Sending } from './connector-client.ts';
import { ConnectorError } from './connector-error.ts';
import { escapeXml, mentionOf } from './mention.ts';
import { type SignInAddresses, toActivity } from './to-activity.ts';

export interface Outbox extends CardWall {
  /** Sends a reply, as the answer to a message when one is named. Resolves to its id. */
  send(
    conversation: ConversationReference,
    locale: Locale,
    reply: Reply,
    replyToId?: string,
  ): Promise<string | undefined>;
  /** Writes a reply over one of the bot's own messages; sends it anew when that is gone. Resolves to its id. */
  replace(
    conversation: ConversationReference,
    locale: Locale,
    messageId: string,
    reply: Reply,
    replyToId?: string,
  ): Promise<string | undefined>;
  typing(conversation: ConversationReference): Promise<void>;
}

export interface Postbox {
  /** Sends a message that is no reply to anybody. */
  post(conversation: ConversationReference, activity: OutboundActivity): Promise<string | undefined>;
}

export interface OutboxParts {
  readonly connector: ConnectorClient;
  readonly addresses: SignInAddresses;
}

/** Progress and receipts of what goes on by itself make way for what people are waiting for, and for no longer than this. */
const unhurried: Sending = { roomWithinMs: 3_000, goesWithoutRoom: true };

/** Everything the bot says leaves here. Writings on one message go out in the order they were asked for. */
export function createOutbox({ connector, addresses }: OutboxParts): Outbox & Postbox {
  const queues = new Map<string, Promise<unknown>>();

  function inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
    const done = (queues.get(key) ?? Promise.resolve()).then(work, work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    queues.set(key, settled);
    void settled.then(() => queues.get(key) === settled && queues.delete(key));
    return done;
  }

  function post(
    conversation: ConversationReference,
    activity: OutboundActivity,
    replyToId?: string,
    how: Sending = {},
  ): Promise<string | undefined> {
    const { serviceUrl, id, tenantId } = conversation;
    return connector.send(serviceUrl, id, addressed(conversation, activity, replyToId), { tenantId, ...how });
  }

  async function put(
    conversation: ConversationReference,
    messageId: string,
    activity: OutboundActivity,
    replyToId?: string,
    how: Sending = {},
  ) {
    try {
      const { serviceUrl, id, tenantId } = conversation;
      const whole = addressed(conversation, activity, replyToId);
      await connector.update(serviceUrl, id, messageId, whole, { tenantId, ...how });
      return messageId;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.fault !== 'messageGone') throw error;
      return post(conversation, activity, replyToId, how);
    }
  }

  const outbox: Outbox & Postbox = {
    post: (conversation, activity) => post(conversation, activity),
    send: (conversation, locale, reply, replyToId) =>
      post(conversation, toActivity(reply, locale, addresses), replyToId),
    replace: (conversation, locale, messageId, reply, replyToId) =>
      inOrder(`${conversation.id} ${messageId}`, () =>
        put(conversation, messageId, toActivity(reply, locale, addresses), replyToId),
      ),
    async write(conversation, cardId, reply: CardReply, replyToId) {
      const activity = toActivity(reply, cardLocale, addresses);
      return cardId === undefined
        ? post(conversation, activity, replyToId, unhurried)
        : inOrder(`${conversation.id} ${cardId}`, () => put(conversation, cardId, activity, replyToId, unhurried));
    },
    async tryWriting(conversation, cardId, reply) {
      const { serviceUrl, id, tenantId } = conversation;
      const activity = addressed(conversation, toActivity(reply, cardLocale, addresses));
      const how: Sending = { tenantId, isTriedOnce: true, roomWithinMs: 0 };
      await inOrder(`${id} ${cardId}`, () => connector.update(serviceUrl, id, cardId, activity, how));
    },
    async mention(conversation, person, text, replyToId) {
      const { text: name, entity } = mentionOf(person);
      await post(
        conversation,
        { type: 'message', text: `${name} ${escapeXml(text)}`, textFormat: 'xml', entities: [entity] },
        replyToId,
      );
    },
    async typing(conversation) {
      await post(conversation, { type: 'typing' });
    },
  };
  return outbox;
}

/** The language of a card is in the card; nothing else of the message has one. */
const cardLocale = 'en';
