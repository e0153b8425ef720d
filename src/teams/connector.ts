import type { Config } from '../config.ts';
import { SendingError, type SendingFault } from '../domain/turn.ts';
import { createGetBotToken } from '../identity/tokens.ts';
import { parseJson } from '../lib/json.ts';
import { isLoopback } from '../lib/net.ts';
import { retryAfterToMs } from '../lib/retry.ts';
import type { Runtime } from '../lib/runtime.ts';
import { isServiceUrlAllowed } from './guard.ts';
import { createSendPace, type SendPace, type SendPlace } from './send-pace.ts';

/** What is sent to Teams: a Bot Framework activity, in the parts the bot uses. */
export type OutboundActivity = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface ConnectorClientOptions {
  /** The bot's own token for the connector; undefined where none is to be sent (a rehearsal's loopback connector). */
  readonly findToken: (serviceUrl: string) => Promise<string | undefined>;
  readonly isAllowed: (serviceUrl: string) => boolean;
  /** Whether the bot is to speak in a tenant: where it was heard from may have been left out of the configuration since. */
  readonly isServed: (tenantId: string) => boolean;
  readonly pace: SendPace;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly random?: () => number;
  readonly fetch?: typeof fetch;
}

/** How a message is sent; unless told, at once and with 4 tries, because a person waits for it. */
export interface Sending {
  readonly tenantId?: string;
  readonly isTriedOnce?: boolean;
  /** Waits for room under Teams' limits first, at most so long; else rejects with the reason `noRoom`, or goes all the same. */
  readonly roomWithinMs?: number;
  readonly goesWithoutRoom?: boolean;
  /** Ends that wait; what is on its way goes on. */
  readonly signal?: AbortSignal | undefined;
}

export interface ConnectorClient {
  /** Sends a message to a conversation, as an answer to `activity.replyToId` when it has one. Resolves to its id. */
  send(
    serviceUrl: string,
    conversationId: string,
    activity: OutboundActivity,
    how?: Sending,
  ): Promise<string | undefined>;
  /** Replaces a message of the bot's own. */
  update(
    serviceUrl: string,
    conversationId: string,
    activityId: string,
    activity: OutboundActivity,
    how?: Sending,
  ): Promise<void>;
}

export interface PersonalChats {
  /** Finds or begins a person's chat with the bot. Resolves to its conversation id; undefined when Teams does not say. */
  openPersonal(
    serviceUrl: string,
    chat: { readonly botId: string; readonly teamsId: string; readonly tenantId: string },
    how?: Sending,
  ): Promise<string | undefined>;
}

export interface Roster {
  /** What Teams calls a member of a conversation; undefined when it does not say. */
  findMemberName(serviceUrl: string, conversationId: string, memberId: string): Promise<string | undefined>;
}

export type Connector = ConnectorClient & PersonalChats & Roster;

/** The connector of the configured cloud and bot; one per process, because it counts what is sent. */
export function createConnector(config: Config, { now, wait, random }: Runtime): Connector {
  const getBotToken = createGetBotToken(config);
  return createConnectorClient({
    findToken: async (serviceUrl) => (isLoopback(serviceUrl) ? undefined : getBotToken()),
    isAllowed: (serviceUrl) => isServiceUrlAllowed(serviceUrl, config),
    isServed: (tenantId) => config.allowedTenants.includes(tenantId.toLowerCase()),
    pace: createSendPace({ now, wait }),
    now,
    wait,
    random,
  });
}

type Method = 'GET' | 'POST' | 'PUT';

const attemptDeadlineMs = 10_000;
const mostTries = 4;
const longestWaitMs = 30_000;

/** Statuses after which a call may be tried once more. */
const retriedStatuses: Readonly<Record<Method, ReadonlySet<number>>> = {
  GET: new Set([412, 429, 502, 503, 504]),
  // A repeated POST could show a message twice: only what was surely not taken is tried again.
  POST: new Set([429]),
  // A repeated PUT writes the same message again, so anything passing may be, no answer at all included.
  PUT: new Set([412, 429, 502, 503, 504]),
};

const isPassing = (method: Method, { reason, status }: ConnectorError) =>
  status === undefined ? reason === 'unreachable' && method !== 'POST' : retriedStatuses[method].has(status);

/**
 * Calls Teams' connector: a deadline of 10 s per try, at most 4 tries, Retry-After honoured up to 30 s.
 * Refuses addresses that are not Teams', and tenants that are not served. Throws ConnectorError.
 * Source: Teams bot rate limits; the SDK's own client repeats a POST on 502 and has no deadline.
 */
export function createConnectorClient(options: ConnectorClientOptions): Connector {
  const request = options.fetch ?? fetch;
  const random = options.random ?? Math.random;

  async function once(
    method: Method,
    url: string,
    serviceUrl: string,
    body?: string,
  ): Promise<{ readonly value: unknown } | { readonly error: ConnectorError }> {
    let token: string | undefined;
    try {
      token = await options.findToken(serviceUrl);
    } catch (error) {
      return { error: new ConnectorError({ reason: 'noToken', cause: error }) };
    }
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const signal = AbortSignal.timeout(attemptDeadlineMs);
    let response: Response;
    try {
      response = await request(url, { method, headers, ...(body && { body }), redirect: 'error', signal });
    } catch (error) {
      return { error: new ConnectorError({ reason: 'unreachable', cause: error }) };
    }
    const text = await response.text().catch(() => '');
    if (response.ok) return { value: parseJson(text) };
    const retryAfterMs = retryAfterToMs(response.headers.get('retry-after'), options.now());
    const { status } = response;
    return { error: new ConnectorError({ reason: 'refused', status, code: codeOf(text), retryAfterMs }) };
  }

  async function makeRoom(place: SendPlace, { roomWithinMs, goesWithoutRoom, signal }: Sending): Promise<void> {
    if (roomWithinMs === undefined) return options.pace.count(place);
    const retryAfterMs = await options.pace.waitForRoom(place, roomWithinMs, signal);
    if (retryAfterMs === undefined) return;
    if (!goesWithoutRoom) throw new ConnectorError({ reason: 'noRoom', retryAfterMs });
    options.pace.count(place);
  }

  /** `conversationId`: whose limits it counts against; absent for reads, which have limits of their own. */
  async function call(
    method: Method,
    serviceUrl: string,
    path: string,
    sent?: { readonly conversationId: string; readonly body: unknown; readonly how: Sending | undefined },
  ): Promise<unknown> {
    if (!options.isAllowed(serviceUrl)) throw new ConnectorError({ reason: 'addressRefused' });
    const { how = {} } = sent ?? {};
    if (how.tenantId !== undefined && !options.isServed(how.tenantId))
      throw new ConnectorError({ reason: 'tenantRefused' });
    const url = `${serviceUrl.replace(/\/+$/, '')}${path}`;
    const body = sent && JSON.stringify(sent.body);
    for (let tries = 1; ; tries += 1) {
      if (sent) await makeRoom({ conversationId: sent.conversationId, tenantId: how.tenantId }, how);
      const answer = await once(method, url, serviceUrl, body);
      if ('value' in answer) return answer.value;
      const { error } = answer;
      const waitMs = error.retryAfterMs ?? 2 ** tries * 500 * (1 + random());
      const isLast = how.isTriedOnce || tries === mostTries;
      if (isLast || !isPassing(method, error) || waitMs > longestWaitMs) throw error;
      await options.wait(waitMs);
    }
  }

  const place = (id: string) => `/v3/conversations/${encodeURIComponent(id)}`;
  const conversation = (id: string) => `${place(id)}/activities`;
  return {
    async findMemberName(serviceUrl, conversationId, memberId) {
      const path = `${place(conversationId)}/members/${encodeURIComponent(memberId)}`;
      const { name } = ((await call('GET', serviceUrl, path)) ?? {}) as { readonly name?: unknown };
      return typeof name === 'string' && name !== '' ? name : undefined;
    },
    async openPersonal(serviceUrl, { botId, teamsId, tenantId }, how) {
      const channelData = { tenant: { id: tenantId } };
      const body = { isGroup: false, bot: { id: botId }, members: [{ id: teamsId }], tenantId, channelData };
      return idOf(await call('POST', serviceUrl, '/v3/conversations', { conversationId: 'new', body, how }));
    },
    async send(serviceUrl, conversationId, activity, how) {
      const { replyToId } = activity;
      const path = typeof replyToId === 'string' ? `/${encodeURIComponent(replyToId)}` : '';
      const sent = { conversationId, body: activity, how };
      return idOf(await call('POST', serviceUrl, `${conversation(conversationId)}${path}`, sent));
    },
    async update(serviceUrl, conversationId, activityId, activity, how) {
      const path = `${conversation(conversationId)}/${encodeURIComponent(activityId)}`;
      await call('PUT', serviceUrl, path, { conversationId, body: { ...activity, id: activityId }, how });
    },
  };
}

function idOf(answer: unknown): string | undefined {
  const id = (answer as { id?: unknown } | undefined)?.id;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function codeOf(text: string): string | undefined {
  const code = (parseJson(text) as { error?: { code?: unknown } } | undefined)?.error?.code;
  return typeof code === 'string' ? code : undefined;
}

export interface ConnectorErrorParts {
  /**
   * `refused`: Teams answered `status`. `unreachable`: no answer in time; a message may have been taken all the same. The others were
   * never sent: `addressRefused`: not Teams' address; `tenantRefused`: not one of those served; `noToken`: Entra gave the bot none;
   * `noRoom`: Teams' limits leave none for now.
   */
  readonly reason: 'refused' | 'unreachable' | 'addressRefused' | 'tenantRefused' | 'noToken' | 'noRoom';
  readonly status?: number;
  /** Teams' own `error.code`, such as `ActivityNotFoundInConversation`. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A call to Teams' connector failed. */
export class ConnectorError extends SendingError {
  override readonly name = 'ConnectorError';
  readonly reason: ConnectorErrorParts['reason'];
  readonly status: number | undefined;

  constructor(parts: ConnectorErrorParts) {
    const { reason, status, retryAfterMs, cause } = parts;
    super(faultOf(parts), parts.code ?? String(status ?? reason), {
      retryAfterMs,
      cause,
      mayBeTaken: mayBeTaken(parts),
    });
    this.reason = reason;
    this.status = status;
  }
}

/** Teams names 412, 429, 502, 503 and 504 to be tried again. 401: see below. */
const passingStatuses: ReadonlySet<number> = new Set([401, 408, 412, 429]);

/** The message is not there (any more); other messages of the conversation may be. */
const goneCodes: ReadonlySet<string> = new Set([
  ...['ActivityNotFoundInConversation', 'MessageNotFound', 'ActivityNotFound'],
]);

/** By these Teams says that nothing of the bot is taken there. Source: Teams bot status codes, conversation APIs. */
const closedCodes: ReadonlySet<string> = new Set([
  ...['BotNotInConversationRoster', 'ConversationBlockedByUser', 'BotDisabledByAdmin', 'ForbiddenOperationException'],
  ...['NotEnoughPermissions', 'InvalidBotApiHost', 'MessageWritesBlocked', 'ConversationNotFound', 'BotNotRegistered'],
]);

/**
 * What a failed call means to who wanted it. A 401 without a code of its own is the bot's own trouble (its secret, Entra, a clock) and
 * no fault of the conversation; a 500 is Teams'. A 403 that nobody has described is taken like the others: somebody is told then.
 * A tenant that was left out of the configuration may come back tomorrow, so nothing there is given up at once.
 */
function faultOf({ reason, status = 0, code = '' }: ConnectorErrorParts): SendingFault {
  if (reason === 'addressRefused') return 'closed';
  if (reason !== 'refused') return 'passing';
  if (status === 404 && goneCodes.has(code)) return 'messageGone';
  if (closedCodes.has(code) || status === 403) return 'closed';
  return passingStatuses.has(status) || status >= 500 ? 'passing' : 'refused';
}

/** Before the connection was made, so that nothing can have been taken. */
const beforeSending: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** Whether a call that failed may have done what it was for. */
function mayBeTaken({ reason, status = 0, cause }: ConnectorErrorParts): boolean {
  return reason === 'unreachable' ? !beforeSending.has(socketCodeOf(cause)) : status >= 500 || status === 408;
}

/** Fetch hides what the network said one level down. */
function socketCodeOf(cause: unknown): unknown {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined;
}
