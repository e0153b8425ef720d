const mostFrames = 6;
const mostCauses = 4;

/** What is known of an error without a word of its message, which may quote anything: a body, an address, a header, a name. */
export interface LoggedError {
  readonly type: string;
  /** Words for what went wrong, out of a list of ours. */
  readonly what?: string;
  readonly facts?: Readonly<Record<string, string | number>>;
  /** Where it was thrown, nearest first: file, line and column. */
  readonly at?: readonly string[];
  readonly cause?: LoggedError;
  /** Of an error that gathers several. */
  readonly errors?: readonly LoggedError[];
}

/** Never throws, whatever was thrown. */
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

/** What errors of the runtime, the engines and ours say without anything of anybody's in it. */
const phrases = [
  ...['Cannot read properties of undefined', 'Cannot read properties of null', 'is not a function', 'is not iterable'],
  ...['is not defined', 'Maximum call stack size exceeded', 'Invalid time value', 'Invalid URL', 'fetch failed'],
  ...['is not valid JSON', 'Unexpected end of JSON input', 'The operation was aborted due to timeout'],
  ...['database is locked', 'database or disk is full', 'disk I/O error', 'database disk image is malformed'],
  ...['attempt to write a readonly database', 'unable to open database file', 'no such table', 'no such column'],
  ...['UNIQUE constraint failed', 'NOT NULL constraint failed', 'driver has already been destroyed'],
  ...['timeout exceeded when trying to connect', 'Connection terminated', 'Query read timeout'],
  ...['the audit has lost its head', 'the store does not hold what was just written', 'cannot be had'],
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
  ...{ reason: word, fault: word, syscall: word, severity: word },
  ...{ code, status: whole, statusCode: whole, errno: whole, errcode: whole, retryAfterMs: whole },
  ...{ requestId: id, clientRequestId: id },
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

/** Places in our own code and in packages; names of functions and the message are left out, and so is what only looks like a place in it. */
function framesIn(stack: unknown, message: unknown): string[] {
  if (typeof stack !== 'string') return [];
  const end = typeof message === 'string' && message !== '' ? stack.indexOf(message) : 0;
  if (end < 0) return [];
  const places = stack.slice(end + (typeof message === 'string' ? message.length : 0)).matchAll(place);
  return [...places].slice(0, mostFrames).map(({ groups }) => groups?.at ?? '');
}

const place = /^ {4}at .*?(?<at>(?:node:|\b(?:src|sandbox|scripts|test|node_modules)\/)[\w./@+-]{1,200}:\d+:\d+)\)?$/gm;

function read(from: object, name: string): unknown {
  try {
    return (from as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
