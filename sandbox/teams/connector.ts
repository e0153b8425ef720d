import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Registration, SandboxContext, StandIn } from '../contract.ts';
import { createGates, type Gate, type GatePlan } from '../gates.ts';
import { isObject } from './activities.ts';
import {
  badSyntax,
  type ConnectorAnswer,
  ConnectorError,
  createConnectorSends,
  createRateLimit,
  readLimits,
  sendLimits,
} from './connector-sends.ts';
import type { Conversations, TeamsConversation } from './conversations.ts';
import { createChannelKeys, createDelivery, type Delivery } from './delivery.ts';
import type { Timeline } from './timeline.ts';

interface ConnectorOptions {
  readonly context: SandboxContext;
  readonly registration: Pick<Registration, 'botId'>;
  readonly conversations: Conversations;
  readonly timeline: Timeline;
  /** Real milliseconds until a message without an answer is posted again; 15 s by default. */
  readonly retryAfterMs?: number;
}

export interface ConnectorStandIn extends StandIn, Pick<Delivery, 'deliver' | 'connectBot' | 'findBotUrl'> {
  readonly issuer: string;
  /** Oldest first; reads of the keys are not among them. */
  readonly requests: readonly ConnectorRequest[];
  /** The next `count` requests of the bot go wrong. */
  failNext(count: number, fault: ConnectorFault): void;
  failNoMore(): void;
  /** Holds the next matching request of the bot until the gate is opened or dropped. */
  holdNext(plan: GatePlan): Gate;
  /** On at the start. */
  setRateLimits(on: boolean): void;
  setInstalled(conversation: TeamsConversation, installed: boolean): void;
  isInstalled(conversation: TeamsConversation): boolean;
}

/** A request of the bot and its answer. Credentials are not kept. */
export interface ConnectorRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  readonly authorized: boolean;
  readonly body: string;
  /** 0 when the connection was cut. */
  readonly status: number;
}

/** A fault of the connector. */
export interface ConnectorFault {
  /** 0 cuts the connection without an answer. */
  readonly status: number;
  readonly code?: string;
  /** Seconds, or any other text for the header. */
  readonly retryAfter?: number | string;
  /** The message is stored although the answer is an error: a repeated POST then shows it twice, as in Teams. */
  readonly afterStoring?: boolean;
  /** Real milliseconds before the answer. */
  readonly delayMs?: number;
  /** Applies to requests of this method only. */
  readonly method?: 'POST' | 'PUT' | 'DELETE' | 'GET';
  /** Applies to activities of this type only: messages are more than typing signs. */
  readonly activity?: 'message' | 'typing';
}

const issuer = 'https://api.botframework.com';
const mostBytes = 100 * 1024;

const route =
  /^\/v3\/conversations(?:\/(?<id>[^/]+)\/(?:activities(?:\/(?<activityId>[^/]+))?|(?<members>members|pagedmembers)(?:\/(?<memberId>[^/]+))?))?\/?$/;

/** Teams' connector: signs and posts activities to the bot, and accepts what the bot sends. */
export function createConnector(options: ConnectorOptions): ConnectorStandIn {
  const { context, conversations, timeline, registration } = options;
  const keys = createChannelKeys();
  const delivery = createDelivery({ ...options, keys, issuer });
  const faults = createFaultQueue();
  const gates = createGates();
  const sendRate = createRateLimit(sendLimits, context.now);
  const readRate = createRateLimit(readLimits, context.now);
  const absentFrom = new Set<string>();
  const requests: ConnectorRequest[] = [];
  let rateLimits = true;
  const isInstalled = (conversation: TeamsConversation) => !absentFrom.has(conversation.key);
  const sends = createConnectorSends({ registration, conversations, timeline, isInstalled });

  function act(method: string, url: URL, text: string | undefined): ConnectorAnswer {
    const groups = route.exec(url.pathname)?.groups;
    if (!groups) throw new ConnectorError(404, 'NotFound', 'The connector has no such address.');
    const [id, activityId, memberId] = [decoded(groups.id), decoded(groups.activityId), decoded(groups.memberId)];
    if (rateLimits) {
      const retryAfterS = (method === 'GET' ? readRate : sendRate).take(id ?? 'create');
      if (retryAfterS !== undefined) throw tooMany(retryAfterS);
    }
    if (text === undefined) throw new ConnectorError(413, 'MessageSizeTooBig', 'The message is over 100 KB.');
    if (id && groups.members && method === 'GET') return membersAnswer(id, groups.members, memberId);
    if (!id && method === 'POST') return sends.create(parsed(text));
    const isTargeted = url.searchParams.get('isTargetedActivity') === 'true';
    if (id && method === 'POST') return sends.send(id, parsed(text), { replyToId: activityId, isTargeted });
    const own = id && activityId ? { conversationId: id, activityId, isTargeted } : undefined;
    if (own && method === 'PUT') return sends.update(own, parsed(text));
    if (own && method === 'DELETE') return sends.remove(own);
    throw new ConnectorError(405, 'MethodNotAllowed', `The connector takes no ${method} here.`);
  }

  function membersAnswer(id: string, form: string, memberId: string | undefined): ConnectorAnswer {
    const answer = sends.members(id);
    if (form === 'pagedmembers') return { status: 200, body: { members: answer.body } };
    if (memberId === undefined) return answer;
    const member = answer.body.find(
      (each) => isObject(each) && (each.id === memberId || each.aadObjectId === memberId),
    );
    if (!member) throw new ConnectorError(404, 'MemberNotFoundInConversation', 'That person is not here.');
    return { status: 200, body: member };
  }

  /** The answer, or undefined when the connection is to be cut. */
  async function answerTo(method: string, url: URL, text: string | undefined) {
    const fault = faults.take(method, text);
    if (fault?.afterStoring) attempt(() => act(method, url, text));
    const answer = fault ? faultAnswer(fault) : attempt(() => act(method, url, text));
    if (fault?.delayMs) await wait(fault.delayMs);
    return answer.status === 0 ? undefined : answer;
  }

  async function handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (url.pathname === '/.well-known/openidconfiguration') return respond(response, openIdConfiguration(context));
    if (url.pathname === '/keys') return respond(response, { status: 200, body: await keys.publicKeys() });
    const method = request.method ?? 'GET';
    const text = await readLimitedBody(request, mostBytes);
    const held = { method, path: url.pathname, body: text ?? '' };
    const made = (await gates.pass(held, 'before')) ? await answerTo(method, url, text) : undefined;
    const answer = made && (await gates.pass(held, 'after')) ? made : undefined;
    requests.push({
      at: context.now(),
      method,
      path: url.pathname,
      query: url.search,
      authorized: request.headers.authorization !== undefined,
      body: text ?? '',
      status: answer?.status ?? 0,
    });
    timeline.emit({ kind: 'request' });
    if (answer) respond(response, answer);
    else response.destroy();
  }

  return {
    prefix: '/connector',
    handle,
    issuer,
    requests,
    ...delivery,
    failNext: faults.failNext,
    failNoMore: faults.failNoMore,
    holdNext: gates.hold,
    setRateLimits(on) {
      rateLimits = on;
    },
    setInstalled(conversation, installed) {
      if (installed) absentFrom.delete(conversation.key);
      else absentFrom.add(conversation.key);
    },
    isInstalled,
  };
}

interface HttpAnswer extends ConnectorAnswer {
  readonly retryAfter?: number | string | undefined;
}

function attempt(action: () => ConnectorAnswer): HttpAnswer {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const { status, code, message, retryAfterS } = error;
    return { status, body: { error: { code, message } }, retryAfter: retryAfterS };
  }
}

function faultAnswer({ status, code = 'ServiceError', retryAfter }: ConnectorFault): HttpAnswer {
  return { status, body: { error: { code, message: 'Made to happen.' } }, retryAfter };
}

/** Planned faults, used in the order in which they were planned. */
function createFaultQueue() {
  let planned: { left: number; readonly fault: ConnectorFault }[] = [];
  return {
    failNext(count: number, fault: ConnectorFault): void {
      planned.push({ left: count, fault });
    },
    failNoMore(): void {
      planned = [];
    },
    take(method: string, text: string | undefined): ConnectorFault | undefined {
      const type = toActivityType(text);
      const plan = planned.find(
        ({ left, fault }) => left > 0 && (fault.method ?? method) === method && (fault.activity ?? type) === type,
      );
      if (plan) plan.left -= 1;
      return plan?.fault;
    },
  };
}

function toActivityType(text: string | undefined): unknown {
  try {
    return parsed(text ?? '').type;
  } catch {
    return undefined;
  }
}

function openIdConfiguration(context: SandboxContext): ConnectorAnswer {
  const body = {
    issuer,
    jwks_uri: `${context.baseUrl()}/connector/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  };
  return { status: 200, body };
}

function respond(response: ServerResponse, { status, body, retryAfter }: HttpAnswer): void {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  };
  response.writeHead(status, headers);
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    throw badSyntax('The address is not properly encoded.');
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {}
  throw badSyntax('The body is not a JSON object.');
}

const tooMany = (retryAfterS: number) =>
  new ConnectorError(429, 'TooManyRequests', 'Too many requests in this thread.', retryAfterS);

/** A request's body as text; undefined when it is longer than `mostBytes`. */
export async function readLimitedBody(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= mostBytes) chunks.push(chunk);
  }
  return length <= mostBytes ? Buffer.concat(chunks).toString('utf8') : undefined;
}
