import type { AlertMessenger } from '../alerts/alert-messenger.ts';
import type { SendingOutcome } from '../doctor/checks.ts';
import {
  type CardContent,
  type ConversationReference,
  conversationRoot,
  type Locale,
  type Person,
  type Reply,
  SendingError,
  type SignInReply,
} from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { createQueues } from '../lib/async.ts';
import { safeLine } from '../lib/text.ts';
import type { CardMessenger } from '../sync/card-messenger.ts';
import type { Connector, OutboundActivity, SendOptions } from './connector.ts';
import { ConnectorError } from './connector-error.ts';

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
  /** Edits one of the bot's own messages into a plain line; rejects when that message is gone. */
  edit(conversation: ConversationReference, messageId: string, text: string): Promise<void>;
  typing(conversation: ConversationReference): Promise<void>;
  /** Sends a message that is no reply to anybody. */
  post(conversation: ConversationReference, activity: OutboundActivity): Promise<string | undefined>;
  /** Sends one plain line, once, and only if Teams' limits leave room for it now. */
  sendIfRoom(conversation: ConversationReference, text: string, replyToId?: string): Promise<void>;
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

  const typing = async (conversation: ConversationReference, options?: SendOptions) => {
    await connector.post(conversation, { type: 'typing' }, options);
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
    alerts: createAlertMessenger(connector, inOrder),
    send: (conversation, locale, reply, replyToId) =>
      connector.post(conversation, toActivity(reply, locale, config), { replyToId }),
    replace: (conversation, locale, messageId, reply, replyToId) =>
      editOrPost(conversation, messageId, toActivity(reply, locale, config), { replyToId }),
    edit: (conversation, messageId, text) =>
      inOrder(conversation, messageId, () => connector.edit(conversation, messageId, plainMessage(text))),
    typing: (conversation) => typing(conversation, { isTriedOnce: true }),
    post: (conversation, activity) => connector.post(conversation, activity),
    async sendIfRoom(conversation, text, replyToId) {
      await connector.post(conversation, plainMessage(text), { replyToId, isTriedOnce: true, roomWithinMs: 0 });
    },
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
  const inTurn = createQueues();
  return <T>({ id }: ConversationReference, messageId: string, work: () => Promise<T>): Promise<T> =>
    inTurn(`${id} ${messageId}`, work);
}

/** Shorter than the lease of a subscription, which its owner must renew meanwhile. */
const alertRoomWithinMs = 15_000;

/** Each call is tried once: whoever asks for it retries. */
function createAlertMessenger(connector: Connector, inOrder: ReturnType<typeof createEditQueue>): AlertMessenger {
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
      const edited = cardMessage(card, summary);
      await inOrder(thread, messageId, () => connector.edit(thread, messageId, edited, onceWithRoom(signal))).catch(
        (error: unknown) => rethrow(error, threadId),
      );
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

export const cardContentType = 'application/vnd.microsoft.card.adaptive';

/** The part of the configuration that sign-in cards name. */
export interface SignInConfig {
  /** `idUri`: the resource that silent single sign-on asks a token for. */
  readonly app: { readonly idUri: string };
  readonly publicUrl: string;
}

/** A reply as the message that Teams shows. */
function toActivity(reply: Reply, locale: Locale, config: SignInConfig): OutboundActivity {
  switch (reply.kind) {
    case 'text':
      return plainMessage(reply.text);
    case 'card':
      return cardMessage(reply.card, reply.summary, reply.suggestions);
    case 'refusal':
      return cardMessage(reply.card, reply.summary);
    case 'signIn':
      return {
        type: 'message',
        attachments: [
          { contentType: 'application/vnd.microsoft.card.oauth', content: signInContent(reply, locale, config) },
        ],
      };
  }
}

function plainMessage(text: string): OutboundActivity {
  return { type: 'message', text, textFormat: 'plain' };
}

/** Teams shows suggested actions in personal chats alone, six at most. */
export function cardMessage(card: CardContent, summary: string, suggestions: readonly string[] = []): OutboundActivity {
  const actions = suggestions.slice(0, 6).map((line) => ({ type: 'imBack', title: line, value: line }));
  return {
    type: 'message',
    summary,
    attachments: [{ contentType: cardContentType, content: card }],
    ...(actions.length > 0 && { suggestedActions: { to: [], actions } }),
  };
}

/** Clients ignore a sign-in whose connection has no name. The bot has no connection at Azure's token service. */
const connectionName = 'vpp-sync';

/** The content of an OAuthCard, and of a card action's `loginRequest`. Source: Bot Framework `OAuthCard`, Universal Action Model. */
export function signInContent(
  { requestId, text, how }: Pick<SignInReply, 'requestId' | 'text' | 'how'>,
  locale: Locale,
  { app, publicUrl }: SignInConfig,
) {
  const title = textsFor(locale).buttons.signIn;
  const value = `${publicUrl}/auth/start?request=${encodeURIComponent(requestId)}`;
  return {
    text,
    connectionName,
    ...(how === 'silent' && { tokenExchangeResource: { id: requestId, uri: app.idUri } }),
    buttons: [{ type: 'signin', title, text: title, value }],
  };
}

interface Mention {
  /** Belongs in a text whose format is `xml`. */
  readonly text: string;
  /** Belongs in the activity's `entities`; Teams compares its text with the message's. */
  readonly entity: object;
}

/** A mention that Teams draws as one and notifies the person of. */
function mentionOf({ teamsId, name }: Pick<Person, 'teamsId' | 'name'>): Mention {
  const shown = safeLine(name);
  const text = `<at>${escapeXml(shown)}</at>`;
  return { text, entity: { type: 'mention', text, mentioned: { id: teamsId, name: shown } } };
}

/** One plain line that begins with a mention. */
function mentionMessage(person: Person, line: string): OutboundActivity {
  const { text, entity } = mentionOf(person);
  return { type: 'message', text: `${text} ${escapeXml(line)}`, textFormat: 'xml', entities: [entity] };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
