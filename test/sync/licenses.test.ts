import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphError, type GraphErrorReason, type ReadOnlyGraph } from '../../src/domain/graph.ts';
import type { CountedApp } from '../../src/domain/license-runway.ts';
import type { LicensesBefore } from '../../src/domain/licenses.ts';
import type { EndedRun } from '../../src/domain/sync-run.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { createLicenses } from '../../src/sync/licenses.ts';
import { runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { tokenOf } from '../support/turns.ts';

const berlin = tokenOf('berlin', { appleId: 'vpp@contoso.com' });
const rome = tokenOf('rome', { appleId: 'roma@contoso.com' });
const never = new AbortController().signal;

/** An app as Graph shows it; `vppTokenId` is beta's. */
const row = (id: string, token: VppToken, used: number, total: number) => ({
  '@odata.type': '#microsoft.graph.iosVppApp',
  id,
  displayName: `App ${id}`,
  usedLicenseCount: used,
  totalLicenseCount: total,
  vppTokenAppleId: token.appleId,
  vppTokenOrganizationName: token.organizationName,
  vppTokenId: token.id,
});
type Row = ReturnType<typeof row>;

interface Tenant {
  apps: readonly Row[] | Error | 'hang';
  tokens: readonly VppToken[] | Error;
  counted?: readonly CountedApp[];
  /** Beta's answer. */
  beta?: readonly Row[] | Error;
}

/** Licences over a Graph that answers so; `lists` are the lists that were asked for. */
function createRig(tenant: Tenant, { signedIn = true, beta = false } = {}) {
  const lists: string[] = [];
  const { lines, log } = createLines();
  const graph: ReadOnlyGraph = {
    get: () => Promise.reject(new Error('Licences are listed')),
    async listPages(path, { version = 'v1.0', toItem = (row: unknown) => row } = {}) {
      lists.push(`${version} ${path.split('/').at(-1)}`);
      if (path.endsWith('vppTokens')) return given(tenant.tokens).map((token) => toItem({ ...token }));
      if (tenant.apps === 'hang') return new Promise(() => undefined);
      if (version === 'beta') return given(tenant.beta ?? []).map(toItem);
      return given(tenant.apps).map(({ vppTokenId: _, ...v1 }) => toItem(v1));
    },
  };
  const licenses = createLicenses({
    runtime: createRuntime({ log }),
    countedApps: { listRunningOut: async () => [...(tenant.counted ?? [])] },
    beta,
    beforeWithinMs: 20,
    listWithinMs: 40,
    findReader: async () => (signedIn ? graph : undefined),
  });
  const ended = (token: VppToken, licensesBefore: LicensesBefore | undefined, changes: Partial<EndedRun> = {}) =>
    ({
      ...runOf({ id: `run of ${token.id}`, tokenId: token.id, before: token, phase: 'ended' }),
      ...(licensesBefore && { licensesBefore }),
      outcome: 'completed',
      endedAt: 9,
      after: token,
      ...changes,
    }) as EndedRun;
  return {
    tenant,
    lists,
    lines,
    licenses,
    graph,
    ended,
    before: (token: VppToken) => licenses.before(graph, token),
    async compared(run: EndedRun) {
      return (await licenses.compare([run], never)).get(run.id);
    },
  };
}

function given<T>(answer: readonly T[] | Error): readonly T[] {
  if (answer instanceof Error) throw answer;
  return answer;
}

const refused = (reason: GraphErrorReason) => new GraphError(reason, { clientRequestId: 'c' });

test('a token’s own apps are kept from before its sync: id, name, licences used and bought, and nothing else', async () => {
  const rig = createRig({ apps: [row('a', berlin, 1, 2), row('b', rome, 3, 4)], tokens: [] });
  assert.deepEqual(await rig.before(berlin), {
    kind: 'read',
    exact: false,
    apps: [{ id: 'a', name: 'App a', used: 1, total: 2 }],
  });
  assert.deepEqual(rig.lists, ['v1.0 mobileApps']);
});

test('changes are found by reading anew once the sync has ended', async () => {
  const rig = createRig({ apps: [row('a', berlin, 1, 2), row('b', rome, 3, 4)], tokens: [berlin, rome] });
  const before = await rig.before(berlin);
  rig.tenant.apps = [row('a', berlin, 1, 52), row('b', rome, 99, 99)];
  assert.deepEqual(await rig.compared(rig.ended(berlin, before)), {
    kind: 'compared',
    approximate: false,
    apps: [{ what: 'app', id: 'a', name: 'App a', before: { used: 1, total: 2 }, after: { used: 1, total: 52 } }],
  });
});

test('apps of the token that run out soon are named, unless the sync has brought more', async () => {
  const counted = ['soon', 'bought', 'elsewhere'].map((id, n) => ({
    id,
    tokenId: 'any',
    name: id,
    day: 0,
    used: 4,
    total: 9,
    runsOutOn: 9 + n,
  }));
  const apps = [row('soon', berlin, 5, 9), row('bought', berlin, 4, 9), row('elsewhere', rome, 4, 9)];
  const rig = createRig({
    apps,
    tokens: [berlin, rome],
    counted: [...counted, { ...counted[0], id: 'later', runsOutOn: 15 } as CountedApp],
  });
  const before = await rig.before(berlin);
  rig.tenant.apps = [row('soon', berlin, 5, 9), row('bought', berlin, 4, 90), row('elsewhere', rome, 4, 9)];
  const compared = await rig.compared(rig.ended(berlin, before));
  assert.deepEqual(compared?.kind === 'compared' && compared.runsOut, [{ name: 'App soon', daysLeft: 9 }]);
});

test('tokens that share Apple ID and organisation make it approximate on v1.0, and exact with beta', async () => {
  const twin = { ...rome, appleId: 'VPP@contoso.com ' };
  const apps = [row('a', berlin, 1, 2), row('b', twin, 3, 4)];
  const later = [row('a', berlin, 1, 2), row('b', twin, 3, 9)];
  const v1 = createRig({ apps, tokens: [berlin, twin] });
  const roughly = await v1.before(berlin);
  v1.tenant.apps = later;
  const compared = await v1.compared(v1.ended(berlin, roughly));
  assert.ok(compared?.kind === 'compared');
  assert.deepEqual([compared.approximate, compared.apps.map(({ id }) => id)], [true, ['b']]);

  const beta = createRig({ apps, tokens: [berlin, twin], beta: apps }, { beta: true });
  const exactly = await beta.before(berlin);
  assert.ok(exactly.kind === 'read' && exactly.exact);
  Object.assign(beta.tenant, { apps: later, beta: later });
  assert.deepEqual(await beta.compared(beta.ended(berlin, exactly)), {
    kind: 'compared',
    approximate: false,
    apps: [],
  });
});

test('beta that answers once alone leaves two lists that cannot be compared', async () => {
  const apps = [row('a', berlin, 1, 2)];
  const rig = createRig({ apps, tokens: [berlin], beta: apps }, { beta: true });
  const before = await rig.before(berlin);
  rig.tenant.beta = refused('unavailable');
  assert.deepEqual(await rig.compared(rig.ended(berlin, before)), { kind: 'notCompared', why: 'ambiguous' });
  rig.tenant.apps = [];
  const gone = await rig.compared(rig.ended(berlin, before));
  assert.equal(gone?.kind, 'compared', 'all of them are gone, whoever they belonged to');
});

test('without the list of tokens nobody knows who shares the account: approximate', async () => {
  const rig = createRig({ apps: [row('a', berlin, 1, 2)], tokens: refused('unavailable') });
  const compared = await rig.compared(rig.ended(berlin, await rig.before(berlin)));
  assert.ok(compared?.kind === 'compared' && compared.approximate);
});

test('a token without an Apple ID has no apps that could be called its own', async () => {
  const { appleId: _, ...bare } = berlin;
  const rig = createRig({ apps: [row('a', berlin, 1, 2)], tokens: [bare] });
  assert.deepEqual(await rig.before(bare), { kind: 'unread', why: 'noAccount' });
});

for (const [reason, why] of [
  ['forbidden', 'forbidden'],
  ['missingScope', 'missingScope'],
  ['tokenRejected', 'signInEnded'],
  ['claimsChallenge', 'signInEnded'],
  ['timedOut', 'slow'],
  ['throttled', 'unavailable'],
  ['unavailable', 'unavailable'],
  ['unreadable', 'unavailable'],
] as const) {
  test(`apps that answer ${reason} fail nothing: the reason given is ${why}, from before or from after`, async () => {
    const rig = createRig({ apps: refused(reason), tokens: [berlin] });
    const before = await rig.before(berlin);
    assert.deepEqual(before, { kind: 'unread', why });
    assert.deepEqual(await rig.compared(rig.ended(berlin, before)), { kind: 'notCompared', why });
    assert.equal(rig.lists.length, 1, 'what was not read before is not read after');
    const read = { kind: 'read', exact: false, apps: [] } as const;
    assert.deepEqual(await rig.compared(rig.ended(berlin, read)), { kind: 'notCompared', why });
  });
}

test('apps that do not answer are waited for as long as was said, and no longer', async () => {
  const rig = createRig({ apps: 'hang', tokens: [berlin] });
  assert.deepEqual(await rig.before(berlin), { kind: 'unread', why: 'slow' });
  const read = { kind: 'read', exact: false, apps: [] } as const;
  assert.deepEqual(await rig.compared(rig.ended(berlin, read)), { kind: 'notCompared', why: 'slow' });
});

test('with nobody signed in, in a join, or with nothing from before, nothing is read and nothing compared', async () => {
  const away = createRig({ apps: [], tokens: [] }, { signedIn: false });
  const read = { kind: 'read', exact: false, apps: [] } as const;
  assert.deepEqual(await away.compared(away.ended(berlin, read)), { kind: 'notCompared', why: 'signInEnded' });
  const here = createRig({ apps: [], tokens: [] });
  const joined = here.ended(berlin, undefined, { joined: true });
  assert.deepEqual(await here.compared(joined), { kind: 'notCompared', why: 'joined' });
  assert.deepEqual(await here.compared(here.ended(berlin, undefined)), { kind: 'notCompared' });
  assert.deepEqual(here.lists, []);
});

test('many tokens share one list of apps before and one after', async () => {
  const apps = [row('a', berlin, 1, 2), row('b', rome, 3, 4)];
  const rig = createRig({ apps, tokens: [berlin, rome] });
  const shared = rig.licenses.list(rig.graph);
  const before = await Promise.all([berlin, rome].map((token) => rig.licenses.before(rig.graph, token, shared)));
  rig.tenant.apps = [row('a', berlin, 1, 3), row('b', rome, 3, 5)];
  const runs = [berlin, rome].map((token, index) => rig.ended(token, before[index]));
  const byRun = await rig.licenses.compare(runs, never);
  const ids = runs.map(({ id }) => {
    const compared = byRun.get(id);
    return compared?.kind === 'compared' && compared.apps.map((app) => app.id);
  });
  assert.deepEqual(ids, [['a'], ['b']]);
  assert.deepEqual(rig.lists, ['v1.0 mobileApps', 'v1.0 mobileApps', 'v1.0 vppTokens']);
});

test('a shared list that is late holds up one token no longer than its own would', async () => {
  const rig = createRig({ apps: [row('a', berlin, 1, 2)], tokens: [] });
  const late = new Promise<never>(() => undefined);
  assert.deepEqual(await rig.licenses.before(rig.graph, berlin, late), { kind: 'unread', why: 'slow' });
});

test('why apps could not be listed is in the log', async () => {
  const rig = createRig({ apps: refused('forbidden'), tokens: [] });
  await rig.before(berlin);
  assert.deepEqual(
    rig.lines.map(({ level }) => level),
    ['info'],
  );
});
