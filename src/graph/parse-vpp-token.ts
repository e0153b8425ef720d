import type { VppToken } from '../domain/token.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { graphText } from '../lib/text.ts';
import { isPlausibleId } from './resource-id.ts';

/**
 * Reads one token of Graph's, property by property, so that `token` and whatever else comes along is left behind.
 * Undefined without a usable id. A missing state or status reads `unknown`; an unreadable or year-1 date is left out.
 */
export function parseVppToken(value: unknown): VppToken | undefined {
  if (!isJsonObject(value) || typeof value.id !== 'string' || !isPlausibleId(value.id)) return undefined;
  return {
    id: value.id,
    ...texts(value, 'displayName', 'locationName', 'organizationName', 'appleId', 'countryOrRegion'),
    ...texts(value, 'vppTokenAccountType'),
    state: graphText(value.state) ?? 'unknown',
    lastSyncStatus: graphText(value.lastSyncStatus) ?? 'unknown',
    ...dates(value, 'expirationDateTime', 'lastSyncDateTime', 'lastModifiedDateTime'),
    ...(typeof value.automaticallyUpdateApps === 'boolean' && {
      automaticallyUpdateApps: value.automaticallyUpdateApps,
    }),
  };
}

function texts<Name extends string>(from: JsonObject, ...names: Name[]): Partial<Record<Name, string>> {
  return pick(names, (name) => graphText(from[name]));
}

function dates<Name extends string>(from: JsonObject, ...names: Name[]): Partial<Record<Name, string>> {
  return pick(names, (name) => {
    const value = graphText(from[name]);
    return value !== undefined && isDate(value) ? value : undefined;
  });
}

function pick<Name extends string>(names: Name[], find: (name: Name) => string | undefined) {
  const found = names.map((name) => [name, find(name)] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as Partial<Record<Name, string>>;
}

// Graph writes a date that was never set as the first moment of year 1.
function isDate(value: string): boolean {
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  return isIso && !value.startsWith('0001-') && !Number.isNaN(Date.parse(value));
}
