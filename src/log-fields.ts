import { describeError } from './log-error.ts';
import type { LogId } from './log-id.ts';

/** Ids of people and conversations: never as they are. */
const hashed = new Set([
  ...['person', 'personid', 'aadobjectid', 'teamsid', 'upn', 'oid', 'owner', 'ownerid', 'userid', 'memberid'],
  ...['requester', 'requesterid', 'actor', 'from', 'conversation', 'conversationid'],
]);

/** Whatever stands under such a name is somebody's secret or somebody's words. */
const leftOut = new Set([
  ...['token', 'accesstoken', 'refreshtoken', 'idtoken', 'assertion', 'secret', 'clientsecret', 'password', 'key'],
  ...['authorization', 'cookie', 'headers', 'state', 'codeverifier', 'claims', 'body', 'text', 'value', 'payload'],
  ...['name', 'username', 'displayname', 'title', 'resume', 'query', 'url', 'activity', 'request', 'response'],
]);

const longestText = 300;
const deepest = 3;
const mostItems = 20;

/** The fields of a log line as they may stand there, whatever they were. */
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

/** A text without secrets and ids; `onId` says what to put for a GUID, which may be a person's. */
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

/** Paths may hold ids, queries codes: where it went is enough. */
function shortAddress(found: string): string {
  if (!URL.canParse(found)) return '[address]';
  const { origin, pathname, search, hash } = new URL(found);
  return pathname.length > 1 || search !== '' || hash !== '' ? `${origin}/…` : origin;
}
