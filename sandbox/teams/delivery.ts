import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { Registration, SandboxContext, SandboxPerson } from '../contract.ts';
import { publishTraffic } from '../server.ts';
import { type ActivityMaker, isObject, type WireActivity } from './activities.ts';
import type { TeamsConversation } from './conversations.ts';
import type { DeliveryOutcome, Timeline } from './timeline.ts';

export type TokenFlaw = 'foreignKey' | 'unsigned' | 'tampered';

/** How a delivery differs from Teams' own; the bot must refuse each. */
export interface DeliveryOverrides {
  /** Replaces claims of the token; `undefined` removes one. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly flaw?: TokenFlaw;
  /** Sent instead of `Bearer {token}`; null omits the header. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is instead of the activity. */
  readonly rawBody?: string;
}

interface DeliveryOptions {
  readonly context: SandboxContext;
  readonly registration: Pick<Registration, 'botId'>;
  readonly keys: ChannelKeys;
  readonly issuer: string;
  /** A message without an answer for so long is posted again under the same id. Teams: 15 s. */
  readonly retryAfterMs?: number;
  /** Then the delivery fails. */
  readonly giveUpAfterMs?: number;
}

export type Delivery = ReturnType<typeof createDelivery>;

/** Posts activities to the bot's /api/messages, signed as Teams' channel signs them. Never rejects: the outcome says what happened. */
export function createDelivery(options: DeliveryOptions) {
  const { context, registration, keys, issuer, retryAfterMs = 15_000, giveUpAfterMs = 60_000 } = options;
  let botUrls: readonly string[] = [];
  let posts = 0;

  async function deliver(activity: WireActivity, overrides: DeliveryOverrides = {}): Promise<DeliveryOutcome> {
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    if (botUrls.length === 0)
      return { status: 0, body: 'No bot is connected to the rehearsal tenant.', ms: 0, attempts: 0 };
    if (Object.keys(overrides).length === 0) publishTraffic({ context, kind: 'inbound', ...sayingOf(activity) });
    const request = {
      method: 'POST',
      headers: await headersFor(activity, overrides),
      body: bodyOf(activity, overrides),
    };
    const isMessage = activity.type === 'message';
    const signal = AbortSignal.timeout(isMessage ? giveUpAfterMs : retryAfterMs);
    let attempts = 1;
    const first = postToNext(request, signal);
    let retry: NodeJS.Timeout | undefined;
    const second = new Promise<PostResult>((resolve) => {
      if (!isMessage) return;
      retry = setTimeout(() => {
        attempts = 2;
        postToNext(request, signal).then(resolve);
      }, retryAfterMs);
    });
    const result = await Promise.race([first, second]);
    clearTimeout(retry);
    return { ...result, ms: ms(), attempts };
  }

  /** Takes the bots in turn and skips those that cannot be reached, as a load balancer does. */
  async function postToNext(request: RequestInit, signal: AbortSignal): Promise<PostResult> {
    const [first = '', ...others] = botUrls.map((_, index) => botUrls[(posts + index) % botUrls.length] ?? '');
    posts += 1;
    let result = await postTo(`${first}/api/messages`, request, signal);
    for (const url of others) {
      if (!result.isUnreached) break;
      result = await postTo(`${url}/api/messages`, request, signal);
    }
    return { status: result.status, body: result.body };
  }

  async function headersFor(activity: WireActivity, overrides: DeliveryOverrides): Promise<Record<string, string>> {
    const authorization =
      overrides.authorization === undefined ? `Bearer ${await tokenFor(activity, overrides)}` : overrides.authorization;
    return {
      'content-type': 'application/json; charset=utf-8',
      ...(authorization !== null && { authorization }),
      ...overrides.headers,
    };
  }

  function tokenFor(activity: WireActivity, overrides: DeliveryOverrides): Promise<string> {
    const seconds = Math.floor(context.now() / 1000);
    const claims = {
      iss: issuer,
      aud: registration.botId,
      serviceurl: activity.serviceUrl,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3600,
      ...overrides.claims,
    };
    return keys.sign(claims, overrides.header, overrides.flaw);
  }

  return {
    deliver,
    /** The bot's address, such as `http://127.0.0.1:3978`; several when it runs in several processes, which take turns. */
    connectBot(...urls: readonly string[]): void {
      botUrls = urls.map((url) => url.replace(/\/+$/, ''));
    },
    findBotUrl: () => botUrls[0],
  };
}

/** The person and the text or verb of an activity, where it has them. */
function sayingOf({ from, text, value }: WireActivity) {
  const personOid = isObject(from) && typeof from.aadObjectId === 'string' ? from.aadObjectId : 'nobody';
  const action = isObject(value) ? value.action : undefined;
  const verb = isObject(action) ? action.verb : undefined;
  return { personOid, ...(typeof text === 'string' && { text }), ...(typeof verb === 'string' && { verb }) };
}

const bodyOf = (activity: WireActivity, overrides: DeliveryOverrides) => overrides.rawBody ?? JSON.stringify(activity);
type PostResult = Pick<DeliveryOutcome, 'status' | 'body'>;

async function postTo(
  url: string,
  request: RequestInit,
  signal: AbortSignal,
): Promise<PostResult & { readonly isUnreached?: boolean }> {
  try {
    const response = await fetch(url, { ...request, signal });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    if (signal.aborted) return { status: 0, body: 'The bot did not answer in the time Teams waits.' };
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return { status: 0, body: `The bot could not be reached${cause}`, isUnreached: true };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export type ChannelKeys = ReturnType<typeof createChannelKeys>;

/** The key pair with which the rehearsal's channel signs what it posts, and its JWKS. */
export function createChannelKeys() {
  const kid = 'rehearsal-channel';
  const own = generateKeyPair('RS256', { extractable: true });
  let foreign: ReturnType<typeof generateKeyPair> | undefined;

  async function sign(claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}, flaw?: TokenFlaw) {
    if (flaw === 'unsigned') return new UnsecuredJWT(claims).encode();
    foreign ??= flaw === 'foreignKey' ? generateKeyPair('RS256') : undefined;
    const { privateKey } = await (flaw === 'foreignKey' && foreign ? foreign : own);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, ...header })
      .sign(privateKey);
    return flaw === 'tampered' ? tamper(token) : token;
  }

  return {
    /** With `flaw` the token must be refused. */
    sign,
    async publicKeys() {
      const { publicKey } = await own;
      return { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256', endorsements: ['msteams'] }] };
    },
  };
}

/** Changes a character in the middle of the signature: the last one has unused bits. */
export function tamper(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const at = signature.length >> 1;
  const other = signature[at] === 'A' ? 'B' : 'A';
  return [header, payload, signature.slice(0, at) + other + signature.slice(at + 1)].join('.');
}

interface InvokeParts {
  readonly conversationId: string;
  readonly name: string;
  readonly value: unknown;
  readonly replyToId?: string;
}

export type BotConnection = ReturnType<typeof createBotConnection>;

/** Sends a person's activities to the bot, and emits an event with the outcome of each. */
export function createBotConnection(parts: {
  readonly deliver: Delivery['deliver'];
  readonly activities: ActivityMaker;
  readonly timeline: Timeline;
}) {
  const { deliver, activities, timeline } = parts;

  function report(
    person: SandboxPerson,
    conversation: TeamsConversation,
    what: string,
    outcome: DeliveryOutcome,
    problem?: string,
  ) {
    timeline.emit({ kind: 'delivery', conversation, person, what, outcome, ...(problem && { problem }) });
  }

  async function post(
    person: SandboxPerson,
    conversation: TeamsConversation,
    activity: WireActivity,
  ): Promise<DeliveryOutcome> {
    const outcome = await deliver(activity);
    const ok = outcome.status >= 200 && outcome.status < 300;
    report(person, conversation, activity.type, outcome, ok ? undefined : refusal(outcome));
    return outcome;
  }

  return {
    post,
    /** `judge` finds why Teams would show an error although the bot answered 2xx. */
    async invoke(
      person: SandboxPerson,
      conversation: TeamsConversation,
      invoke: InvokeParts,
      judge: (outcome: DeliveryOutcome) => string | undefined = () => undefined,
    ): Promise<DeliveryOutcome> {
      const outcome = await deliver(activities.invoke(person, conversation, invoke));
      report(person, conversation, invoke.name, outcome, judge(outcome));
      return outcome;
    },
  };
}

export const refusal = ({ status, body }: DeliveryOutcome) =>
  status === 0 ? String(body) : `The bot answered HTTP ${status}.`;
