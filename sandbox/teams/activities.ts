import { randomUUID } from 'node:crypto';
import type { Registration, SandboxContext, SandboxPerson } from '../contract.ts';
import type { TeamsConversation } from './conversations.ts';

/** An activity between Teams and a bot. Only the properties that the stand-in reads are named; all others may come, too. */
export interface WireActivity {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly summary?: string;
  readonly replyToId?: string;
  readonly attachments?: readonly WireAttachment[];
  readonly [property: string]: unknown;
}

interface WireAttachment {
  readonly contentType: string;
  readonly content?: unknown;
}

export type CardJson = Readonly<Record<string, unknown>>;

/** An `Action.Execute` of a card. */
export interface ExecuteAction {
  readonly type: 'Action.Execute';
  readonly id?: string;
  readonly title?: string;
  readonly verb?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Content of an `OAuthCard`, and value of a `loginRequest`: both have this shape. */
export interface SignInCard {
  readonly text?: string;
  readonly connectionName?: string;
  readonly tokenExchangeResource?: { readonly id: string; readonly uri?: string };
  readonly buttons?: readonly { readonly type: string; readonly title?: string; readonly value: string }[];
}

export const adaptiveCardType = 'application/vnd.microsoft.card.adaptive';
export const oauthCardType = 'application/vnd.microsoft.card.oauth';
export const loginRequestType = 'application/vnd.microsoft.activity.loginRequest';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const botName = 'VPP Sync';
export type ActivityMaker = ReturnType<typeof createActivityMaker>;

interface MessageParts {
  readonly id: string;
  /** With the thread, in a channel. */
  readonly conversationId: string;
  readonly text: string;
  readonly mention: boolean;
  /** Seen by its sender and the bot alone. */
  readonly targeted?: boolean;
  readonly replyToId?: string;
  readonly locale?: string;
  readonly quotes?: string;
  readonly forwards?: string;
}

interface Envelope {
  readonly registration: Pick<Registration, 'botId'>;
  readonly context: SandboxContext;
}

/** Makes activities as Teams sends them to a bot. */
export function createActivityMaker({ registration, context }: Envelope) {
  const bot = { id: `28:${registration.botId}`, name: botName };

  function envelope(person: SandboxPerson, conversation: TeamsConversation, conversationId: string, locale?: string) {
    const language = locale ?? person.locale;
    const at = new Date(context.now());
    return {
      channelId: 'msteams',
      serviceUrl: `${context.baseUrl()}/connector/`,
      timestamp: at.toISOString(),
      localTimestamp: at.toISOString(),
      localTimezone: 'Etc/UTC',
      locale: language,
      from: { id: person.teamsId, name: person.name, aadObjectId: person.aadObjectId },
      recipient: bot,
      conversation: {
        ...(conversation.kind !== 'personal' && { isGroup: true }),
        conversationType: conversation.kind,
        tenantId: conversation.tenantId,
        id: conversationId,
        ...(conversation.kind === 'channel' && { name: conversation.name }),
      },
      entities: [clientInfo(language)],
      channelData: channelData(conversation),
    };
  }

  function message(person: SandboxPerson, conversation: TeamsConversation, parts: MessageParts): WireActivity {
    const base = envelope(person, conversation, parts.conversationId, parts.locale);
    const mention = { type: 'mention', mentioned: bot, text: `<at>${botName}</at>` };
    // Teams puts a non-breaking space, as an entity, after a mention.
    const own = parts.mention ? `${mention.text}&nbsp;${parts.text}` : parts.text;
    return {
      type: 'message',
      id: parts.id,
      ...base,
      ...(parts.targeted && { recipient: { ...bot, isTargeted: true } }),
      text: textOf(own, parts),
      textFormat: 'plain',
      attachments: [{ contentType: 'text/html', content: `<p>${html(parts)}</p>${forwardedHtml(parts)}` }],
      entities: [
        ...(parts.mention ? [mention] : []),
        ...(parts.quotes ? [{ type: 'quotedReply', quotedReply: { messageId: parts.quotes } }] : []),
        ...base.entities,
      ],
      ...(parts.replyToId && { replyToId: parts.replyToId }),
    };
  }

  return {
    bot,
    message,

    /** The same message after an edit; as in Teams its id stays. */
    messageUpdate(person: SandboxPerson, conversation: TeamsConversation, parts: MessageParts): WireActivity {
      const activity = message(person, conversation, parts);
      return {
        ...activity,
        type: 'messageUpdate',
        channelData: { ...channelData(conversation), eventType: 'editMessage' },
      };
    },

    invoke(
      person: SandboxPerson,
      conversation: TeamsConversation,
      parts: { conversationId: string; name: string; value: unknown; replyToId?: string; locale?: string },
    ): WireActivity {
      const base = envelope(person, conversation, parts.conversationId, parts.locale);
      return {
        type: 'invoke',
        name: parts.name,
        id: `f:${randomUUID()}`,
        ...base,
        channelData: {
          ...base.channelData,
          source: { name: 'message' },
          ...(parts.replyToId && { legacy: { replyToId: parts.replyToId } }),
        },
        value: parts.value,
        ...(parts.replyToId && { replyToId: parts.replyToId }),
      };
    },

    installationUpdate(person: SandboxPerson, conversation: TeamsConversation, action: 'add' | 'remove'): WireActivity {
      const base = envelope(person, conversation, conversation.id);
      return { type: 'installationUpdate', action, id: `f:${randomUUID()}`, ...base };
    },

    /** `added` are Teams ids (`29:…`), the bot's own (`28:…`) when the bot itself was added. */
    conversationUpdate(
      person: SandboxPerson,
      conversation: TeamsConversation,
      change: { added?: readonly string[]; removed?: readonly string[] },
    ): WireActivity {
      const base = envelope(person, conversation, conversation.id);
      const members = (ids: readonly string[]) => ids.map((id) => ({ id }));
      return {
        type: 'conversationUpdate',
        id: `f:${randomUUID()}`,
        ...base,
        ...(change.added && { membersAdded: members(change.added) }),
        ...(change.removed && { membersRemoved: members(change.removed) }),
        channelData: {
          ...base.channelData,
          ...(conversation.kind === 'channel' && {
            eventType: change.added ? 'teamMemberAdded' : 'teamMemberRemoved',
          }),
        },
      };
    },
  };
}

function clientInfo(locale: string) {
  const country = new Intl.Locale(locale).maximize().region ?? 'US';
  return { type: 'clientInfo', locale, country, platform: 'Web', timezone: 'Etc/UTC' };
}

function channelData(conversation: TeamsConversation) {
  const tenant = { id: conversation.tenantId };
  if (!conversation.team) return { tenant };
  return {
    teamsChannelId: conversation.id,
    teamsTeamId: conversation.team.id,
    channel: { id: conversation.id, name: conversation.name },
    team: { id: conversation.team.id, name: conversation.team.name },
    tenant,
  };
}

/** A quote comes before the words as a tag, a forwarded message below them after an empty line. */
function textOf(own: string, { quotes, forwards }: MessageParts): string {
  const words = quotes ? `<quoted messageId="${quotes}"/> ${own}` : own;
  return forwards ? [words, forwards].filter((part) => part !== '').join('\n\n') : words;
}

const forwardedHtml = ({ forwards }: MessageParts): string =>
  forwards
    ? `<blockquote itemscope="" itemtype="http://schema.skype.com/Forward"><p>${escaped(forwards)}</p></blockquote>`
    : '';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>');

function html({ text, mention }: MessageParts): string {
  const span = `<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">${botName}</span>&nbsp;`;
  return mention ? span + escaped(text) : escaped(text);
}
