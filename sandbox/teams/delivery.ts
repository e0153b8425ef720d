import type { Registration, SandboxContext } from '../contract.ts';
import { witness } from '../server.ts';
import { type ChannelKeys, isObject, type TokenFlaw, type WireActivity } from './activities.ts';

/** How a delivery differs from what Teams would send; each must be met by a refusal. */
export interface DeliveryOverrides {
  /** Replace claims of the token; `undefined` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly flaw?: TokenFlaw;
  /** Sent in place of `Bearer {token}`; null sends no such header. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent word for word in place of the activity. */
  readonly rawBody?: string;
}

export interface DeliveryOutcome {
  /** 0 when the bot gave no HTTP answer: not reached, cut off, or over the time Teams waits. */
  readonly status: number;
  /** Parsed when it is JSON, else the text; the reason when `status` is 0. */
  readonly body: unknown;
  readonly ms: number;
  /** How often the activity was posted. */
  readonly attempts: number;
}

export type Delivery = ReturnType<typeof createDelivery>;

export interface DeliveryOptions {
  readonly context: SandboxContext;
  readonly registration: Pick<Registration, 'botId'>;
  readonly keys: ChannelKeys;
  readonly issuer: string;
  /** After how long without an answer a message is posted again under the same id. Teams: 15 s. */
  readonly retryAfterMs?: number;
  /** How long an answer is waited for in all. */
  readonly giveUpAfterMs?: number;
}

/** Posts activities to the bot's /api/messages, signed as the channel signs them. Never throws: the outcome says what happened. */
export function createDelivery(options: DeliveryOptions) {
  const { context, registration, keys, issuer, retryAfterMs = 15_000, giveUpAfterMs = 60_000 } = options;
  let botUrls: readonly string[] = [];
  let posts = 0;

  async function deliver(activity: WireActivity, overrides: DeliveryOverrides = {}): Promise<DeliveryOutcome> {
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    if (botUrls.length === 0)
      return { status: 0, body: 'No bot is connected to the rehearsal tenant.', ms: 0, attempts: 0 };
    if (Object.keys(overrides).length === 0) witness({ context, kind: 'inbound', ...saidBy(activity) });
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

  /** Of several bots the next one's turn it is; where nobody is there to answer, the one after it, as a load balancer does. */
  async function postToNext(request: RequestInit, signal: AbortSignal): Promise<PostResult> {
    const [first = '', ...others] = botUrls.map((_, index) => botUrls[(posts + index) % botUrls.length] ?? '');
    posts += 1;
    let result = await post(`${first}/api/messages`, request, signal);
    for (const url of others) {
      if (!result.isUnreached) break;
      result = await post(`${url}/api/messages`, request, signal);
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
    /** The bot's own address, such as `http://127.0.0.1:3978`; of several, one for each of its processes, which take turns. */
    connectBot(...urls: readonly string[]): void {
      botUrls = urls.map((url) => url.replace(/\/+$/, ''));
    },
    findBotUrl: () => botUrls[0],
  };
}

/** Who speaks and what for, as far as an activity says. */
function saidBy({ from, text, value }: WireActivity) {
  const personOid = isObject(from) && typeof from.aadObjectId === 'string' ? from.aadObjectId : 'nobody';
  const action = isObject(value) ? value.action : undefined;
  const verb = isObject(action) ? action.verb : undefined;
  return { personOid, ...(typeof text === 'string' && { text }), ...(typeof verb === 'string' && { verb }) };
}

const bodyOf = (activity: WireActivity, overrides: DeliveryOverrides) => overrides.rawBody ?? JSON.stringify(activity);

type PostResult = Pick<DeliveryOutcome, 'status' | 'body'>;

async function post(
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
