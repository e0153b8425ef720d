import type { ConversationKind, ConversationReference, Locale, Person } from '../domain/turn.ts';
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

export interface Account {
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
export function findTimeZoneOf({ localTimezone, entities }: InboundActivity): string | undefined {
  const info = Array.isArray(entities) ? entities.slice(0, 50).find(isClientInfo) : undefined;
  return [localTimezone, info?.timezone]
    .map((name) => (typeof name === 'string' ? findTimeZone(name) : undefined))
    .find((zone) => zone !== undefined);
}

function isClientInfo(entity: unknown): entity is { readonly type: 'clientInfo'; readonly timezone?: unknown } {
  return typeof entity === 'object' && entity !== null && 'type' in entity && entity.type === 'clientInfo';
}
