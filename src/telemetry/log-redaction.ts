/** Returns the text that replaces an id of a person or a conversation in the log. */
export type LogId = (id: string) => string;

/** Fields with ids of people and conversations: always hashed. */
const hashed = wordsIn(`
  person personid aadobjectid teamsid upn oid owner ownerid userid memberid requester requesterid actor from
  conversation conversationid
`);

/** Fields that hold a secret or somebody's words: never logged. */
const leftOut = wordsIn(`
  token accesstoken refreshtoken idtoken assertion secret clientsecret password key authorization cookie headers state
  codeverifier claims body text value payload name username displayname title resume query url activity request response
`);

function wordsIn(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/).filter((word) => word !== ''));
}

const longestText = 300;
const deepest = 3;
const mostItems = 20;

/** The fields of a log line with everything private hashed, shortened or left out. Never throws. */
export function safeFields(fields: Readonly<Record<string, unknown>>, logId: LogId): Record<string, unknown> {
  return safeRecord(fields, logId, 0);
}

function safeRecord(fields: object, logId: LogId, depth: number): Record<string, unknown> {
  const entries = Object.entries(fields).slice(0, mostItems);
  return Object.fromEntries(entries.map(([name, value]) => [name, safeValue(name, value, logId, depth)]));
}

function safeValue(name: string, value: unknown, logId: LogId, depth: number): unknown {
  const plainName = name.replaceAll(/[_-]/g, '').toLowerCase();
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (name === 'err' || value instanceof Error) return describeError(value);
  if (leftOut.has(plainName)) return '[left out]';
  if (typeof value === 'string') {
    if (hashed.has(plainName)) return logId(value);
    return safeText(value, plainName.endsWith('id') ? (id) => id : logId);
  }
  if (typeof value !== 'object' || depth >= deepest || hashed.has(plainName)) return '[left out]';
  if (!Array.isArray(value)) return safeRecord(value, logId, depth + 1);
  return value.slice(0, mostItems).map((item) => safeValue(name, item, logId, depth + 1));
}

const address = /\b[a-z][a-z\d+.-]*:\/\/[^\s"'<>]+/gi;
const bearer = /\b(?:Bearer|Basic)\s+\S+/gi;
const jwt = /\beyJ[\w-]+(?:\.[\w-]*)*/g;
const teamsId = /\b(?:a|8|19|28|29):[\w.:@;=%!-]+/gi;
const mailbox = /[^\s@"'<>(),;:]+@[^\s@"'<>(),;:]+/g;
const opaque = /[A-Za-z\d+/_=~.-]{65,}/g;
const guid = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi;

/** Removes secrets and ids from a text; `onId` replaces a GUID, which may be a person's. */
function safeText(text: string, onId: LogId): string {
  return text
    .slice(0, longestText)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(address, shortAddress)
    .replace(bearer, '[token]')
    .replace(jwt, '[token]')
    .replace(teamsId, '[id]')
    .replace(mailbox, '[account]')
    .replace(opaque, '[left out]')
    .replace(guid, onId);
}

/** Paths may hold ids and queries codes, so only the host is shown. */
function shortAddress(found: string): string {
  if (!URL.canParse(found)) return '[address]';
  const { origin, pathname, search, hash } = new URL(found);
  return pathname.length > 1 || search !== '' || hash !== '' ? `${origin}/…` : origin;
}

const mostFrames = 6;
const mostCauses = 4;

/** Describes an error without its message, which may quote anything: a body, an address, a header, a name. */
interface LoggedError {
  readonly type: string;
  /** A known phrase that the message contains. */
  readonly what?: string;
  readonly facts?: Readonly<Record<string, string | number>>;
  /** Stack, nearest first: file, line and column. */
  readonly at?: readonly string[];
  readonly cause?: LoggedError;
  /** Members of an AggregateError. */
  readonly errors?: readonly LoggedError[];
}

/** Describes anything that was thrown. Never throws itself. */
export function describeError(thrown: unknown, depth = 0): LoggedError {
  if (typeof thrown !== 'object' || thrown === null) return { type: `thrown ${typeof thrown}` };
  const message = read(thrown, 'message');
  const what = typeof message === 'string' ? phrases.find((phrase) => message.includes(phrase)) : undefined;
  const facts = factsOf(thrown);
  const at = framesIn(read(thrown, 'stack'), message);
  const cause = read(thrown, 'cause');
  const errors = read(thrown, 'errors');
  const goesOn = depth < mostCauses;
  return {
    type: typeOf(thrown),
    ...(what !== undefined && { what }),
    ...(Object.keys(facts).length > 0 && { facts }),
    ...(at.length > 0 && { at }),
    ...(goesOn && cause !== undefined && cause !== null && { cause: describeError(cause, depth + 1) }),
    ...(goesOn &&
      Array.isArray(errors) && { errors: errors.slice(0, 3).map((each) => describeError(each, depth + 1)) }),
  };
}

/** Phrases of Node.js, the database engines and our own errors that hold nothing private. */
const phrases = [
  'Cannot read properties of undefined',
  'Cannot read properties of null',
  'is not a function',
  'is not iterable',
  'is not defined',
  'Maximum call stack size exceeded',
  'Invalid time value',
  'Invalid URL',
  'fetch failed',
  'is not valid JSON',
  'Unexpected end of JSON input',
  'The operation was aborted due to timeout',
  'database is locked',
  'database or disk is full',
  'disk I/O error',
  'database disk image is malformed',
  'attempt to write a readonly database',
  'unable to open database file',
  'no such table',
  'no such column',
  'UNIQUE constraint failed',
  'NOT NULL constraint failed',
  'driver has already been destroyed',
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Query read timeout',
  'the audit has lost its head',
  'the store does not hold what was just written',
  'cannot be had',
];

type Shape = (value: unknown) => boolean;
const matching =
  (pattern: RegExp): Shape =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const whole: Shape = (value) => typeof value === 'number' && Number.isSafeInteger(value);
const word = matching(/^[A-Za-z]{1,40}$/);
const id = matching(/^[\da-f-]{8,64}$/i);
const code: Shape = (value) => whole(value) || matching(/^(?:[A-Za-z][\w.-]{0,47}|[\dA-Z]{5})$/)(value);

const shapes: Readonly<Record<string, Shape>> = {
  reason: word,
  fault: word,
  syscall: word,
  severity: word,
  code,
  status: whole,
  statusCode: whole,
  errno: whole,
  errcode: whole,
  retryAfterMs: whole,
  requestId: id,
  clientRequestId: id,
};

function factsOf(error: object): Record<string, string | number> {
  const facts = Object.entries(shapes).flatMap(([name, isFit]) => {
    const value = read(error, name);
    return isFit(value) ? [[name, value as string | number] as const] : [];
  });
  return Object.fromEntries(facts);
}

function typeOf(error: object): string {
  const name = read(error, 'name');
  return typeof name === 'string' && /^[A-Z][A-Za-z0-9]{0,60}$/.test(name) ? name : 'Error';
}

/** Places in our own code and in packages. Function names are left out, and so is the message, which may imitate a place. */
function framesIn(stack: unknown, message: unknown): string[] {
  if (typeof stack !== 'string') return [];
  const end = typeof message === 'string' && message !== '' ? stack.indexOf(message) : 0;
  if (end < 0) return [];
  const places = stack.slice(end + (typeof message === 'string' ? message.length : 0)).matchAll(place);
  return [...places].slice(0, mostFrames).map(({ groups }) => groups?.at ?? '');
}

const place =
  /^ {4}at .*?(?<at>(?:node:|\b(?:src|dist|sandbox|scripts|test|node_modules)\/)[\w./@+-]{1,200}:\d+:\d+)\)?$/gm;

function read(from: object, name: string): unknown {
  try {
    return (from as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
