import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../src/domain/alert.ts';
import { createAlerts } from '../../src/store/alerts.ts';
import { alertOf, tokenOf } from './alert-samples.ts';
import { onEveryStore } from './open-store.ts';
import { ada, at, dayMs, elif } from './stored.ts';

const full = alertOf('full', {
  ...{
    condition: 'licenses',
    stage: 'usedUp',
    revision: 1,
    endedAt: at + 1,
    ending: 'superseded',
    suppressedUntil: at + 2,
    returnedAt: at + 1,
  },
  acknowledged: { by: 'Ada "<b>Ö</b>" 陈', at: at + 3 },
  snoozed: { by: 'Elif', until: at + 4 },
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
    await db.transaction().execute(async (within) => {
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
    await db.transaction().execute(async (within) => {
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
