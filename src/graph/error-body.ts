import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { toSafeDetail } from './safe-detail.ts';

export interface ErrorBody {
  readonly code?: string;
  readonly requestId?: string;
  readonly activityId?: string;
  readonly neededScopes?: readonly string[];
  readonly detail?: string;
}

// The outer body, its message as JSON, and that one's Message as JSON once more.
const maxDepth = 3;
/** In characters. Intune's have some two thousand; what is longer is a page, or worse. */
const longestBody = 64 * 1024;
const longestMessage = 8 * 1024;

/** Takes what is worth telling out of an error body, however often Intune wrapped it. Never throws. */
export function readErrorBody(text: string): ErrorBody {
  const found: Found = { codes: [], requestIds: [], message: '' };
  if (text.length <= longestBody) collect(text, 1, found);
  const message = found.message.slice(0, longestMessage);
  const code = found.codes.find((each) => each !== 'UnknownError') ?? found.codes[0];
  const requestId = found.requestIds[0];
  const activityId = message.match(/Activity ID: ([0-9a-f-]{8,64})/i)?.[1];
  const neededScopes = scopesIn(message);
  const detail = toSafeDetail(message);
  return {
    ...(code && { code }),
    ...(requestId && { requestId }),
    ...(activityId && { activityId }),
    ...(neededScopes.length > 0 && { neededScopes }),
    ...(detail && { detail }),
  };
}

interface Found {
  readonly codes: string[];
  readonly requestIds: string[];
  message: string;
}

function collect(text: string, depth: number, found: Found): void {
  const parsed = depth <= maxDepth && text.trimStart().startsWith('{') ? parseJson(text) : undefined;
  if (!isJsonObject(parsed)) {
    // The outermost text is Graph's envelope or nobody's message, such as a proxy's HTML.
    if (depth > 1) found.message = text;
    return;
  }
  const error = isJsonObject(parsed.error) ? parsed.error : parsed;
  push(found.codes, error.code ?? error.ErrorCode, /^[A-Za-z][\w.-]{0,63}$/);
  const inner = innerErrorOf(error);
  push(found.requestIds, inner?.['request-id'], /^[0-9a-f-]{8,64}$/i);
  const message = error.message ?? error.Message;
  if (typeof message === 'string') collect(message, depth + 1, found);
}

function innerErrorOf(error: JsonObject): JsonObject | undefined {
  const inner = error.innerError ?? error.innererror;
  return isJsonObject(inner) ? inner : undefined;
}

function push(list: string[], value: unknown, shape: RegExp): void {
  if (typeof value === 'string' && shape.test(value)) list.push(value);
}

function scopesIn(message: string): string[] {
  const list = message.match(/one of the following scopes:(.*?)(?: - |$)/is)?.[1] ?? '';
  return [...new Set(list.match(/\b[A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*){1,4}\b/g))].slice(0, 20);
}
