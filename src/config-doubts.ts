import type { Variables } from './config-variables.ts';
import { isLoopback } from './lib/net.ts';

const overrides = ['AUTHORITY_URL', 'GRAPH_URL', 'BOT_OPENID_METADATA_URL', 'EXTRA_SERVICE_URLS'] as const;

/**
 * What is wrong with the variables as a whole, each a line that begins with the variable to mend. Empty when nothing is.
 * Those that are `unreadable` have had their line already, but count as given.
 */
export function doubtsAbout(v: Partial<Variables>, unreadable: ReadonlySet<string>): string[] {
  const doubts = [...publicUrlDoubts(v), ...botDoubts(v), ...appDoubts(v), ...overrideDoubts(v, unreadable)];
  return [...new Set(doubts)].filter((doubt) => !unreadable.has(doubt.slice(0, doubt.indexOf(' '))));
}

function publicUrlDoubts(v: Partial<Variables>): string[] {
  const url = v.PUBLIC_URL;
  if (!url || /^https:/i.test(url) || isLoopback(url)) return [];
  return ['PUBLIC_URL must be https, except on loopback'];
}

function botDoubts(v: Partial<Variables>): string[] {
  const doubts: string[] = [];
  const type = v.BOT_TYPE;
  if (type === 'UserAssignedMsi') {
    if (v.BOT_PASSWORD) doubts.push('BOT_PASSWORD must not be set with BOT_TYPE UserAssignedMsi');
  } else if (!v.BOT_PASSWORD) {
    doubts.push('BOT_PASSWORD is missing (only BOT_TYPE UserAssignedMsi goes without)');
  }
  if (type !== 'MultiTenant' && !v.BOT_TENANT_ID) {
    doubts.push('BOT_TENANT_ID is missing (only BOT_TYPE MultiTenant goes without)');
  }
  return doubts;
}

function appDoubts(v: Partial<Variables>): string[] {
  if (!v.AAD_APP_CLIENT_SECRET && !v.AAD_APP_CERTIFICATE_PATH)
    return ['AAD_APP_CLIENT_SECRET is missing (or give AAD_APP_CERTIFICATE_PATH)'];
  if (v.AAD_APP_CLIENT_SECRET && v.AAD_APP_CERTIFICATE_PATH)
    return ['AAD_APP_CLIENT_SECRET and AAD_APP_CERTIFICATE_PATH are both set; give one'];
  return [];
}

/** The rehearsal's addresses come all together, and for this machine alone: a token must never follow one elsewhere. */
function overrideDoubts(v: Partial<Variables>, unreadable: ReadonlySet<string>): string[] {
  const doubts: string[] = [];
  const given = overrides.filter((name) => v[name] !== undefined || unreadable.has(name));
  for (const name of given) {
    for (const url of [v[name] ?? []].flat()) {
      if (!isLoopback(url)) doubts.push(`${name} is for loopback addresses alone`);
    }
  }
  if (given.length > 0 && given.length < overrides.length) {
    for (const name of overrides) {
      if (!given.includes(name))
        doubts.push(`${name} is missing; ${given.join(', ')} can only be set together with it`);
    }
  }
  if (v.BOT_ISSUER !== undefined && given.length === 0)
    doubts.push(`BOT_ISSUER is only allowed together with ${overrides.join(', ')}`);
  return doubts;
}
