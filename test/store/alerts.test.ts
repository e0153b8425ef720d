import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Alert, TokenSnapshot } from '../../src/domain/alert.ts';
import type { WatchedTenant } from '../../src/domain/alert-repositories.ts';
import { createAlerts, createWatchedTenants } from '../../src/store/alerts.ts';
import { inTransaction } from '../../src/store/leases.ts';
import { createTokenSnapshots } from '../../src/store/token-snapshots.ts';
import { alertOf, snapshotOf, tokenOf } from '../support/alert-samples.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { ada, at, dayMs, elif, minuteMs } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

suite('alerts', () => {
  const full = alertOf('full', {
    condition: 'licenses',
    stage: 'usedUp',
    revision: 1,
    endedAt: at + 1,
    ending: 'superseded',
    suppressedUntil: at + 2,
    returnedAt: at + 1,
    acknowledged: { by: 'Ada "<b>Ö</b>" 陈', at: at + 3 },
    snoozed: { by: 'Elif', at: at + 3, until: at + 4 },
    token: tokenOf('token-1'),
    detail: {
      apps: [{ name: '门店盘点', used: 60, total: 60 }],
      isApproximate: true,
      since: at - 5,
      failure: { part: 'licenses', reason: 'missingScope', neededScopes: ['A.Read.All'], code: '403 Forbidden' },
    },
  });

  const idsOf = (alerts: readonly Alert[]) => alerts.map(({ id }) => id).toSorted();

  onEveryStore('alerts', (open) => {
    test('come back as they were stored, sparse or full', async () => {
      const alerts = createAlerts(await open());
      assert.equal(await alerts.put(full), true);
      assert.equal(await alerts.put(alertOf('sparse')), true);
      assert.deepEqual(await alerts.find('full'), full);
      assert.deepEqual(await alerts.find('sparse'), alertOf('sparse'));
      assert.equal(await alerts.find('nobody'), undefined);
    });

    test('are changed by whoever saw the newest revision, and by nobody else', async () => {
      const alerts = createAlerts(await open());
      await alerts.put(alertOf('a'));
      const taken = alertOf('a', { revision: 2, acknowledged: { by: 'Ada', at } });
      assert.equal(await alerts.put(taken), true);
      assert.equal(await alerts.put(alertOf('a', { revision: 2, stage: 'd14' })), false);
      assert.equal(await alerts.put(alertOf('a', { revision: 1 })), false);
      assert.equal(await alerts.put(alertOf('a', { revision: 4 })), false);
      assert.deepEqual(await alerts.find('a'), taken);
      const both = await Promise.all([
        alerts.put({ ...taken, revision: 3, stage: 'd14' }),
        alerts.put({ ...taken, revision: 3, stage: 'd7' }),
      ]);
      assert.deepEqual(both.toSorted(), [false, true]);
    });

    test('are known to be open by tenant and condition', async () => {
      const alerts = createAlerts(await open());
      await alerts.put(full);
      assert.equal(await alerts.hasOpen(full.tenantId, 'licenses'), false);
      await alerts.put(alertOf('open', { tokenId: 'token-2', condition: 'licenses', stage: 'low' }));
      assert.equal(await alerts.hasOpen(full.tenantId, 'licenses'), true);
      assert.equal(await alerts.hasOpen(full.tenantId, 'expired'), false);
      assert.equal(await alerts.hasOpen('another tenant', 'licenses'), false);
    });

    test('have one open at most for each condition of a token', async () => {
      const db = await open();
      const alerts = createAlerts(db);
      const one = alertOf('one', { tokenId: 'token-1' });
      await alerts.put(one);
      assert.equal(await alerts.put({ ...one, id: 'second' }), false);
      assert.equal(await alerts.find('second'), undefined);
      assert.equal(await alerts.put({ ...one, id: 'other condition', condition: 'expired', stage: 'expired' }), true);
      assert.equal(await alerts.put({ ...one, id: 'other token', tokenId: 'token-2' }), true);
      assert.equal(await alerts.put({ ...one, id: 'other tenant', tenantId: 'tenant-2' }), true);
      const ended: Alert = { ...one, revision: 2, endedAt: at + 1, ending: 'resolved' };
      await alerts.put(ended);
      assert.equal(await alerts.put({ ...one, id: 'second' }), true);

      // One that ended is not opened again beside it, and trying does not break the transaction it is tried in.
      const { endedAt: _, ending: __, ...reopened } = ended;
      await inTransaction(db, async (within) => {
        assert.equal(await createAlerts(within).put({ ...reopened, revision: 3 }), false);
        assert.equal(await createAlerts(within).put(alertOf('later')), true);
      });
      assert.deepEqual(await alerts.find('one'), ended);
      assert.ok(await alerts.find('later'));
    });

    test('are listed by tenant: open ones, and those that ended lately', async () => {
      const alerts = createAlerts(await open());
      const ended = (id: string, endedAt: number) => alertOf(id, { endedAt, ending: 'resolved' });
      await alerts.put(alertOf('open'));
      await alerts.put(ended('lately', at));
      await alerts.put(ended('before', at - 1));
      await alerts.put(alertOf('elsewhere', { tenantId: 'tenant-2' }));
      assert.deepEqual(idsOf(await alerts.listOfTenant(ada.tenantId, at)), ['lately', 'open']);
      assert.deepEqual(idsOf(await alerts.listOpen(ada.tenantId)), ['open']);
      assert.deepEqual(idsOf(await alerts.list(['before', 'elsewhere', 'nobody'])), ['before', 'elsewhere']);
      assert.deepEqual(await alerts.list([]), []);
    });

    test('are found by thousands of ids at once', async () => {
      const db = await open();
      const alerts = createAlerts(db);
      const ids = Array.from({ length: 3000 }, (_, n) => `alert-${n}`);
      await inTransaction(db, async (within) => {
        for (const id of ids) await createAlerts(within).put(alertOf(id));
      });
      assert.equal((await alerts.list(ids)).length, 3000);
      assert.equal((await alerts.listOpen(ada.tenantId)).length, 3000);
    });

    test('are erased half a year after their end, with what shows them; open ones never', async () => {
      const db = await open();
      const alerts = createAlerts(db);
      await alerts.put(alertOf('open'));
      await alerts.put(alertOf('ended', { endedAt: at, ending: 'resolved' }));
      const shown = { subscription_id: elif.aadObjectId, thread_id: 'thread', shared: 0, at };
      for (const id of ['open', 'ended'])
        await db
          .insertInto('alert_messages')
          .values({ ...shown, alert_id: id, message_id: id })
          .execute();
      await alerts.prune(at + 180 * dayMs);
      assert.ok(await alerts.find('ended'));
      await alerts.prune(at + 180 * dayMs + 1);
      assert.equal(await alerts.find('ended'), undefined);
      assert.ok(await alerts.find('open'));
      const left = await db.selectFrom('alert_messages').select('alert_id').execute();
      assert.deepEqual(
        left.map((row) => row.alert_id),
        ['open'],
      );
    });
  });
});

suite('token snapshots', () => {
  onEveryStore('token snapshots', (open) => {
    test('come back as they were stored, sparse or full, those of one tenant alone', async () => {
      const snapshots = createTokenSnapshots(await open());
      const full = snapshotOf('full', { seenAt: at + 1, completedAt: at - 1, inProgressSince: at + 2 });
      await snapshots.putAll([
        full,
        snapshotOf('sparse'),
        snapshotOf('sparse', { tenantId: 'tenant-2', seenAt: at + 9 }),
      ]);
      const found = await snapshots.listOfTenant(ada.tenantId);
      assert.deepEqual(
        found.toSorted((a, b) => (a.token.id < b.token.id ? -1 : 1)),
        [full, snapshotOf('sparse')],
      );
      assert.deepEqual(await snapshots.listOfTenant('tenant-3'), []);
    });

    test('are replaced whole by a newer one', async () => {
      const snapshots = createTokenSnapshots(await open());
      await snapshots.putAll([snapshotOf('a', { completedAt: at, inProgressSince: at })]);
      const newer = snapshotOf('a', { token: tokenOf('a', { state: 'expired' }), seenAt: at + 1 });
      await snapshots.putAll([newer]);
      assert.deepEqual(await snapshots.listOfTenant(ada.tenantId), [newer]);
    });

    test('hold as many tokens as a tenant may have, and lose those that were deleted 30 days ago', async () => {
      const snapshots = createTokenSnapshots(await open());
      const ids = Array.from({ length: 3000 }, (_, n) => `token-${n}`);
      await snapshots.putAll(ids.map((id) => snapshotOf(id)));
      assert.equal((await snapshots.listOfTenant(ada.tenantId)).length, 3000);
      const deleted = ids.slice(2).map((id) => snapshotOf(id, { missingSince: at - 1, deletedAt: at }));
      const missing = snapshotOf('token-1', { missingSince: at });
      await snapshots.putAll([...deleted, missing]);
      assert.deepEqual(await snapshots.listOfTenant(ada.tenantId), [snapshotOf('token-0'), missing]);
      const byId = (one: TokenSnapshot, other: TokenSnapshot) => (one.token.id < other.token.id ? -1 : 1);
      assert.deepEqual((await snapshots.listDeleted(ada.tenantId)).toSorted(byId), deleted.toSorted(byId));
      assert.deepEqual(await snapshots.listDeleted('tenant-2'), []);
      await snapshots.putAll([snapshotOf('token-2')]);
      assert.equal((await snapshots.listDeleted(ada.tenantId)).length, 2997, 'one that is back is listed again');

      const keptMs = 30 * 24 * 60 * minuteMs;
      await snapshots.prune(at + keptMs);
      assert.equal((await snapshots.listDeleted(ada.tenantId)).length, 2997);
      await snapshots.prune(at + keptMs + 1);
      assert.deepEqual(await snapshots.listDeleted(ada.tenantId), []);
      assert.deepEqual(await snapshots.listOfTenant(ada.tenantId), [snapshotOf('token-0'), snapshotOf('token-2')]);
      await snapshots.putAll([]);
    });
  });
});

suite('watched tenants', () => {
  const leaseMs = 20_000;
  const hourMs = 60 * minuteMs;
  const passed = (tenant: WatchedTenant | undefined, changes: Partial<WatchedTenant> = {}): WatchedTenant => ({
    ...(tenant ?? assert.fail('nothing was due')),
    dueAt: at + hourMs,
    passedAt: at,
    goodAt: at,
    licensesAt: at,
    ...changes,
  });

  onEveryStore('watched tenants', (open) => {
    test('are each due at once, the longest waiting first, and leased to one process', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['b', 'a'], at);
      const first = await tenants.claim('me', at, leaseMs);
      assert.deepEqual(first, { tenantId: 'a', dueAt: at, failedPasses: 0 });
      assert.equal((await tenants.claim('you', at, leaseMs))?.tenantId, 'b');
      assert.equal(await tenants.claim('me', at + leaseMs - 1, leaseMs), undefined);
      assert.equal((await tenants.claim('me', at + leaseMs, leaseMs))?.tenantId, 'a');
      assert.equal(await tenants.renewLease('b', 'you', at + leaseMs, leaseMs), true);
      assert.equal(await tenants.claim('me', at + leaseMs, leaseMs), undefined);
    });

    test('are leased by how their last pass ended, where that is asked for', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a', 'b'], at);
      await tenants.finish(passed(await tenants.claim('me', at, leaseMs), { failedPasses: 2, dueAt: at }), 'me');
      await tenants.watch(['a', 'b'], at);
      const claim = async (lastPass: 'good' | 'failed') => (await tenants.claim('me', at, leaseMs, lastPass))?.tenantId;
      assert.equal(await claim('good'), 'b');
      assert.equal(await claim('good'), undefined);
      assert.equal(await claim('failed'), 'a', 'a restart does not forget it');
      assert.equal(await claim('failed'), undefined);
    });

    test('keep how their passes went', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      const good = passed(await tenants.claim('me', at, leaseMs));
      assert.equal(await tenants.finish(good, 'me'), true);
      assert.deepEqual(await tenants.find('a'), good);
      assert.equal(await tenants.claim('me', at + hourMs - 1, leaseMs), undefined);
      const claimed = await tenants.claim('me', at + hourMs, leaseMs);
      assert.deepEqual(claimed, good);
      const failure = { part: 'tokens', reason: 'missingScope', neededScopes: ['A.Read.All'], code: '403' } as const;
      const bad = passed(claimed, { dueAt: at + 2 * hourMs, passedAt: at + hourMs, failedPasses: 2, failure });
      await tenants.finish(bad, 'me');
      assert.deepEqual(await tenants.find('a'), bad);
      assert.equal(await tenants.find('nobody'), undefined);
    });

    test('take nothing from a process that lost hold of them', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      const slow = await tenants.claim('slow', at, leaseMs);
      const quick = await tenants.claim('quick', at + leaseMs, leaseMs);
      assert.equal(await tenants.renewLease('a', 'slow', at + leaseMs, leaseMs), false);
      assert.equal(await tenants.finish(passed(slow), 'slow'), false);
      assert.deepEqual(await tenants.find('a'), quick);
      assert.equal(await tenants.renewLease('a', 'quick', at + leaseMs, leaseMs), true);
      assert.equal(await tenants.finish(passed(quick), 'quick'), true);
      assert.equal(await tenants.renewLease('a', 'quick', at + leaseMs, leaseMs), false);
    });

    test('are given back as they were claimed, for anybody to take at once', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      const claimed = (await tenants.claim('me', at, leaseMs)) ?? assert.fail();
      await tenants.finish(claimed, 'me');
      assert.deepEqual(await tenants.claim('you', at, leaseMs), claimed);
    });

    test('are forgotten when they are not watched any more; the others are due again and know what they knew', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a', 'b'], at);
      const good = passed(await tenants.claim('me', at, leaseMs));
      await tenants.finish(good, 'me');
      await tenants.watch(['c', 'a'], at + minuteMs);
      assert.deepEqual(await tenants.find('a'), { ...good, dueAt: at + minuteMs });
      assert.equal(await tenants.find('b'), undefined);
      assert.deepEqual(await tenants.find('c'), { tenantId: 'c', dueAt: at + minuteMs, failedPasses: 0 });
    });

    test('are not taken from whoever holds them by a process that starts', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      const claimed = await tenants.claim('me', at, leaseMs);
      await tenants.watch(['a'], at + 1);
      assert.equal(await tenants.claim('you', at + 1, leaseMs), undefined);
      assert.equal(await tenants.finish(passed(claimed), 'me'), true);
    });

    test('are due when the clock was set back, and not for clocks that differ a little', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      await tenants.finish(passed(await tenants.claim('me', at, leaseMs)), 'me');
      assert.equal(await tenants.claim('me', at - minuteMs, leaseMs), undefined);
      assert.ok(await tenants.claim('me', at - minuteMs - 1, leaseMs));
    });

    test('read licences when somebody asked for it, before or during a pass', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      await tenants.finish(passed(await tenants.claim('me', at, leaseMs)), 'me');
      await tenants.askForLicenses('a');
      assert.equal((await tenants.find('a'))?.licensesAt, undefined);

      const asked = await tenants.claim('me', at + hourMs, leaseMs);
      assert.equal(asked?.licensesAt, undefined);
      await tenants.askForLicenses('a');
      await tenants.finish(passed(asked, { dueAt: at + hourMs, licensesAt: at + hourMs }), 'me');
      assert.equal((await tenants.find('a'))?.licensesAt, undefined, 'what was asked for during the pass still is');

      const again = await tenants.claim('me', at + hourMs, leaseMs);
      await tenants.finish(passed(again, { dueAt: at + hourMs, licensesAt: at + hourMs }), 'me');
      assert.equal((await tenants.find('a'))?.licensesAt, at + hourMs);
      await tenants.askForLicenses('nobody');
    });

    test('go on asking for licences when a pass could not read them', async () => {
      const tenants = createWatchedTenants(await open());
      await tenants.watch(['a'], at);
      const { licensesAt: _, ...unread } = passed(await tenants.claim('me', at, leaseMs), { dueAt: at });
      await tenants.finish(unread, 'me');
      assert.equal((await tenants.claim('me', at, leaseMs))?.licensesAt, undefined);
    });
  });

  onEveryEngine('watched tenants', (newDatabase) => {
    test('are each leased to one of two processes', async () => {
      const database = await newDatabase();
      const both = [await openStore(database), await openStore(database)].map(createWatchedTenants);
      const ids = Array.from({ length: 40 }, (_, n) => `tenant-${n}`);
      for (const tenants of both) await tenants.watch(ids, at);
      const claimed: (string | undefined)[] = [];
      for (let n = 0; n < 25; n += 1) {
        const now = await Promise.all(both.map((tenants, owner) => tenants.claim(String(owner), at, leaseMs)));
        claimed.push(...now.map((tenant) => tenant?.tenantId));
      }
      const taken = claimed.filter((id) => id !== undefined);
      assert.deepEqual(taken.toSorted(), ids.toSorted());
    });
  });
});
