import type { AlertMessenger } from '../alerts/views.ts';
import type { SendingOutcome } from '../doctor/checks.ts';
import {
  type CardContent,
  type CardReply,
  type ConversationReference,
  conversationRoot,
  type Locale,
  type Person,
  type Reply,
  SendingError,
  type SignInReply,
} from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import type { CardMessenger } from '../sync/card-messenger.ts';
import {
  type ConnectorClient,
  ConnectorError,
  type OutboundActivity,
  type PersonalChats,
  type Sending,
} from './connector.ts';

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
  /** Writes a reply over one of the bot's own messages; sends it anew when that is gone. Resolves to its id. */
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
  readonly connector: ConnectorClient & PersonalChats;
  readonly config: SignInConfig;
}

/** Progress and receipts of what goes on by itself make way for what people are waiting for, and for no longer than this. */
const unhurried: Sending = { roomWithinMs: 3_000, goesWithoutRoom: true };

/** Edits of one message are sent in the order they were asked for. */
export function createOutbox({ connector, config }: OutboxParts): Outbox {
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

  const typing = async (conversation: ConversationReference) => {
    await post(conversation, { type: 'typing' });
  };

  return {
    cards: {
      async write(conversation, cardId, reply: CardReply, replyToId) {
        const activity = toActivity(reply, cardLocale, config);
        return cardId === undefined
          ? post(conversation, activity, replyToId, unhurried)
          : inOrder(`${conversation.id} ${cardId}`, () => put(conversation, cardId, activity, replyToId, unhurried));
      },
      async tryWriting(conversation, cardId, reply) {
        const { serviceUrl, id, tenantId } = conversation;
        const activity = addressed(conversation, toActivity(reply, cardLocale, config));
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
    },
    alerts: createAlertMessenger({ connector }),
    send: (conversation, locale, reply, replyToId) => post(conversation, toActivity(reply, locale, config), replyToId),
    replace: (conversation, locale, messageId, reply, replyToId) =>
      inOrder(`${conversation.id} ${messageId}`, () =>
        put(conversation, messageId, toActivity(reply, locale, config), replyToId),
      ),
    typing,
    post: (conversation, activity) => post(conversation, activity),
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

/** The language of a card is in the card; nothing else of the message has one. */
const cardLocale = 'en';

/** An activity with who it is from, where it belongs, and what it answers. */
function addressed(
  conversation: ConversationReference,
  activity: OutboundActivity,
  replyToId?: string,
): OutboundActivity {
  return {
    ...activity,
    channelId: 'msteams',
    serviceUrl: conversation.serviceUrl,
    from: conversation.bot,
    conversation: { id: conversation.id },
    ...(replyToId && { replyToId }),
  };
}

/** The part of the configuration that sign-in cards name. */
export interface SignInConfig {
  /** `idUri`: the resource that silent single sign-on asks a token for. */
  readonly app: { readonly idUri: string };
  readonly publicUrl: string;
}

/** Receivers ignore a sign-in whose connection has no name; ours is not one of Azure's. */
const connectionName = 'vpp-sync';

export const cardContentType = 'application/vnd.microsoft.card.adaptive';

/** A reply as the message that Teams is sent. */
function toActivity(reply: Reply, locale: Locale, config: SignInConfig): OutboundActivity {
  switch (reply.kind) {
    case 'text':
      return { type: 'message', text: reply.text, textFormat: 'plain' };
    case 'card':
    case 'refusal':
      return cardActivity(reply.card, reply.summary);
    case 'signIn':
      return {
        type: 'message',
        attachments: [
          { contentType: 'application/vnd.microsoft.card.oauth', content: signInContent(reply, locale, config) },
        ],
      };
  }
}

export function cardActivity(card: CardContent, summary: string): OutboundActivity {
  return { type: 'message', summary, attachments: [{ contentType: cardContentType, content: card }] };
}

/** The same for an OAuthCard and for a card action's `loginRequest`. Source: DESIGN §8 "OAuthCard", "Card actions". */
export function signInContent(
  reply: Pick<SignInReply, 'requestId' | 'text' | 'how'>,
  locale: Locale,
  config: SignInConfig,
) {
  const { requestId: id, text, how } = reply;
  const title = textsFor(locale).buttons.signIn;
  const value = `${config.publicUrl}/auth/start?request=${encodeURIComponent(id)}`;
  return {
    text,
    connectionName,
    ...(how === 'silent' && { tokenExchangeResource: { id, uri: config.app.idUri } }),
    buttons: [{ type: 'signin', title, text: title, value }],
  };
}

interface Mention {
  /** Goes into a text whose format is `xml`. */
  readonly text: string;
  /** Goes into the activity's `entities`; Teams compares its text with the message's. */
  readonly entity: object;
}

/** A mention that Teams draws as one and notifies the person of. */
export function mentionOf({ teamsId, name }: Pick<Person, 'teamsId' | 'name'>): Mention {
  const shown = safeLine(name);
  const text = `<at>${escapeXml(shown)}</at>`;
  return { text, entity: { type: 'mention', text, mentioned: { id: teamsId, name: shown } } };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);

/** Short against the lease of a subscription, which whoever waits for room must go on holding. */
const roomWithinMs = 15_000;

/** Alerts as Teams' messages. Whatever is sent goes to the reference given, if its address is one of Teams' still. */
function createAlertMessenger({ connector }: { readonly connector: ConnectorClient & PersonalChats }): AlertMessenger {
  const how = ({ tenantId }: ConversationReference, signal: AbortSignal | undefined): Sending => ({
    ...{ tenantId, isTriedOnce: true, roomWithinMs, signal },
  });

  function send(conversation: ConversationReference, activity: OutboundActivity, signal: AbortSignal | undefined) {
    const { serviceUrl, id } = conversation;
    return connector.send(serviceUrl, id, addressed(conversation, activity), how(conversation, signal));
  }

  return {
    async post(conversation, { card, summary }, signal) {
      // Sent to a channel and to none of its threads, a message begins a thread that is named for it.
      const id = conversationRoot(conversation.id);
      const messageId = await send({ ...conversation, id }, cardActivity(card, summary), signal);
      if (messageId === undefined) return undefined;
      return { messageId, threadId: conversation.kind === 'channel' ? `${id};messageid=${messageId}` : id };
    },
    async edit(conversation, threadId, messageId, { card, summary }, signal) {
      const place = { ...conversation, id: threadId };
      const activity = addressed(place, cardActivity(card, summary));
      await connector
        .update(conversation.serviceUrl, threadId, messageId, activity, how(conversation, signal))
        .catch((error: unknown) => rethrow(error, threadId));
    },
    async reply(conversation, threadId, text, signal) {
      const line = { type: 'message', text, textFormat: 'plain' };
      await send({ ...conversation, id: threadId }, line, signal).catch((error: unknown) => rethrow(error, threadId));
    },
    async openPersonal({ teamsId, tenantId }, through) {
      const { serviceUrl, bot } = through;
      const chat = { botId: bot.id, teamsId, tenantId };
      const id = await connector.openPersonal(serviceUrl, chat, how({ ...through, tenantId }, undefined));
      if (id === undefined) throw new SendingError('refused', 'noConversation');
      return { serviceUrl, id, kind: 'personal', tenantId, bot };
    },
  };
}

/** A thread may be gone while its channel is there. */
function rethrow(error: unknown, threadId: string): never {
  const isThreadGone =
    error instanceof ConnectorError && error.code === 'ConversationNotFound' && conversationRoot(threadId) !== threadId;
  throw isThreadGone ? new SendingError('messageGone', error.code, { cause: error }) : error;
}
