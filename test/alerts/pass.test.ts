import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sql } from 'kysely';
import { createToken } from '../../sandbox/seed/seed-token.ts';
import { areLicensesDue, compare, tenantAfter } from '../../src/alerts/pass.ts';
import type { TenantReading } from '../../src/alerts/read-tenant.ts';
import type { TokenSnapshot } from '../../src/domain/alert.ts';
import { observeMonitoring } from '../../src/domain/alert-observations.ts';
import type { WatchedTenant } from '../../src/domain/alert-repositories.ts';
import { acknowledge } from '../../src/domain/alert-steps.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { dayMs, hourMs, minuteMs } from '../../src/lib/time.ts';
import { snapshotOf, tokenOf } from '../support/alert-samples.ts';
import { ada, at } from '../support/stored.ts';
import { startPasses } from './pass-rig.ts';

suite('compare', () => {
  const now = at + 15 * minuteMs;
  const compareWith = (before: readonly TokenSnapshot[], tokens: readonly VppToken[], betaMissing = false) =>
    compare(before, { tenantId: ada.tenantId, tokens, betaMissing, now });
  const iso = (time: number) => new Date(time).toISOString();

  /** The one token's snapshot after a look, from what a look before it saw. */
  function after(
    before: Partial<VppToken>,
    seen: Partial<VppToken>,
    known: Partial<TokenSnapshot> = {},
    betaMissing = false,
  ) {
    const last = snapshotOf('a', { token: tokenOf('a', before), ...known });
    const [snapshot] = compareWith([last], [tokenOf('a', seen)], betaMissing).current;
    return snapshot ?? assert.fail();
  }

  test('what did not change is not written again', () => {
    const known = [snapshotOf('a'), snapshotOf('b'), snapshotOf('c')];
    const { current, changed, missing } = compareWith(
      known,
      ['a', 'b', 'c'].map((id) => tokenOf(id, id === 'b' ? { state: 'expired' } : {})),
    );
    assert.deepEqual(
      current.map(({ token, seenAt }) => [token.id, seenAt]),
      [
        ['a', at],
        ['b', now],
        ['c', at],
      ],
    );
    assert.deepEqual(changed, [current[1]]);
    assert.deepEqual(missing, []);
  });

  test('a token that was not there before is seen first now, one that is not there any more is missing', () => {
    const { current, changed, missing } = compareWith([snapshotOf('a'), snapshotOf('b')], [tokenOf('b'), tokenOf('c')]);
    const missed = snapshotOf('a', { missingSince: now });
    assert.deepEqual(changed, [snapshotOf('c', { firstSeenAt: now, seenAt: now }), missed]);
    assert.equal(current.length, 2);
    assert.deepEqual(missing, [missed]);
    assert.deepEqual(compareWith([], []), { current: [], changed: [], missing: [] });
  });

  test('a missing token is deleted only once a second list is without it and Graph does not know its id', () => {
    const [other, missed] = [snapshotOf('b'), snapshotOf('a', { missingSince: at })];
    const compareMissing = (before: TokenSnapshot, notFound: readonly string[]) =>
      compare([before, other], {
        tenantId: ada.tenantId,
        tokens: [tokenOf('b')],
        betaMissing: false,
        notFound: new Set(notFound),
        now,
      });
    const deleted = { ...missed, deletedAt: now };
    assert.deepEqual(compareMissing(missed, ['a']), { current: [other], missing: [], changed: [deleted] });
    assert.deepEqual(compareMissing(missed, []), { current: [other], missing: [missed], changed: [] });
    const first = compareMissing(snapshotOf('a'), ['a']);
    assert.deepEqual(first.missing, [snapshotOf('a', { missingSince: now })], 'one list decides nothing');
    const back = compareWith([missed], [tokenOf('a')]);
    assert.deepEqual(back.changed, [snapshotOf('a', { seenAt: now })], 'its mark is gone when it is back');
  });

  test('the newest completed sync is kept, through failures and syncs that go on', () => {
    const syncedAt = at - 60 * minuteMs;
    const completed = { lastSyncStatus: 'completed', lastSyncDateTime: iso(syncedAt) };
    assert.equal(after({}, completed).completedAt, syncedAt);
    const known = { completedAt: syncedAt };
    assert.equal(after(completed, { ...completed, lastSyncDateTime: iso(at) }, known).completedAt, at);
    assert.equal(
      after(completed, { lastSyncStatus: 'failed', lastSyncDateTime: iso(at) }, known).completedAt,
      syncedAt,
    );
    assert.equal(after(completed, { lastSyncStatus: 'inProgress' }, known).completedAt, syncedAt);
    assert.equal(after(completed, { lastSyncStatus: 'none' }, known).completedAt, syncedAt);
    assert.equal(after({}, { lastSyncStatus: 'failed', lastSyncDateTime: iso(at) }).completedAt, undefined);
    assert.equal(after(completed, { ...completed, lastSyncDateTime: iso(at - 1e9) }, known).completedAt, syncedAt);
  });

  test('a sync in progress is timed from its first sight, until it ends or another one has begun', () => {
    const going = { lastSyncStatus: 'inProgress', lastSyncDateTime: iso(at - 1e9) };
    assert.equal(after({}, going).inProgressSince, now);
    assert.equal(after(going, going, { inProgressSince: at }).inProgressSince, at);
    const touched = { ...going, lastModifiedDateTime: iso(at) };
    assert.equal(after(going, touched, { inProgressSince: at }).inProgressSince, at, 'an edit is no other sync');
    const another = { ...going, lastSyncDateTime: iso(at) };
    assert.equal(after(going, another, { inProgressSince: at }).inProgressSince, now);
    assert.equal(after(going, { lastSyncStatus: 'completed' }, { inProgressSince: at }).inProgressSince, undefined);
  });

  test('beta’s last values stay while it does not answer, and go when it says otherwise', () => {
    const named = { displayName: 'West', locationName: 'Store 12', state: 'duplicateLocationId' };
    const { token } = after(named, { state: 'unknown' }, {}, true);
    assert.deepEqual(token, tokenOf('a', named));
    assert.equal(after(named, { state: 'valid' }, {}, true).token.state, 'duplicateLocationId');
    assert.equal(after(named, { state: 'expired' }, {}, true).token.state, 'expired');
    assert.equal(after({ state: 'invalid' }, { state: 'valid' }, {}, true).token.state, 'valid');
    assert.deepEqual(after(named, { state: 'valid' }).token, tokenOf('a'));
  });

  test('a reading without beta writes nothing when nothing else changed', () => {
    const known = snapshotOf('a', { token: tokenOf('a', { displayName: 'West' }) });
    assert.deepEqual(compareWith([known], [tokenOf('a')], true).changed, []);
  });
});

suite('pass', () => {
  const kindsOf = (events: readonly string[]) => new Set(events.map((event) => event.split(' ')[0]));

  test('the first pass opens what is wrong and delivers it to every subscriber', async () => {
    const { passOnce, listOpen, listDeliveries, tokenOf, findOpen, snapshots, graph, company } = await startPasses();
    const { outcome, events, tenant } = await passOnce();
    assert.equal(outcome, 'good');
    assert.deepEqual(kindsOf(events), new Set(['opened']));
    const open = await listOpen();
    assert.equal(open.length, events.length);
    for (const [name, condition] of [
      ['retail', 'expiring'],
      ['evenements', 'expired'],
      ['former.colleague', 'invalid'],
      ['mdm', 'assignedToExternalMDM'],
      ['zuerich', 'syncFailed'],
      ['cafe', 'syncStuck'],
      ['ipads', 'syncStale'],
      ['retail', 'licenses'],
    ] as const)
      assert.ok(await findOpen(tokenOf(name).id, condition), `${name} ${condition}`);
    assert.deepEqual(
      (await listDeliveries()).map(({ key }) => key).toSorted(),
      open.map(({ id, revision }) => `${id} ${revision} subscription-1`).toSorted(),
    );
    assert.equal(
      (await snapshots.listOfTenant(company)).length,
      graph.listTokens(company).length + 1,
      'and the push certificate',
    );
    const { goodAt, licensesAt, failedPasses } = tenant;
    assert.deepEqual([goodAt, licensesAt, failedPasses], [tenant.passedAt, tenant.passedAt, 0]);
  });

  test('a pass at which nothing has changed delivers nothing and stores nothing but that it was made', async () => {
    const { passOnce, db, controls, company } = await startPasses();
    controls.setPageSize(100);
    controls.setTokenCount(company, 3000);
    const countWrites = async () => {
      const { rows } = await sql<{ writes: number }>`select total_changes() as writes`.execute(db);
      return rows[0]?.writes ?? 0;
    };
    await passOnce();
    const before = await countWrites();
    assert.ok(before > 3000);
    const { outcome, events } = await passOnce();
    assert.deepEqual([outcome, events], ['good', []]);
    // The claim, the proof of its lease and its end, and a delivery or an alert for none of the tokens.
    assert.ok((await countWrites()) - before <= 5, `${(await countWrites()) - before} writes`);
  });

  test('a token that expires is announced, and its renewal too', async () => {
    const { passOnce, controls, tokenOf, findOpen, clock } = await startPasses();
    await passOnce();
    const { id } = tokenOf('hq');
    controls.expireToken(id);
    assert.deepEqual((await passOnce()).events, ['opened expired/expired']);
    const alert = await findOpen(id, 'expired');
    assert.equal(alert?.token?.state, 'expired');
    assert.equal(alert?.openedAt, clock.at);
    controls.renewToken(id);
    assert.deepEqual((await passOnce()).events, ['resolved expired/expired']);
    assert.equal(await findOpen(id, 'expired'), undefined);
  });

  test('a deleted token is announced by the second list without it, its other alerts end, and its name is kept', async () => {
    const { passOnce, controls, tokenOf, findOpen, snapshots, company, clock } = await startPasses();
    await passOnce();
    const { id } = tokenOf('evenements');
    assert.ok(await findOpen(id, 'expired'));
    controls.deleteToken(id);
    assert.deepEqual((await passOnce()).events, []);
    const missingSince = clock.at;
    assert.ok(await findOpen(id, 'expired'), 'one list decides nothing');
    const { outcome, events } = await passOnce();
    assert.equal(outcome, 'good');
    assert.ok(events.includes('opened tokenDeleted/tokenDeleted'), String(events));
    assert.ok(events.includes('deleted expired/expired'), String(events));
    assert.deepEqual(kindsOf(events), new Set(['deleted', 'opened']));
    assert.equal(await findOpen(id, 'expired'), undefined);
    const alert = (await findOpen(id, 'tokenDeleted')) ?? assert.fail();
    assert.deepEqual(alert.detail, { since: missingSince });
    assert.equal(alert.token?.id, id);
    assert.ok((await snapshots.listOfTenant(company)).every(({ token }) => token.id !== id));
    const [kept] = await snapshots.listDeleted(company);
    assert.deepEqual([kept?.token.id, kept?.missingSince, kept?.deletedAt], [id, missingSince, clock.at]);
    assert.deepEqual((await passOnce()).events, []);

    clock.at += 31 * 24 * hourMs;
    await snapshots.prune(clock.at);
    assert.ok((await passOnce()).events.includes('deleted tokenDeleted/tokenDeleted'));
    assert.deepEqual(await snapshots.listDeleted(company), []);
    assert.equal(await findOpen(id, 'tokenDeleted'), undefined);
  });

  test('a deleted token that comes back resolves its alert', async () => {
    const { passOnce, controls, tokenOf, findOpen, snapshots, company } = await startPasses();
    await passOnce();
    const token = tokenOf('hq');
    controls.deleteToken(token.id);
    await passOnce();
    assert.ok((await passOnce()).events.includes('opened tokenDeleted/tokenDeleted'));
    controls.addToken(token);
    assert.deepEqual((await passOnce()).events, ['resolved tokenDeleted/tokenDeleted']);
    assert.equal(await findOpen(token.id, 'tokenDeleted'), undefined);
    assert.deepEqual(await snapshots.listDeleted(company), []);
    assert.ok((await snapshots.listOfTenant(company)).some((each) => each.token.id === token.id));
  });

  for (const [why, fault] of [
    ['is refused', { kind: 'status', status: 403 }],
    ['meets a busy Intune', { kind: 'status', status: 429 }],
    ['meets a failing Intune', { kind: 'status', status: 503 }],
    ['is answered by a proxy', { kind: 'html' }],
  ] as const)
    test(`a missing token whose own request ${why} is not yet deleted`, async () => {
      const { passOnce, controls, tokenOf, findOpen } = await startPasses();
      await passOnce();
      const { id } = tokenOf('evenements');
      controls.deleteToken(id);
      await passOnce();
      controls.failNext(20, { path: id, fault });
      const { outcome, events } = await passOnce();
      assert.deepEqual([outcome, events], ['good', []]);
      assert.ok(await findOpen(id, 'expired'));
      controls.failNoMore();
      assert.ok((await passOnce()).events.includes('opened tokenDeleted/tokenDeleted'));
    });

  test('a token that only the list leaves out is not deleted', async () => {
    const { passOnce, controls, tokenOf, findOpen, company } = await startPasses();
    await passOnce();
    const { id } = tokenOf('evenements');
    controls.leaveOut(id);
    for (let passes = 0; passes < 3; passes += 1) assert.deepEqual((await passOnce()).events, []);
    assert.ok(await findOpen(id, 'expired'));
    controls.leaveOut(undefined);
    assert.deepEqual((await passOnce()).events, []);
    assert.ok(company);
  });

  test('a list that is cut short or fails makes no token missing', async () => {
    const { passOnce, controls, tokenOf, snapshots, company } = await startPasses();
    await passOnce();
    controls.deleteToken(tokenOf('hq').id);
    for (const fault of [{ kind: 'truncatedJson' }, { kind: 'status', status: 403 }] as const) {
      controls.failNext(20, { path: 'vppTokens', fault });
      assert.equal((await passOnce()).outcome, 'failed');
      controls.failNoMore();
    }
    assert.ok((await snapshots.listOfTenant(company)).every(({ missingSince }) => missingSince === undefined));
  });

  test('the push certificate has its stages, is renewed and removed as a token is, and an outage of it alone changes nothing', async () => {
    const { passOnce, controls, findOpen, graph, company, clock } = await startPasses();
    const { id = '', expiresAt = 0 } = graph.listConnectors(company, 'push')[0] ?? {};
    await passOnce();
    assert.equal(await findOpen('push', 'expiring'), undefined);
    clock.at = expiresAt - 13 * 24 * hourMs;
    await passOnce();
    assert.equal((await findOpen('push', 'expiring'))?.stage, 'd14');
    controls.failNext(9, { path: 'applePushNotificationCertificate', fault: { kind: 'status', status: 503 } });
    assert.equal((await passOnce()).outcome, 'good');
    controls.failNoMore();
    assert.equal((await findOpen('push', 'expiring'))?.stage, 'd14');
    controls.expireToken(id);
    await passOnce();
    assert.equal((await findOpen('push', 'expired'))?.token?.appleId, 'mdm-push@contoso.example.com');
    controls.renewToken(id);
    assert.ok((await passOnce()).events.includes('resolved expired/expired'));
    controls.deleteToken(id);
    await passOnce();
    await passOnce();
    assert.equal((await findOpen('push', 'tokenDeleted'))?.stage, 'tokenDeleted');
  });

  test('all tokens gone at once are one alert about monitoring, and none of a token', async () => {
    const { passOnce, controls, company, listOpen, snapshots, clock, graph } = await startPasses();
    await passOnce();
    const tokens = graph.listTokens(company).map((token) => ({ token, apps: graph.listApps(token.id) }));
    const before = (await listOpen()).length;
    controls.setTokenCount(company, 0);
    const first = await passOnce();
    assert.deepEqual([first.outcome, first.events, first.tenant.failure?.reason], ['failed', [], 'allGone']);
    assert.deepEqual((await passOnce()).events, ['opened monitoringBroken/monitoringBroken']);
    assert.deepEqual((await passOnce()).events, []);
    assert.equal((await listOpen()).length, before + 1);
    assert.equal(
      (await snapshots.listOfTenant(company)).length,
      tokens.length + 1,
      'the push certificate is still there',
    );

    for (const { token, apps } of tokens) controls.addToken(token, apps);
    assert.deepEqual((await passOnce()).events, ['resolved monitoringBroken/monitoringBroken']);
    assert.ok((await snapshots.listOfTenant(company)).every(({ missingSince }) => missingSince === undefined));

    controls.setTokenCount(company, 0);
    await passOnce();
    await passOnce();
    await snapshots.prune(clock.at + 31 * 24 * hourMs);
    const { outcome, events } = await passOnce();
    assert.equal(outcome, 'good', 'after 30 days an organization without tokens is taken as meant');
    assert.deepEqual(kindsOf(events), new Set(['deleted', 'resolved']));
    assert.deepEqual(await listOpen(), []);
  });

  test('a list that is not found is as if all tokens were gone', async () => {
    const { passOnce, controls } = await startPasses();
    await passOnce();
    controls.failNext(20, { path: 'vppTokens', fault: { kind: 'status', status: 404 } });
    assert.deepEqual((await passOnce()).tenant.failure, {
      part: 'tokens',
      reason: 'allGone',
      code: '404 ResourceNotFound',
    });
    assert.deepEqual((await passOnce()).events, ['opened monitoringBroken/monitoringBroken']);
    controls.failNoMore();
    assert.deepEqual((await passOnce()).events, ['resolved monitoringBroken/monitoringBroken']);
  });

  test('a stuck sync is announced once it has been in progress for long, as far as passes have seen', async () => {
    const { passOnce, controls, tokenOf, findOpen, snapshots, company } = await startPasses();
    await passOnce();
    const { id } = tokenOf('hq');
    controls.nextSyncEnds('stuck');
    controls.startSync(id);
    assert.deepEqual((await passOnce()).events, []);
    const seen = (await snapshots.listOfTenant(company)).find(({ token }) => token.id === id);
    assert.equal(seen?.inProgressSince, seen?.seenAt);
    await passOnce();
    await passOnce();
    assert.ok(await findOpen(id, 'syncStuck'));
  });

  test('licenses are read once a day while none runs out, and sooner when they are asked for', async () => {
    const { passOnce, graph, controls, tenants, company, clock } = await startPasses();
    controls.setTokenCount(company, 0);
    const id = 'b6c1f0a2-1d4e-4f73-8a95-000000000001';
    const names = { displayName: 'App', platform: 'ios', publisher: 'P', bundleId: 'p.q' } as const;
    controls.addToken(
      createToken(clock.at, { id, tenantId: company, organizationName: 'One', appleId: 'vpp@one.example.com' }),
      [{ id: 'app', tokenId: id, ...names, totalLicenseCount: 10, usedLicenseCount: 2 }],
    );
    const countReads = () => graph.requests.filter(({ path }) => path.endsWith('/mobileApps')).length;
    const first = await passOnce();
    const once = countReads();
    assert.ok(once > 0);
    await passOnce();
    await passOnce();
    assert.equal(countReads(), once);
    await tenants.askForLicenses(company);
    const asked = await passOnce();
    assert.equal(countReads(), 2 * once);
    assert.ok((asked.tenant.licensesAt ?? 0) > (first.tenant.licensesAt ?? 0));
    await passOnce();
    assert.equal(countReads(), 2 * once);
    await passOnce(24 * hourMs);
    assert.equal(countReads(), 3 * once);
  });

  test('an alert about licenses that are running out follows every pass, to its end', async () => {
    const { passOnce, tokenOf, findOpen, controls, graph } = await startPasses();
    await passOnce();
    const { id } = tokenOf('retail');
    assert.equal((await findOpen(id, 'licenses'))?.stage, 'usedUp');
    controls.setSyncDuration(0);
    const [first, ...others] = graph.listApps(id);
    controls.buyLicenses(first?.id ?? assert.fail(), 500);
    controls.startSync(id);
    await passOnce();
    const names = (await findOpen(id, 'licenses'))?.detail.apps?.map(({ name }) => name) ?? [];
    assert.ok(!names.includes(first?.displayName ?? ''), String(names));
    for (const app of others) controls.buyLicenses(app.id, 500);
    controls.startSync(id);
    assert.deepEqual((await passOnce()).events, ['resolved licenses/usedUp']);
    assert.equal(await findOpen(id, 'licenses'), undefined);
  });

  test('use that rises day by day is an alert 14, 7 and 3 days before its end, until more are bought', async () => {
    const { passOnce, controls, company, clock, findOpen } = await startPasses();
    controls.setTokenCount(company, 0);
    const id = 'b6c1f0a2-1d4e-4f73-8a95-000000000001';
    const app = {
      id: 'app',
      tokenId: id,
      platform: 'ios',
      displayName: 'App',
      publisher: 'P',
      bundleId: 'p.q',
    } as const;
    controls.addToken(
      createToken(clock.at, { id, tenantId: company, organizationName: 'One', appleId: 'vpp@one.example.com' }),
      [{ ...app, totalLicenseCount: 40, usedLicenseCount: 8 }],
    );
    const said = new Map<number, string>();
    for (let used = 10; used <= 40; used += 2) {
      controls.useLicenses('app', 2);
      const { events } = await passOnce(24 * hourMs);
      const of = events.filter((event) => event.includes('licenses/') && !event.startsWith('changed'));
      if (of.length > 0) said.set(used, of.join());
      if (used === 22)
        assert.deepEqual((await findOpen(id, 'licenses'))?.detail.apps, [
          { name: 'App', used: 22, total: 40, daysLeft: 9 },
        ]);
    }
    assert.deepEqual(Object.fromEntries(said), {
      22: 'opened licenses/runsOut14',
      26: 'escalated licenses/runsOut7',
      34: 'escalated licenses/runsOut3',
      40: 'escalated licenses/usedUp',
    });
    controls.setSyncDuration(0);
    controls.buyLicenses('app', 100);
    controls.startSync(id);
    assert.ok((await passOnce()).events.includes('resolved licenses/usedUp'));
  });

  test('counts that cannot be kept keep no alert from being stored', async () => {
    const { passOnce, db, lines, findOpen, tokenOf } = await startPasses();
    await db.schema.dropTable('counted_apps').execute();
    assert.equal((await passOnce()).outcome, 'good');
    assert.ok(await findOpen(tokenOf('retail').id, 'licenses'));
    assert.ok(lines.some(({ message }) => message === 'the licenses of a tenant could not be counted'));
  });

  test('one shortage of an account with several tokens is one alert', async () => {
    const { passOnce, controls, company, clock, listOpen } = await startPasses();
    controls.setTokenCount(company, 0);
    const ids = [3, 1, 2].map((n) => `b6c1f0a2-1d4e-4f73-8a95-00000000000${n}`);
    for (const [n, id] of ids.entries()) {
      const account = { id, tenantId: company, organizationName: 'Shared', appleId: 'vpp@shared.example.com' };
      const app = {
        platform: 'ios',
        publisher: 'P',
        bundleId: 'p.q',
        totalLicenseCount: 10,
        usedLicenseCount: 10,
      } as const;
      controls.addToken(createToken(clock.at, account), [
        { ...app, id: `app-${n}`, tokenId: id, displayName: `App ${n}` },
      ]);
    }
    assert.deepEqual((await passOnce()).events, ['opened licenses/usedUp']);
    const [alert] = await listOpen();
    assert.equal(alert?.tokenId, ids[1]);
    assert.equal(alert?.detail.isApproximate, true);
    assert.equal(alert?.detail.apps?.length, 3);
  });

  test('a duplicate location is not mended because beta does not answer', async () => {
    const { passOnce, controls, tokenOf, findOpen } = await startPasses({ beta: true });
    await passOnce();
    const { id } = tokenOf('apple');
    const opened = await findOpen(id, 'duplicateLocationId');
    assert.ok(opened);
    controls.failNext(3, { path: '/beta/', fault: { kind: 'status', status: 503 } });
    assert.deepEqual((await passOnce()).events, []);
    assert.deepEqual(await findOpen(id, 'duplicateLocationId'), opened);
    controls.setState(id, 'valid');
    assert.deepEqual((await passOnce()).events, ['resolved duplicateLocationId/duplicateLocationId']);
  });

  test('an acknowledgement that comes between is kept, and the pass still announces its events', async () => {
    const { passOnce, tokenOf, findOpen, alerts, replace, clock, listDeliveries } = await startPasses();
    await passOnce();
    const { id } = tokenOf('retail');
    const stale = await alerts.listOfTenant(tokenOf('retail').tenantId, clock.at);
    const alert = (await findOpen(id, 'expiring')) ?? assert.fail();
    const taken = acknowledge(alert, 'Ada', clock.at) ?? assert.fail();
    assert.equal(await alerts.put(taken), true);
    const deliveriesBefore = (await listDeliveries()).length;

    // As on a database on which a reader does not keep writers out: the pass reads what was there before.
    let isFirst = true;
    replace.stores = (stores) => {
      if (!isFirst) return stores;
      isFirst = false;
      return { ...stores, alerts: { ...stores.alerts, listOfTenant: async () => stale } };
    };
    const { outcome, events } = await passOnce(5 * 24 * hourMs);
    assert.equal(outcome, 'good');
    assert.ok(events.includes('escalated expiring/d7'), String(events));
    const escalated = await findOpen(id, 'expiring');
    assert.equal(escalated?.stage, 'd7');
    assert.equal(escalated?.acknowledged?.by, 'Ada');
    assert.equal(escalated?.revision, taken.revision + 1);
    assert.equal((await listDeliveries()).length - deliveriesBefore, events.length, 'each is delivered once');
  });
});

suite('tenant after', () => {
  const intervalMs = 15 * minuteMs;
  const times = { startedAt: at, now: at + minuteMs, intervalMs, chance: 0.5 };
  const before: WatchedTenant = {
    tenantId: 'a',
    dueAt: at,
    passedAt: at - 1,
    goodAt: at - 1,
    failedPasses: 0,
    licensesAt: 7,
  };
  const seen = { kind: 'seen', tokens: [], betaMissing: false } as const;
  const failure = { part: 'tokens', reason: 'throttled', code: '429' } as const;
  const failed: TenantReading = { kind: 'failed', failure };
  const noLicenses: TenantReading = { ...seen, licenses: { failure: { part: 'licenses', reason: 'missingScope' } } };

  test('a good pass ends what failed before it', () => {
    const broken = { ...before, failedPasses: 5, failure };
    const after = { tenantId: 'a', dueAt: at + intervalMs, passedAt: times.now, goodAt: times.now, failedPasses: 0 };
    assert.deepEqual(tenantAfter(broken, seen, times), { ...after, licensesAt: 7 });
    assert.deepEqual(tenantAfter(before, { ...seen, apps: new Map() }, times), { ...after, licensesAt: times.now });
  });

  test('failed passes are counted, and the last good one remembered', () => {
    const once = tenantAfter(before, failed, times);
    assert.deepEqual(once, { ...before, dueAt: at + intervalMs, passedAt: times.now, failedPasses: 1, failure });
    assert.equal(tenantAfter(once, failed, times).failedPasses, 2);
    const { goodAt: _, passedAt: __, ...never } = before;
    assert.equal('goodAt' in tenantAfter(never, failed, times), false);
  });

  test('a pass that could not read licenses has failed, and reads them again next time', () => {
    const { licensesAt: _, ...unread } = before;
    const after = tenantAfter(unread, noLicenses, times);
    assert.deepEqual([after.failedPasses, after.failure?.part, after.goodAt], [1, 'licenses', before.goodAt]);
    assert.equal(areLicensesDue(after, times.now), true);
  });

  test('the next pass begins an interval after this one began, a twentieth more or less', () => {
    const dueIn = (chance: number) => tenantAfter(before, seen, { ...times, chance }).dueAt - at;
    assert.deepEqual([0, 0.5, 1].map(dueIn), [0.95 * intervalMs, intervalMs, 1.05 * intervalMs]);
    const slow = { ...times, now: at + 2 * intervalMs };
    assert.equal(tenantAfter(before, seen, slow).dueAt, slow.now, 'one that took longer is followed at once');
  });

  test('Graph is left alone for as long as it asks for, an hour at most', () => {
    const dueAfter = (retryAfterMs: number) => tenantAfter(before, { ...failed, retryAfterMs }, times).dueAt;
    assert.equal(dueAfter(1_000), at + intervalMs);
    assert.equal(dueAfter(20 * minuteMs), times.now + 20 * minuteMs);
    assert.equal(dueAfter(dayMs), times.now + 60 * minuteMs);
  });

  test('a tenant that does not answer is asked ever more rarely, up to an hour, until it answers', () => {
    const silent = { kind: 'failed', failure: { part: 'tokens', reason: 'timedOut' } } as const;
    const dueIn = (failedPasses: number, reading: TenantReading, everyMs = intervalMs) =>
      tenantAfter({ ...before, failedPasses }, reading, { ...times, intervalMs: everyMs }).dueAt - at;
    assert.deepEqual(
      [0, 1, 2, 3, 9].map((failedPasses) => dueIn(failedPasses, silent) / intervalMs),
      [1, 2, 4, 4, 4],
    );
    assert.equal(dueIn(9, silent, 45 * minuteMs), 60 * minuteMs);
    assert.equal(dueIn(9, silent, 2 * hourMs), 2 * hourMs, 'never more often than the interval');
    assert.equal(dueIn(9, seen), intervalMs);
    assert.equal(dueIn(9, noLicenses), intervalMs, 'its tokens were read');
    const refused = { kind: 'failed', failure: { part: 'tokens', reason: 'forbidden' } } as const;
    assert.equal(dueIn(9, refused), intervalMs, 'a refusal costs nobody time, and consent must be noticed soon');
  });

  test('licenses are due daily, when asked for, and when the clock was set back', () => {
    const { licensesAt: _, ...asked } = before;
    assert.equal(areLicensesDue(asked, at), true);
    const dueAt = (now: number) => areLicensesDue({ ...before, licensesAt: at }, now);
    assert.deepEqual(
      [0, dayMs - 1, dayMs, -1].map((ms) => dueAt(at + ms)),
      [false, false, true, true],
    );
  });

  test('who can fix broken monitoring decides its stage', () => {
    const stageOf = (reason: string) => {
      const observed = observeMonitoring({ ...before, failedPasses: 2, failure: { part: 'tokens', reason } });
      return observed.is === 'present' ? observed.stage : undefined;
    };
    for (const reason of ['throttled', 'unavailable', 'timedOut']) assert.equal(stageOf(reason), 'unanswered');
    for (const reason of ['missingScope', 'wrongClientSecret', 'forbidden', 'unreadable', 'unexpected'])
      assert.equal(stageOf(reason), 'monitoringBroken');
  });

  test('monitoring is broken from the second failed pass in a row, until a good one', () => {
    const observedAfter = (changes: Partial<WatchedTenant>) => observeMonitoring({ ...before, ...changes });
    const condition = 'monitoringBroken';
    const stage = 'unanswered';
    assert.deepEqual(observedAfter({}), { condition, is: 'absent', ending: 'resolved' });
    assert.deepEqual(observedAfter({ failedPasses: 1, failure }), { condition, is: 'unknown' });
    const detail = { since: before.goodAt, failure };
    assert.deepEqual(observedAfter({ failedPasses: 2, failure }), { condition, is: 'present', stage, detail });
    const { goodAt: _, ...never } = { ...before, failedPasses: 2, failure };
    assert.deepEqual(observeMonitoring(never), { condition, is: 'present', stage, detail: { failure } });
  });
});
