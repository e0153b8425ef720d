import { createHash } from 'node:crypto';
import type { ConversationKind, ConversationReference, Locale, Person, Turn } from '../domain/turn.ts';
import { newCorrelationId } from '../lib/ids.ts';
import { findTimeZone } from '../lib/time.ts';

/** The parts of an inbound activity that the bot reads. Everything is optional: the sender decides what is there. */
export interface InboundActivity {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly channelId?: string;
  readonly serviceUrl?: string;
  readonly text?: string;
  readonly locale?: string;
  /** IANA name. */
  readonly localTimezone?: string;
  readonly replyToId?: string;
  readonly action?: string;
  readonly from?: Account;
  readonly recipient?: Account;
  readonly conversation?: { id?: string; conversationType?: string; tenantId?: string; isGroup?: boolean };
  readonly channelData?: {
    readonly tenant?: { readonly id?: string };
    readonly team?: { readonly id?: string };
    readonly eventType?: string;
    /** Of an installation: the channel that was chosen for the bot's messages. */
    readonly settings?: unknown;
  };
  readonly entities?: readonly unknown[];
  readonly membersAdded?: readonly (Account | null)[];
  readonly membersRemoved?: readonly (Account | null)[];
  readonly value?: unknown;
}

interface Account {
  readonly id?: string;
  readonly name?: string;
  readonly aadObjectId?: string;
}

const kinds: readonly ConversationKind[] = ['personal', 'groupChat', 'channel'];

/** The tenant that the guard checked; `conversation.tenantId` and `channelData.tenant.id` agree wherever both are given. */
export function findTenantId(activity: InboundActivity): string | undefined {
  return (activity.conversation?.tenantId ?? activity.channelData?.tenant?.id)?.toLowerCase();
}

/** Undefined when the activity does not say enough to answer it. */
export function findConversation(activity: InboundActivity): ConversationReference | undefined {
  const { serviceUrl, conversation, recipient } = activity;
  const tenantId = findTenantId(activity);
  if (!serviceUrl || !conversation?.id || !recipient?.id || !tenantId) return undefined;
  const isShared = conversation.id.startsWith('19:') || conversation.isGroup;
  // Some activities do not say the kind; a new thread can be begun in a channel alone.
  const isChannel = /@thread\.(?:tacv2|skype)(?:;|$)/.test(conversation.id);
  const fallback = isChannel ? 'channel' : isShared ? 'groupChat' : 'personal';
  return {
    serviceUrl,
    id: conversation.id,
    kind: kinds.find((kind) => kind === conversation.conversationType) ?? fallback,
    tenantId,
    bot: { id: recipient.id, name: nameOf(recipient) },
  };
}

/** Undefined when Teams did not say who it is: then nobody is acted for. */
export function findPerson(activity: InboundActivity): Person | undefined {
  const tenantId = findTenantId(activity);
  const { id, aadObjectId } = activity.from ?? {};
  if (!tenantId || !id || !aadObjectId) return undefined;
  return { tenantId, aadObjectId: aadObjectId.toLowerCase(), teamsId: id, name: nameOf(activity.from) };
}

/** What people are called is theirs, but it is kept and sent on: half characters and controls are left out. */
const nameOf = (account: Account | undefined) => (account?.name ?? '').toWellFormed().replace(/\p{Cc}+/gu, ' ');

export function localeOf(activity: InboundActivity): Locale {
  return /^zh/i.test(activity.locale ?? '') ? 'zh-CN' : 'en';
}

/** Where the sender's clock is, as the activity itself or else its `clientInfo` says; undefined when neither names a zone. */
function findTimeZoneOf({ localTimezone, entities }: InboundActivity): string | undefined {
  const info = Array.isArray(entities) ? entities.slice(0, 50).find(isClientInfo) : undefined;
  return [localTimezone, info?.timezone]
    .map((name) => (typeof name === 'string' ? findTimeZone(name) : undefined))
    .find((zone) => zone !== undefined);
}

function isClientInfo(entity: unknown): entity is { readonly type: 'clientInfo'; readonly timezone?: unknown } {
  return typeof entity === 'object' && entity !== null && 'type' in entity && entity.type === 'clientInfo';
}

/** The turn that an activity begins; undefined when it does not say who speaks where: then nobody is acted for. */
export function findTurn(activity: InboundActivity, now: number): Turn | undefined {
  const person = findPerson(activity);
  const conversation = findConversation(activity);
  if (!person || !conversation) return undefined;
  const timeZone = findTimeZoneOf(activity);
  return {
    person,
    conversation,
    locale: localeOf(activity),
    at: now,
    correlationId: newCorrelationId(),
    ...(activity.type === 'message' && activity.id && { messageId: activity.id }),
    ...(activity.name === 'adaptiveCard/action' && activity.replyToId && { cardId: activity.replyToId }),
    ...(timeZone && { timeZone }),
  };
}

const mostEntities = 50;
const tag = /<at(?:\s[^<>]{0,200})?>([^<>]{0,200})<\/at>/gi;

/**
 * A message's text without the mentions of this bot, wherever and however often they stand, and however little is said of
 * them. Somebody else's mention becomes `@name`, which begins no command, whatever they are called.
 * Source: facts of `removeRecipientMention`, which removes one mention and throws on entities that lack a part.
 */
export function messageText(activity: Pick<InboundActivity, 'text' | 'entities' | 'recipient'>): string {
  const { recipient } = activity;
  const mentions = (activity.entities ?? []).slice(0, mostEntities).flatMap(findMention);
  const own = mentions.filter(({ id }) => id !== undefined && id === recipient?.id);
  let text = activity.text ?? '';
  for (const said of own) if (said.text) text = text.split(said.text).join(' ');
  const names = new Set(
    [recipient?.name, ...own.map(({ name }) => name)].flatMap((name) => (name ? [fold(name)] : [])),
  );
  const others = new Set(
    mentions.flatMap(({ id, text: said }) => (said && id !== recipient?.id ? [fold(withoutTag(said))] : [])),
  );
  // In a chat of several the bot is only spoken to when it is mentioned: a first tag that is nobody else's is its own.
  let isFirst = own.every(({ text: said }) => !said);
  return text.replace(tag, (_, name: string) => {
    const folded = fold(name);
    const isOwn = names.has(folded) || (isFirst && !others.has(folded));
    isFirst = false;
    return isOwn ? ' ' : ` @${name} `;
  });
}

interface Mention {
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
}

function findMention(entity: unknown): Mention[] {
  const { type, text, mentioned } = (typeof entity === 'object' && entity !== null ? entity : {}) as Record<
    string,
    unknown
  >;
  if (type !== 'mention') return [];
  const { id, name } = (typeof mentioned === 'object' && mentioned !== null ? mentioned : {}) as Record<
    string,
    unknown
  >;
  return [
    {
      ...(typeof id === 'string' && { id }),
      ...(typeof name === 'string' && { name }),
      ...(typeof text === 'string' && text.trim() !== '' && { text }),
    },
  ];
}

const withoutTag = (text: string) => text.replace(/<\/?at[^<>]{0,200}>/gi, '');
const fold = (name: string) =>
  name
    .replace(/&nbsp;/gi, ' ')
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

export type BotMove = 'came' | 'left';

/**
 * Whether by this activity the bot itself came into its conversation or left it. Teams tells of either in two ways, often in both;
 * `add-upgrade` and `remove-upgrade` are a new version of what is there already.
 */
export function botMoveOf(activity: InboundActivity): BotMove | undefined {
  const { type, action, membersAdded, membersRemoved, recipient } = activity;
  if (type === 'installationUpdate') return action === 'add' ? 'came' : action === 'remove' ? 'left' : undefined;
  if (type !== 'conversationUpdate') return undefined;
  const isBot = (member: { readonly id?: string } | null) => !!member?.id && member.id === recipient?.id;
  if (membersRemoved?.some(isBot)) return 'left';
  return membersAdded?.some(isBot) ? 'came' : undefined;
}

/**
 * What makes an activity one: its conversation and id. A card action that is sent again with a sign-in's proof is another
 * one than the action it follows. Undefined for an activity without an id, which cannot be told from another.
 */
export function repeatKey(activity: InboundActivity): string | undefined {
  const { id, conversation, value } = activity;
  if (!id || !conversation?.id) return undefined;
  const { authentication, state } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const proof = authentication ? 'token' : state ? 'code' : '';
  return createHash('sha256')
    .update(JSON.stringify([conversation.id, id, activity.type, proof]))
    .digest('base64url');
}
