import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchedTenant } from '../../src/domain/alert-repositories.ts';
import { createWatchedTenants } from '../../src/store/alerts.ts';
import { onEveryEngine, onEveryStore, openStore } from './open-store.ts';
import { at, minuteMs } from './stored.ts';

const leaseMs = 20_000;
const hourMs = 60 * minuteMs;
const passed = (tenant: WatchedTenant | undefined, changes: Partial<WatchedTenant> = {}): WatchedTenant => ({
  ...(tenant ?? assert.fail('nothing was due')),
  ...{ dueAt: at + hourMs, passedAt: at, goodAt: at, licensesAt: at },
  ...changes,
});

onEveryStore('watched tenants', (open) => {
  test('are each due at once, the longest waiting first, and held by one process', async () => {
    const tenants = createWatchedTenants(await open());
    await tenants.watch(['b', 'a'], at);
    const first = await tenants.claim('me', at, leaseMs);
    assert.deepEqual(first, { tenantId: 'a', dueAt: at, failedPasses: 0 });
    assert.equal((await tenants.claim('you', at, leaseMs))?.tenantId, 'b');
    assert.equal(await tenants.claim('me', at + leaseMs - 1, leaseMs), undefined);
    assert.equal((await tenants.claim('me', at + leaseMs, leaseMs))?.tenantId, 'a');
    assert.equal(await tenants.keep('b', 'you', at + leaseMs, leaseMs), true);
    assert.equal(await tenants.claim('me', at + leaseMs, leaseMs), undefined);
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
    assert.equal(await tenants.keep('a', 'slow', at + leaseMs, leaseMs), false);
    assert.equal(await tenants.finish(passed(slow), 'slow'), false);
    assert.deepEqual(await tenants.find('a'), quick);
    assert.equal(await tenants.keep('a', 'quick', at + leaseMs, leaseMs), true);
    assert.equal(await tenants.finish(passed(quick), 'quick'), true);
    assert.equal(await tenants.keep('a', 'quick', at + leaseMs, leaseMs), false);
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
  test('are each held by one of two processes', async () => {
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
