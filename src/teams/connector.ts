import type { Config } from '../config.ts';
import { type ConversationReference, isConversationUnknown, type Person } from '../domain/turn.ts';
import { createGetBotToken } from '../identity/tokens.ts';
import { withTimeoutWhileFree } from '../lib/async.ts';
import { callHttp } from '../lib/http.ts';
import { parseJson, toJsonObject } from '../lib/json.ts';
import { isLoopback } from '../lib/net.ts';
import { retryAfterToMs } from '../lib/retry.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { TeamsObservation } from '../telemetry/metrics.ts';
import { ConnectorError } from './connector-error.ts';
import { isServiceUrlAllowed } from './guard.ts';
import { createSendPace, type SendPace, type SendPlace } from './send-pace.ts';

/** A Bot Framework activity that is sent to Teams, in the parts that the bot uses. */
export type OutboundActivity = { readonly type: string } & Readonly<Record<string, unknown>>;

/** By default a call goes at once and is tried four times, because a person waits for it. */
export interface SendOptions {
  /** The message that a post answers. */
  readonly replyToId?: string | undefined;
  readonly isTriedOnce?: boolean;
  /** Waits for room under Teams' limits first, at most this long; then rejects with `noRoom`. */
  readonly roomWithinMs?: number;
  /** Sends without room rather than reject. */
  readonly goesWithoutRoom?: boolean;
  /** Ends the wait for room. A call that has begun goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Teams' connector service. Every call rejects with a ConnectorError. */
export interface Connector {
  /** Resolves to the message's id; undefined when Teams accepted it and did not say. */
  post(
    conversation: ConversationReference,
    activity: OutboundActivity,
    options?: SendOptions,
  ): Promise<string | undefined>;
  /** Replaces one of the bot's own messages; notifies nobody. */
  edit(
    conversation: ConversationReference,
    messageId: string,
    activity: OutboundActivity,
    options?: SendOptions,
  ): Promise<void>;
  /** Finds or begins a person's chat with the bot of `through`. Resolves to its conversation id; undefined when Teams does not say. */
  openPersonal(
    person: Pick<Person, 'teamsId' | 'tenantId'>,
    through: ConversationReference,
    options?: SendOptions,
  ): Promise<string | undefined>;
  /** A member's display name; undefined when Teams does not say. */
  findMemberName(conversation: ConversationReference, memberId: string): Promise<string | undefined>;
}

/** The connector of the configured cloud and bot; one per process, because it counts what is sent. */
export function createConnector(config: Config, runtime: Runtime, onCall: OnTeamsCall): Connector {
  const getBotToken = createGetBotToken(config);
  return createConnectorClient({
    findToken: async (serviceUrl) => (isLoopback(serviceUrl) ? undefined : getBotToken()),
    isAllowed: (serviceUrl) => isServiceUrlAllowed(serviceUrl, config),
    isServed: (tenantId) => config.allowedTenants.includes(tenantId.toLowerCase()),
    pace: createSendPace(runtime),
    runtime,
    onCall,
  });
}

export interface ConnectorClientOptions {
  /** The bot's own token; undefined for an address that must not get one, such as a rehearsal's on loopback. */
  readonly findToken: (serviceUrl: string) => Promise<string | undefined>;
  readonly isAllowed: (serviceUrl: string) => boolean;
  /** Checked at every call: a stored conversation may be of a tenant that was left out of the configuration since. */
  readonly isServed: (tenantId: string) => boolean;
  readonly pace: SendPace;
  readonly runtime: Runtime;
  readonly onCall?: OnTeamsCall;
}

/** Called after every try of a call, for metrics. */
type OnTeamsCall = (observation: TeamsObservation) => void;

const attemptDeadlineMs = 10_000;
const mostTries = 4;
const longestWaitMs = 30_000;

/**
 * Calls Teams' connector with a deadline of 10 s per try, at most 4 tries, and Retry-After honoured up to 30 s. Refuses addresses that
 * are not Teams' and tenants that are not configured. Botbuilder's own client repeats a POST after 502 and has no deadline.
 */
export function createConnectorClient({
  findToken,
  isAllowed,
  isServed,
  pace,
  runtime,
  onCall,
}: ConnectorClientOptions): Connector {
  const { now, wait, random } = runtime;

  async function call(request: ConnectorRequest): Promise<unknown> {
    const { method, serviceUrl, tenantId, place, options = {} } = request;
    if (!isAllowed(serviceUrl)) throw new ConnectorError({ reason: 'addressRefused' });
    if (!isServed(tenantId)) throw new ConnectorError({ reason: 'tenantRefused' });
    for (let tries = 1; ; tries += 1) {
      if (place) await makeRoom(place, options);
      const from = performance.now();
      const result = await callOnce(request);
      const outcome = 'error' in result ? outcomeOf(result.error) : 'ok';
      onCall?.({ operation: request.operation, outcome, ms: performance.now() - from });
      if ('answer' in result) return result.answer;
      const { error } = result;
      const waitMs = error.retryAfterMs ?? 2 ** tries * 500 * (1 + random());
      const isLast = options.isTriedOnce || tries === mostTries;
      if (isLast || !isRetried(method, error) || waitMs > longestWaitMs) throw error;
      await wait(waitMs);
    }
  }

  async function makeRoom(place: SendPlace, { roomWithinMs, goesWithoutRoom, signal }: SendOptions): Promise<void> {
    if (roomWithinMs === undefined) return pace.count(place);
    const retryAfterMs = await pace.waitForRoom(place, roomWithinMs, signal);
    if (retryAfterMs === undefined) return;
    if (!goesWithoutRoom) throw new ConnectorError({ reason: 'noRoom', retryAfterMs });
    pace.count(place);
  }

  async function callOnce({ method, serviceUrl, path, body }: ConnectorRequest): Promise<CallResult> {
    let token: string | undefined;
    try {
      token = await findToken(serviceUrl);
    } catch (cause) {
      return { error: new ConnectorError({ reason: 'noToken', cause }) };
    }
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const content = body === undefined ? undefined : JSON.stringify(body);
    let reply: Awaited<ReturnType<typeof callHttp>>;
    try {
      reply = await withTimeoutWhileFree(attemptDeadlineMs, (signal) =>
        callHttp(`${serviceUrl.replace(/\/+$/, '')}${path}`, { method, headers, body: content, signal }),
      );
    } catch (cause) {
      return { error: new ConnectorError({ reason: 'unreachable', cause }) };
    }
    const { status } = reply;
    // Teams redirects nobody: something between here and there answered.
    if (status >= 300 && status < 400) return { error: new ConnectorError({ reason: 'unreachable' }) };
    const answer = toJsonObject(parseJson(reply.text));
    if (status >= 200 && status < 300) return { answer };
    const code = textOf(toJsonObject(answer.error).code);
    const retryAfterMs = retryAfterToMs(reply.headers['retry-after'] ?? null, now());
    return { error: new ConnectorError({ reason: 'refused', status, code, retryAfterMs }) };
  }

  return {
    async post(conversation, activity, options) {
      const { replyToId } = options ?? {};
      const { onlyFor } = conversation;
      // Teams has no replies among targeted messages: one is posted to the conversation itself.
      const answered = replyToId && !onlyFor ? `/${encodeURIComponent(replyToId)}` : '';
      const body = addressed(conversation, activity, replyToId);
      const answer = await call({
        ...inConversation(conversation, options),
        operation: 'post',
        method: 'POST',
        path: `${pathOf(conversation)}/activities${answered}${visibilityOf(conversation)}`,
        body: onlyFor ? { ...body, recipient: { id: onlyFor.teamsId, name: onlyFor.name, isTargeted: true } } : body,
      });
      return textOf(toJsonObject(answer).id);
    },
    async edit(conversation, messageId, activity, options) {
      await call({
        ...inConversation(conversation, options),
        operation: 'edit',
        method: 'PUT',
        path: `${pathOf(conversation)}/activities/${encodeURIComponent(messageId)}${visibilityOf(conversation)}`,
        body: { ...addressed(conversation, activity, options?.replyToId), id: messageId },
      });
    },
    async openPersonal({ teamsId, tenantId }, { serviceUrl, bot }, options) {
      const answer = await call({
        operation: 'openChat',
        method: 'POST',
        serviceUrl,
        tenantId,
        path: '/v3/conversations',
        body: {
          isGroup: false,
          bot: { id: bot.id },
          members: [{ id: teamsId }],
          tenantId,
          channelData: { tenant: { id: tenantId } },
        },
        place: { id: 'new', tenantId },
        options,
      });
      return textOf(toJsonObject(answer).id);
    },
    async findMemberName(conversation, memberId) {
      const { serviceUrl, tenantId } = conversation;
      const path = `${pathOf(conversation)}/members/${encodeURIComponent(memberId)}`;
      return textOf(
        toJsonObject(await call({ operation: 'findMember', method: 'GET', serviceUrl, tenantId, path })).name,
      );
    },
  };
}

type Method = 'GET' | 'POST' | 'PUT';

interface ConnectorRequest {
  readonly operation: TeamsObservation['operation'];
  readonly method: Method;
  readonly serviceUrl: string;
  readonly tenantId: string;
  readonly path: string;
  readonly body?: unknown;
  /** The place whose limits the call counts against; absent for a read, which has limits of its own. */
  readonly place?: SendPlace;
  readonly options?: SendOptions | undefined;
}

type CallResult = { readonly answer: unknown } | { readonly error: ConnectorError };

function outcomeOf({ reason, status = 0 }: ConnectorError): TeamsObservation['outcome'] {
  if (reason === 'noToken' || reason === 'unreachable') return reason;
  if (status === 429 || status === 412) return 'throttled';
  return status >= 500 ? 'failed' : 'refused';
}

const rejectedStatuses: ReadonlySet<number> = new Set([412, 429]);
const uncertainStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Retrying a POST could post twice, so it is retried only when Teams certainly rejected it. A PUT writes the same message again. */
function isRetried(method: Method, error: ConnectorError): boolean {
  const { reason, status = 0 } = error;
  if (reason === 'noToken' || rejectedStatuses.has(status) || isConversationUnknown(error)) return true;
  if (method === 'POST') return reason === 'unreachable' && !error.mayBeTaken;
  return reason === 'unreachable' || uncertainStatuses.has(status);
}

const inConversation = (conversation: ConversationReference, options: SendOptions | undefined) => ({
  serviceUrl: conversation.serviceUrl,
  tenantId: conversation.tenantId,
  place: conversation,
  options,
});

const pathOf = ({ id }: ConversationReference) => `/v3/conversations/${encodeURIComponent(id)}`;

/**
 * Teams refuses an edit of a targeted message that names its recipient, so only a post does. Source: Teams "Send and receive targeted
 * messages".
 */
const visibilityOf = ({ onlyFor }: ConversationReference) => (onlyFor ? '?isTargetedActivity=true' : '');

/** An activity with its sender, the place it belongs to and the message it answers. */
const addressed = (conversation: ConversationReference, activity: OutboundActivity, replyToId: string | undefined) => ({
  ...activity,
  channelId: 'msteams',
  serviceUrl: conversation.serviceUrl,
  from: conversation.bot,
  conversation: { id: conversation.id },
  ...(replyToId && { replyToId }),
});

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
