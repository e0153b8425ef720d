import type { Traffic } from '../../sandbox/server.ts';
import { delegatedPermissions, monitoringRoles } from '../../src/graph/vpp.ts';

type Without<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

/** One observation, with the number of its rehearsal in its process. */
export type Recorded = Without<Traffic, 'context'> & { readonly rehearsal: number };

export interface Record {
  readonly file: string;
  readonly recorded: readonly Recorded[];
}

export interface Verdict {
  readonly breaches: readonly string[];
  readonly requests: number;
  readonly writes: number;
}

/** Words and verbs that ask for a sync; nothing else may bring a POST about. */
const asksInWords = /(?:^|[\s>,:"'/])(?:sync|同步)/i;
const asksByPress = new Set(['sync/start', 'sync/choose', 'syncAll/apply', 'alert/sync', 'continue/run']);

/**
 * Least privilege over everything that was recorded: no request but a GET carried the app's token, every POST
 * carried the token of a person who had asked for a sync in that rehearsal, and no token was asked for or held more than
 * docs/permissions.md says.
 */
export function judge(records: readonly Record[]): Verdict {
  const breaches = records.flatMap(({ file, recorded }) => breachesIn(recorded).map((breach) => `${file}: ${breach}`));
  const graph = records.flatMap(({ recorded }) => recorded.filter(({ kind }) => kind === 'graph'));
  return { breaches, requests: graph.length, writes: graph.filter((each) => isWrite(each)).length };
}

function breachesIn(recorded: readonly Recorded[]): string[] {
  const askers = new Set<string>();
  const breaches: string[] = [];
  for (const seen of recorded) {
    if (seen.kind === 'inbound') {
      if (asksForSync(seen)) askers.add(`${seen.rehearsal} ${seen.personOid}`);
    } else if (seen.kind === 'tokenRequest') {
      breaches.push(...excessOf(seen));
    } else {
      const { method, path, personOid, scopes, rehearsal } = seen;
      const beyond = scopes.filter((scope) => !allowed.has(scope));
      if (beyond.length > 0) breaches.push(`${method} ${path} came with ${beyond.join(' ')}`);
      if (!isWrite(seen)) continue;
      if (personOid === 'app') breaches.push(`${method} ${path} carried the app's token`);
      else if (personOid !== 'nobody' && !askers.has(`${rehearsal} ${personOid}`))
        breaches.push(`${method} ${path} carried the token of ${personOid}, who had not asked for a sync`);
      if (!/\/(syncLicenses|syncWithAppleDeviceEnrollmentProgram)$/.test(path))
        breaches.push(`${method} ${path} is no sync`);
    }
  }
  return breaches;
}

const asksForSync = ({ text, verb }: Extract<Recorded, { kind: 'inbound' }>) =>
  asksInWords.test(text ?? '') || asksByPress.has(verb ?? '');

const isWrite = (seen: Recorded) => seen.kind === 'graph' && seen.method !== 'GET' && seen.method !== 'HEAD';

const allowed: ReadonlySet<string> = new Set([...delegatedPermissions, ...monitoringRoles]);
/** Every on-behalf-of request asks for a way to renew the token; MSAL adds these by itself. */
const identityScopes = new Set(['openid', 'profile', 'offline_access']);

function excessOf({ grant, scope }: Extract<Recorded, { kind: 'tokenRequest' }>): string[] {
  const names = scope.split(' ').map((each) => each.slice(each.lastIndexOf('/') + 1));
  const beyond = names.filter((name) => {
    if (grant === 'client_credentials') return name !== '.default';
    return name !== '' && name !== 'access_as_user' && !identityScopes.has(name) && !allowed.has(name);
  });
  return beyond.length === 0 ? [] : [`a token was asked for with ${beyond.join(' ')} (${grant})`];
}
