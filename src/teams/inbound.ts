import { createHash } from 'node:crypto';
import type { ConversationKind, ConversationReference, Locale, Person, Turn } from '../domain/turn.ts';
import { newCorrelationId } from '../lib/ids.ts';
import { type JsonObject, toJsonObject } from '../lib/json.ts';
import { findTimeZone } from '../lib/time.ts';
import { type MessageText, mostEntities, readMessageText } from './message-text.ts';

declare const verified: unique symbol;

/** Claims of a token that the guard verified. Nobody else makes them, so whoever holds them need not verify anything again. */
export type VerifiedClaims = JsonObject & { readonly [verified]: true };

/** The parts of a Bot Framework activity that the bot reads. Everything is optional: the sender decides. */
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
    /** In an installation: the channel that was chosen for the bot's messages. */
    readonly settings?: unknown;
  };
  readonly entities?: readonly unknown[];
  readonly attachments?: readonly unknown[];
  readonly membersAdded?: readonly (Account | null)[];
  readonly membersRemoved?: readonly (Account | null)[];
  readonly value?: unknown;
}

interface Account {
  readonly id?: string;
  readonly name?: string;
  readonly aadObjectId?: string;
  /** True for a message that only its sender and the bot see. */
  readonly isTargeted?: unknown;
}

/** An activity that the guard admitted, read once. Everything after the guard goes by this. */
export type Inbound = InboundMessage | InboundInvoke | InboundInstallation | InboundOther;

interface InboundBase {
  /** As it came, for the adapter alone. */
  readonly activity: InboundActivity;
  /** From the token that the guard verified, for the adapter alone. */
  readonly claims: VerifiedClaims;
  /** The same for each copy of an activity; undefined without an id, when copies cannot be recognized. */
  readonly key: string | undefined;
  readonly correlationId: string;
  readonly locale: Locale;
  /** Undefined when the activity does not say where an answer can go. */
  readonly conversation: ConversationReference | undefined;
  /** Undefined when Teams did not say who it is: then the bot acts for nobody. */
  readonly person: Person | undefined;
  /** Person and conversation together; undefined without either. */
  readonly turn: Turn | undefined;
  readonly teamId: string | undefined;
}

export interface InboundMessage extends InboundBase {
  readonly kind: 'message';
  readonly messageId: string | undefined;
  /** The person's own words: without mentions of this bot, a client's mark-up, and what was forwarded. */
  readonly text: string;
}

/** Sent for every few letters that somebody types into the search field of a card. It changes nothing. */
export const searchInvoke = 'application/search';

export interface InboundInvoke extends InboundBase {
  readonly kind: 'invoke';
  readonly name: string;
  /** Empty when the activity's value is no object. */
  readonly value: JsonObject;
}

/** The bot itself was added to the conversation or removed from it. */
export interface InboundInstallation extends InboundBase {
  readonly kind: 'botAdded' | 'botRemoved';
  /** The person who did it; Teams often leaves the name out. */
  readonly by: Pick<Person, 'teamsId' | 'name'> | undefined;
  /** The channel that whoever installed the app in a team chose for its introduction. */
  readonly chosenChannelId: string | undefined;
}

export interface InboundOther extends InboundBase {
  readonly kind: 'other';
}

export interface InboundContext {
  /** The tenant that the guard admitted, lower case. */
  readonly tenantId: string;
  readonly claims: VerifiedClaims;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Reads an activity whose form the guard has checked. Accepts any: what is missing or odd is left out. */
export function parseInbound(activity: InboundActivity, { tenantId, claims, at }: InboundContext): Inbound {
  const value = toJsonObject(activity.value);
  const conversation = findConversation(activity, tenantId);
  const person = findPerson(activity.from, tenantId);
  const locale: Locale = /^zh/i.test(activity.locale ?? '') ? 'zh-CN' : 'en';
  const correlationId = newCorrelationId();
  const message = activity.type === 'message' ? readMessageText(activity) : undefined;
  const base: InboundBase = {
    activity,
    claims,
    key: findKey(activity, value),
    correlationId,
    locale,
    conversation,
    person,
    turn: conversation && person && toTurn(activity, message, { conversation, person, locale, correlationId, at }),
    teamId: activity.channelData?.team?.id,
  };
  if (message) return { ...base, kind: 'message', messageId: activity.id, text: message.text };
  if (activity.type === 'invoke') return { ...base, kind: 'invoke', name: activity.name ?? '', value };
  const kind = findInstallationKind(activity);
  if (!kind) return { ...base, kind: 'other' };
  const { from } = activity;
  const by = from?.id ? { teamsId: from.id, name: from.name ?? '' } : undefined;
  return { ...base, kind, by, chosenChannelId: findChosenChannelId(activity) };
}

/**
 * Conversation and id make an activity one. A card action that is sent again with the proof of a sign-in is another activity
 * than the action before it, although Teams gives both one id.
 */
function findKey({ id, type, conversation }: InboundActivity, value: InboundInvoke['value']): string | undefined {
  if (!id || !conversation?.id) return undefined;
  const proof = value.authentication ? 'token' : value.state ? 'code' : '';
  return createHash('sha256')
    .update(JSON.stringify([conversation.id, id, type, proof]))
    .digest('base64url');
}

const kinds: readonly ConversationKind[] = ['personal', 'groupChat', 'channel'];

function findConversation(activity: InboundActivity, tenantId: string): ConversationReference | undefined {
  const { serviceUrl, conversation, recipient, from } = activity;
  if (!serviceUrl || !conversation?.id || !recipient?.id) return undefined;
  const isShared = conversation.id.startsWith('19:') || conversation.isGroup;
  // Some activities leave the kind out; only a channel can have threads.
  const isChannel = /@thread\.(?:tacv2|skype)(?:;|$)/.test(conversation.id);
  const fallback = isChannel ? 'channel' : isShared ? 'groupChat' : 'personal';
  const kind = kinds.find((each) => each === conversation.conversationType) ?? fallback;
  const isTargeted = recipient.isTargeted === true && kind !== 'personal';
  return {
    serviceUrl,
    id: conversation.id,
    kind,
    tenantId,
    bot: { id: recipient.id, name: cleanName(recipient) },
    ...(isTargeted && from?.id && { onlyFor: { teamsId: from.id, name: cleanName(from) } }),
  };
}

function findPerson(from: Account | undefined, tenantId: string): Person | undefined {
  if (!from?.id || !from.aadObjectId) return undefined;
  return { tenantId, aadObjectId: from.aadObjectId.toLowerCase(), teamsId: from.id, name: cleanName(from) };
}

/** Names are stored and sent on: half characters and controls would break either. */
const cleanName = ({ name }: Account) => (name ?? '').toWellFormed().replace(/\p{Cc}+/gu, ' ');

function toTurn(
  activity: InboundActivity,
  message: MessageText | undefined,
  base: Pick<Turn, 'conversation' | 'person' | 'locale' | 'correlationId' | 'at'>,
): Turn {
  const timeZone = findTimeZoneOf(activity);
  return {
    ...base,
    ...(message && activity.id && { messageId: activity.id }),
    ...(message?.quotedId !== undefined && { quotedId: message.quotedId }),
    ...(activity.name === 'adaptiveCard/action' && activity.replyToId && { cardId: activity.replyToId }),
    ...(timeZone && { timeZone }),
  };
}

/** From the activity, or else from the `clientInfo` in its entities. */
function findTimeZoneOf({ localTimezone, entities }: InboundActivity): string | undefined {
  const info = (entities ?? []).slice(0, mostEntities).find(isClientInfo);
  return [localTimezone, info?.timezone]
    .map((name) => (typeof name === 'string' ? findTimeZone(name) : undefined))
    .find((zone) => zone !== undefined);
}

function isClientInfo(entity: unknown): entity is { readonly type: 'clientInfo'; readonly timezone?: unknown } {
  return toJsonObject(entity).type === 'clientInfo';
}

/**
 * Teams reports an installation by two activities, often by both. `add-upgrade` and `remove-upgrade` are a new version of an
 * app that is already there. Source: Teams "Conversation events in your bot".
 */
function findInstallationKind(activity: InboundActivity): InboundInstallation['kind'] | undefined {
  const { type, action, membersAdded, membersRemoved, recipient } = activity;
  if (type === 'installationUpdate')
    return action === 'add' ? 'botAdded' : action === 'remove' ? 'botRemoved' : undefined;
  if (type !== 'conversationUpdate') return undefined;
  const isBot = (member: Account | null) => !!member?.id && member.id === recipient?.id;
  if (membersRemoved?.some(isBot)) return 'botRemoved';
  return membersAdded?.some(isBot) ? 'botAdded' : undefined;
}

function findChosenChannelId({ channelData }: InboundActivity): string | undefined {
  const { id } = toJsonObject(toJsonObject(channelData?.settings).selectedChannel);
  return channelData?.team && typeof id === 'string' && /^19:[\w-]{1,200}@thread\.[a-z0-9]+$/.test(id) ? id : undefined;
}
