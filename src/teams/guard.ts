import type { IncomingMessage } from 'node:http';
import type { Config } from '../config.ts';
import { createRateLimit } from '../lib/limits.ts';
import { findPlainUrl } from '../lib/net.ts';
import { type Inbound, type InboundActivity, parseInbound, searchInvoke } from './inbound.ts';
import { type InboundToken, isSameServiceUrl } from './inbound-token.ts';

interface InboundGuardOptions {
  readonly config: Pick<Config, 'cloud' | 'extraServiceUrls' | 'allowedTenants'>;
  readonly token: InboundToken;
  readonly now: () => number;
}

export type Admission =
  | { readonly ok: true; readonly inbound: Inbound }
  /** `why` is for the log alone; the caller learns the status and nothing else. */
  | { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 429; readonly why: string };

const windowMs = 10_000;
const mostPerPerson = 60;
const mostPerTenant = 1_200;
/** Of one person: clients send a search for every few letters, three a second at most. */
const mostSearches = 30;
/**
 * Bytes of bodies in memory at once, over all connections. Teams' activities have a few KB. Those without a good token have as much of
 * their own, so that whoever sends them slowly takes no room from Teams.
 */
const mostBytesInMemory = 16 * 1024 * 1024;

/**
 * Admits or refuses a request before any framework sees it: by its bearer's form, size and form, the channel's signature, the
 * address it wants answers at, its tenant, and how many came before. Nothing is read of a request without a well-formed bearer.
 * A refused request has no effect and counts against nobody.
 */
export function createInboundGuard(options: InboundGuardOptions): (request: IncomingMessage) => Promise<Admission> {
  const perPerson = createRateLimit(mostPerPerson, windowMs);
  const perTenant = createRateLimit(mostPerTenant, windowMs);
  const searches = createRateLimit(mostSearches, windowMs);

  const memory = createByteBudget(mostBytesInMemory);
  const memoryOfStrangers = createByteBudget(mostBytesInMemory);

  return async (request) => {
    const { authorization } = request.headers;
    if (!options.token.isWellFormed(authorization)) return { ok: false, status: 401, why: 'no bearer token' };
    const checked = await options.token.verify(authorization);
    const read = await readBody(request, checked.ok ? memory : memoryOfStrangers);
    if (!read.ok) return read;
    const activity = read.body as unknown as InboundActivity;
    const malformed = findMalformed(activity);
    if (malformed) return { ok: false, status: 400, why: `${malformed} is not of its form` };

    if (!checked.ok) return { ok: false, status: 401, why: checked.why };
    if (!isSameServiceUrl(checked.serviceUrl, activity.serviceUrl)) {
      return { ok: false, status: 401, why: 'serviceurl claim differs from the activity' };
    }

    const origin = checkOrigin(activity, options.config);
    if (!origin.ok) return { ok: false, status: 403, why: origin.why };

    const { tenantId } = origin;
    const at = options.now();
    const { from } = activity;
    const person = `${tenantId} ${(from?.aadObjectId ?? from?.id ?? '').toLowerCase()}`;
    const apart = findApart(activity);
    const [ofPerson, most] = apart === 'search' ? [`${person} search`, searches] : [person, perPerson];
    if (!most.hasRoom(ofPerson, at)) return { ok: false, status: 429, why: 'too many from one person' };
    if (!perTenant.admit(apart ? `${tenantId} ${apart}` : tenantId, at))
      return { ok: false, status: 429, why: 'too many from one tenant' };
    most.admit(ofPerson, at);
    return { ok: true, inbound: parseInbound(activity, { tenantId, claims: checked.claims, at }) };
  };
}

/**
 * Activities that are counted apart. Clients answer sign-in cards by themselves, and do not repeat an answer that is refused; and
 * whoever types into a search field must still be able to press its button.
 */
function findApart({ type, name }: InboundActivity): 'signin' | 'search' | undefined {
  if (type !== 'invoke') return undefined;
  if (name === searchInvoke) return 'search';
  return name?.startsWith('signin/') ? 'signin' : undefined;
}

type Origin = { readonly ok: true; readonly tenantId: string } | { readonly ok: false; readonly why: string };

/** Teams names the tenant in two places, or in one of them; two that differ are refused. */
function checkOrigin(activity: InboundActivity, config: InboundGuardOptions['config']): Origin {
  const refuse = (why: string): Origin => ({ ok: false, why });
  if (activity.channelId !== 'msteams') return refuse('channel is not msteams');
  if (!isServiceUrlAllowed(activity.serviceUrl, config)) return refuse('serviceUrl is not one of Teams');
  const named = [activity.conversation?.tenantId, activity.channelData?.tenant?.id].flatMap((id) =>
    typeof id === 'string' ? [id.toLowerCase()] : [],
  );
  const [tenantId] = named;
  if (tenantId === undefined) return refuse('no tenant');
  if (new Set(named).size > 1) return refuse('tenants disagree');
  return config.allowedTenants.includes(tenantId) ? { ok: true, tenantId } : refuse('tenant is not allowed');
}

type BodyResult =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly status: 400 | 413 | 429; readonly why: string };

const mostBytes = 256 * 1024;
const mostDepth = 64;

/**
 * Reads a request's JSON object: at most 256 KB, nested at most 64 deep, UTF-8. Stops reading at the first byte too many, and
 * when bodies that are being read take up all the memory there is for them. Never rejects: a client that goes away, or is too slow, sent a body that ends too early.
 */
export async function readBody(request: IncomingMessage, memory: ByteBudget): Promise<BodyResult> {
  const tooLarge: BodyResult = { ok: false, status: 413, why: 'body over 256 KB' };
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The socket stays open when reading stops early, so that the refusal can still be answered.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > mostBytes) return tooLarge;
      if (!memory.take(chunk.length)) return { ok: false, status: 429, why: 'too many bodies at once' };
      bytes += chunk.length;
      chunks.push(chunk);
    }
    return parseBody(Buffer.concat(chunks), request.headers['content-type']);
  } catch {
    return malformed('body was cut off');
  } finally {
    memory.giveBack(bytes);
  }
}

interface ByteBudget {
  /** False, and nothing taken, when that many bytes are not left. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createByteBudget(most: number): ByteBudget {
  let left = most;
  return {
    take(bytes) {
      if (bytes > left) return false;
      left -= bytes;
      return true;
    },
    giveBack(bytes) {
      left += bytes;
    },
  };
}

const malformed = (why: string): BodyResult => ({ ok: false, status: 400, why });

function parseBody(bytes: Buffer, contentType: string | undefined): BodyResult {
  if (!/^application\/(\S+\+)?json\s*(;|$)/i.test(contentType ?? '')) return malformed('content type is not JSON');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return malformed('not UTF-8');
  }
  if (isTooDeep(text)) return malformed('nested too deep');
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return malformed('not a JSON object');
    const { type } = body as { type?: unknown };
    if (typeof type !== 'string' || type === '') return malformed('no activity type');
    return { ok: true, body: body as Record<string, unknown> };
  } catch {
    return malformed('not JSON');
  }
}

/** Counts brackets outside strings, because JSON.parse and whatever reads its result are recursive. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > mostDepth) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}

/** `id`: names and addresses that are looked up, stored and sent. `text`: anything that a person may have typed. */
type Form = 'id' | 'text' | 'list' | readonly [name: string, form: Form][];

/** Teams' longest ids, of a meeting's thread, have about 150 characters; an index of PostgreSQL takes about 2,700 bytes. */
const longestId = 512;

const account: Form = [
  ['id', 'id'],
  ['name', 'text'],
  ['aadObjectId', 'id'],
];

const form: Form = [
  ['id', 'id'],
  ['name', 'id'],
  ['channelId', 'id'],
  ['serviceUrl', 'id'],
  ['text', 'text'],
  ['locale', 'id'],
  ['replyToId', 'id'],
  ['action', 'id'],
  ['deliveryMode', 'id'],
  ['entities', 'list'],
  ['attachments', 'list'],
  ['membersAdded', 'list'],
  ['membersRemoved', 'list'],
  ['from', account],
  ['recipient', account],
  [
    'conversation',
    [
      ['id', 'id'],
      ['conversationType', 'id'],
      ['tenantId', 'id'],
    ],
  ],
  [
    'channelData',
    [
      ['tenant', [['id', 'id']]],
      ['team', [['id', 'id']]],
      ['eventType', 'id'],
    ],
  ],
];

/** Names the first part of an activity whose form is not Bot Framework's; `null` counts as absent. */
function findMalformed(value: unknown, parts: Form = form, path = ''): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (parts === 'id') return typeof value === 'string' && isId(value) ? undefined : path;
  if (parts === 'text') return typeof value === 'string' ? undefined : path;
  if (parts === 'list') return Array.isArray(value) ? undefined : path;
  if (typeof value !== 'object' || Array.isArray(value)) return path;
  for (const [name, of] of parts) {
    const wrong = findMalformed((value as Record<string, unknown>)[name], of, path ? `${path}.${name}` : name);
    if (wrong) return wrong;
  }
  return undefined;
}

/** PostgreSQL refuses NUL in a text, and half a character comes back as another. */
const isId = (value: string) => value.length <= longestId && value.isWellFormed() && !/\p{Cc}/u.test(value);

/**
 * True for https on one of the cloud's exact Teams hosts at the default port and, in a rehearsal, below one of the loopback
 * prefixes. Everything that the bot sends, with its own token, goes to such an address.
 */
export function isServiceUrlAllowed(
  serviceUrl: string | undefined,
  config: Pick<Config, 'cloud' | 'extraServiceUrls'>,
): boolean {
  const url = findPlainUrl(serviceUrl ?? '');
  if (!url) return false;
  if (url.protocol === 'https:' && url.port === '' && config.cloud.serviceHosts.includes(url.hostname)) return true;
  return config.extraServiceUrls.some((prefix) => isBelow(url, new URL(prefix)));
}

/** Compares whole path segments: `/connector` does not admit `/connector-of-somebody-else`. */
function isBelow(url: URL, prefix: URL): boolean {
  const folder = (path: string) => `${path.replace(/\/+$/, '')}/`;
  return url.origin === prefix.origin && folder(url.pathname).startsWith(folder(prefix.pathname));
}
