import type { Registration, SandboxPerson } from '../contract.ts';
import { isObject, type WireActivity } from './activities.ts';
import { type Conversations, parseConversationId, type TeamsConversation } from './conversations.ts';
import type { Timeline } from './timeline.ts';

export interface ConnectorAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * A refusal in Teams' form, `{"error":{"code","message"}}`. Codes: "Status codes from bot conversational APIs",
 * learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export const badSyntax = (message: string) => new ConnectorError(400, 'BadSyntax', message);
const badArgument = (message: string) => new ConnectorError(400, 'BadArgument', message);
const noSuchConversation = () => new ConnectorError(404, 'ConversationNotFound', 'Conversation not found.');

const noSuchActivity = () =>
  new ConnectorError(404, 'ActivityNotFoundInConversation', 'The activity is not in this conversation.');

interface SendParts {
  readonly registration: Pick<Registration, 'botId'>;
  readonly conversations: Conversations;
  readonly timeline: Timeline;
  /** The bot cannot write to a conversation that it is not installed in. */
  isInstalled(conversation: TeamsConversation): boolean;
}

interface SendOptions {
  readonly replyToId?: string | undefined;
  /** Asked for with `isTargetedActivity=true`. */
  readonly isTargeted?: boolean;
}

interface OwnMessage {
  readonly conversationId: string;
  readonly activityId: string;
  readonly isTargeted: boolean;
}

/** Sends, edits and deletes as Teams allows a bot to. Throws a ConnectorError for each refusal. */
export function createConnectorSends({ registration, conversations, timeline, isInstalled }: SendParts) {
  function place(id: string): { conversation: TeamsConversation; id: string; rootId?: string } {
    const parsed = parseConversationId(id);
    if (parsed === 'malformed') throw badSyntax('The thread part of the conversation id is malformed.');
    const conversation = conversations.findById(parsed.id);
    if (!conversation) throw noSuchConversation();
    if (parsed.rootId && !timeline.find(conversation, parsed.rootId)) throw noSuchConversation();
    if (!isInstalled(conversation))
      throw new ConnectorError(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
    return { conversation, id, ...(parsed.rootId && { rootId: parsed.rootId }) };
  }

  function store(target: ReturnType<typeof place>, activity: WireActivity, options: SendOptions = {}) {
    const { conversation } = target;
    const { replyToId, isTargeted } = options;
    const id = timeline.nextId();
    const onlyFor = isTargeted ? findTarget(conversation, activity) : undefined;
    if (activity.type === 'typing') {
      timeline.emit({ kind: 'typing', conversation, conversationId: target.id });
      return { id, conversationId: target.id };
    }
    checkMessage(activity);
    const startsThread = conversation.kind === 'channel' && !target.rootId;
    const conversationId = startsThread ? `${conversation.id};messageid=${id}` : target.id;
    const answered = activity.replyToId ?? replyToId;
    const stored = { ...activity, id, ...(answered && { replyToId: answered }) };
    timeline.add(conversation, { id, conversationId, author: 'bot', ...(onlyFor && { onlyFor }), activity: stored });
    return { id, conversationId };
  }

  function ownMessage(conversationId: string, activityId: string, isTargeted: boolean): TeamsConversation {
    const { conversation, rootId } = place(conversationId);
    const message = timeline.find(conversation, activityId);
    if (!message || message.deletedAt !== undefined || (rootId && message.rootId !== rootId)) throw noSuchActivity();
    if ((message.onlyFor !== undefined) !== isTargeted) throw noSuchActivity();
    if (message.author !== 'bot')
      throw new ConnectorError(403, 'ForbiddenOperationException', 'Only the bot’s own messages can be changed.');
    return conversation;
  }

  function createPersonal(body: Readonly<Record<string, unknown>>): ConnectorAnswer {
    const [member] = Array.isArray(body.members) ? body.members : [];
    const memberId = isObject(member) ? member.id : undefined;
    const conversation = conversations
      .list()
      .find(({ kind, members }) => kind === 'personal' && members.some((each) => each.teamsId === memberId));
    if (!conversation) throw badArgument('members must name one person by their Teams id.');
    const tenantId = body.tenantId ?? tenantOf(body.channelData);
    if (tenantId !== conversation.tenantId)
      throw new ConnectorError(403, 'Forbidden', 'The person is of another tenant.');
    const target = place(conversation.id);
    const sent = isObject(body.activity) ? store(target, asActivity(body.activity)) : undefined;
    return { status: 201, body: { id: conversation.id, ...(sent && { activityId: sent.id }) } };
  }

  function createThread(body: Readonly<Record<string, unknown>>, channelId: string): ConnectorAnswer {
    const target = place(channelId);
    if (target.conversation.kind !== 'channel') throw badArgument('channelData.channel.id must be a channel.');
    if (!isObject(body.activity)) throw badArgument('A new thread needs its first activity.');
    const sent = store(target, asActivity(body.activity));
    return { status: 201, body: { id: sent.conversationId, activityId: sent.id } };
  }

  return {
    create(body: Readonly<Record<string, unknown>>): ConnectorAnswer {
      const channelId = channelOf(body.channelData);
      if (channelId !== undefined) return createThread(body, channelId);
      if (body.isGroup === true) throw badArgument('A bot cannot create group chats.');
      return createPersonal(body);
    },
    send(conversationId: string, body: Readonly<Record<string, unknown>>, options: SendOptions): ConnectorAnswer {
      return { status: 201, body: { id: store(place(conversationId), asActivity(body), options).id } };
    },
    update(
      { conversationId, activityId, isTargeted }: OwnMessage,
      body: Readonly<Record<string, unknown>>,
    ): ConnectorAnswer {
      const conversation = ownMessage(conversationId, activityId, isTargeted);
      if (isTargeted && body.recipient !== undefined) throw badArgument('Cannot edit Recipient of Targeted Message');
      const activity = asActivity(body);
      checkMessage(activity);
      timeline.edit(conversation, activityId, { ...activity, id: activityId });
      return { status: 200, body: { id: activityId } };
    },
    remove({ conversationId, activityId, isTargeted }: OwnMessage): ConnectorAnswer {
      timeline.remove(ownMessage(conversationId, activityId, isTargeted), activityId);
      return { status: 200 };
    },
    members(conversationId: string): ConnectorAnswer & { body: readonly unknown[] } {
      const { conversation } = place(conversationId);
      const body = conversation.members.map((each) => ({
        id: each.teamsId,
        name: each.name,
        aadObjectId: each.aadObjectId,
        objectId: each.aadObjectId,
        userPrincipalName: each.userPrincipalName,
        email: each.userPrincipalName,
        tenantId: each.tenantId,
        userRole: each.guestIn ? 'guest' : 'user',
      }));
      return { status: 200, body };
    },
    botId: `28:${registration.botId}`,
  };
}

/** Source: Teams "Send and receive targeted messages": to one member, in group chats and channels. */
function findTarget({ kind, members }: TeamsConversation, { recipient }: WireActivity): SandboxPerson {
  const id = isObject(recipient) ? recipient.id : undefined;
  const target = members.find(({ teamsId }) => teamsId === id);
  if (kind === 'personal' || !target)
    throw badArgument('A targeted message needs a recipient who is in the group or team.');
  return target;
}

function asActivity(body: Readonly<Record<string, unknown>>): WireActivity {
  if (typeof body.type !== 'string') throw badArgument('The activity has no type.');
  return { ...body, type: body.type };
}

function checkMessage(activity: WireActivity): void {
  if (activity.type !== 'message') throw badArgument(`Teams takes no ${activity.type} activity from a bot.`);
  if (!activity.text && !activity.attachments?.length) throw badSyntax('The message has neither text nor attachment.');
}

function channelOf(channelData: unknown): string | undefined {
  const channel = isObject(channelData) ? channelData.channel : undefined;
  return isObject(channel) && typeof channel.id === 'string' ? channel.id : undefined;
}

function tenantOf(channelData: unknown): unknown {
  const tenant = isObject(channelData) ? channelData.tenant : undefined;
  return isObject(tenant) ? tenant.id : undefined;
}

interface RateWindow {
  readonly most: number;
  readonly withinMs: number;
}

/** Teams' limits for one bot in one thread. Source: learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit. */
export const sendLimits: readonly RateWindow[] = [
  { most: 7, withinMs: 1000 },
  { most: 8, withinMs: 2000 },
  { most: 60, withinMs: 30_000 },
  { most: 1800, withinMs: 3_600_000 },
];

export const readLimits: readonly RateWindow[] = [
  { most: 14, withinMs: 1000 },
  { most: 16, withinMs: 2000 },
  { most: 120, withinMs: 30_000 },
  { most: 3600, withinMs: 3_600_000 },
];

/** Sliding windows by key. A refused request does not count. */
export function createRateLimit(windows: readonly RateWindow[], now: () => number) {
  const taken = new Map<string, number[]>();
  const longestMs = Math.max(...windows.map((each) => each.withinMs));
  return {
    /** Undefined when the request fits, which then counts; otherwise the whole seconds until it would. */
    take(key: string): number | undefined {
      const at = now();
      const times = (taken.get(key) ?? []).filter((time) => at - time < longestMs);
      taken.set(key, times);
      const waits = windows.map(({ most, withinMs }) => {
        const decisive = times.at(-most);
        return times.length < most || decisive === undefined ? 0 : decisive + withinMs - at;
      });
      const waitMs = Math.max(...waits);
      if (waitMs > 0) return Math.ceil(waitMs / 1000);
      times.push(at);
      return undefined;
    },
  };
}
