import { retryAfterToMs } from '../retry-after.ts';
import { ConnectorError } from './connector-error.ts';

/** What is sent to Teams: a Bot Framework activity, in the parts the bot uses. */
export type OutboundActivity = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface ConnectorClientOptions {
  /** The bot's own token for the connector; undefined where none is to be sent (a rehearsal's loopback connector). */
  readonly findToken: (serviceUrl: string) => Promise<string | undefined>;
  readonly isAllowed: (serviceUrl: string) => boolean;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly random?: () => number;
  readonly fetch?: typeof fetch;
}

export interface ConnectorClient {
  /** Sends a message to a conversation, as an answer to `activity.replyToId` when it has one. Resolves to its id. */
  send(serviceUrl: string, conversationId: string, activity: OutboundActivity): Promise<string | undefined>;
  /** Replaces a message of the bot's own. `isTriedOnce`: what is overtaken soon is not tried again. */
  update(
    serviceUrl: string,
    conversationId: string,
    activityId: string,
    activity: OutboundActivity,
    options?: { readonly isTriedOnce?: boolean },
  ): Promise<void>;
}

export interface Roster {
  /** What Teams calls a member of a conversation; undefined when it does not say. */
  findMemberName(serviceUrl: string, conversationId: string, memberId: string): Promise<string | undefined>;
}

type Method = 'GET' | 'POST' | 'PUT';

const attemptDeadlineMs = 10_000;
const mostTries = 4;
const longestWaitMs = 30_000;

/** Statuses after which a call may be tried once more. */
const passing: Readonly<Record<Method, ReadonlySet<number>>> = {
  GET: new Set([412, 429, 502, 503, 504]),
  // A repeated POST could show a message twice: only what was surely not taken is tried again.
  POST: new Set([429]),
  // A repeated PUT writes the same message again, so anything passing may be, no answer at all included.
  PUT: new Set([412, 429, 502, 503, 504]),
};

const isPassing = (method: Method, { status }: ConnectorError) =>
  status === undefined ? method !== 'POST' : passing[method].has(status);

/**
 * Calls Teams' connector: a deadline of 10 s per try, at most 4 tries, Retry-After honoured up to 30 s.
 * Refuses addresses that are not Teams'. Throws ConnectorError.
 * Source: Teams bot rate limits; the SDK's own client repeats a POST on 502 and has no deadline.
 */
export function createConnectorClient(options: ConnectorClientOptions): ConnectorClient & Roster {
  const request = options.fetch ?? fetch;
  const random = options.random ?? Math.random;

  async function once(
    method: Method,
    url: string,
    serviceUrl: string,
    body?: string,
  ): Promise<{ readonly value: unknown } | { readonly error: ConnectorError }> {
    const token = await options.findToken(serviceUrl);
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const signal = AbortSignal.timeout(attemptDeadlineMs);
    let response: Response;
    try {
      response = await request(url, { method, headers, ...(body && { body }), redirect: 'error', signal });
    } catch (error) {
      return { error: new ConnectorError({ reason: 'unreachable', cause: error }) };
    }
    const text = await response.text().catch(() => '');
    if (response.ok) return { value: parse(text) };
    const retryAfterMs = retryAfterToMs(response.headers.get('retry-after'), options.now());
    const { status } = response;
    return { error: new ConnectorError({ reason: 'refused', status, code: codeOf(text), retryAfterMs }) };
  }

  async function call(
    method: Method,
    serviceUrl: string,
    path: string,
    activity?: OutboundActivity,
    most = mostTries,
  ): Promise<unknown> {
    if (!options.isAllowed(serviceUrl)) throw new ConnectorError({ reason: 'addressRefused' });
    const url = `${serviceUrl.replace(/\/+$/, '')}${path}`;
    const body = activity && JSON.stringify(activity);
    for (let tries = 1; ; tries += 1) {
      const answer = await once(method, url, serviceUrl, body);
      if ('value' in answer) return answer.value;
      const { error } = answer;
      const waitMs = error.retryAfterMs ?? 2 ** tries * 500 * (1 + random());
      if (!isPassing(method, error) || tries >= most || waitMs > longestWaitMs) throw error;
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
    async send(serviceUrl, conversationId, activity) {
      const { replyToId } = activity;
      const path = typeof replyToId === 'string' ? `/${encodeURIComponent(replyToId)}` : '';
      const answer = await call('POST', serviceUrl, `${conversation(conversationId)}${path}`, activity);
      const id = (answer as { id?: unknown } | undefined)?.id;
      return typeof id === 'string' ? id : undefined;
    },
    async update(serviceUrl, conversationId, activityId, activity, { isTriedOnce = false } = {}) {
      const path = `${conversation(conversationId)}/${encodeURIComponent(activityId)}`;
      await call('PUT', serviceUrl, path, { ...activity, id: activityId }, isTriedOnce ? 1 : mostTries);
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(text: string): string | undefined {
  const code = (parse(text) as { error?: { code?: unknown } } | undefined)?.error?.code;
  return typeof code === 'string' ? code : undefined;
}
