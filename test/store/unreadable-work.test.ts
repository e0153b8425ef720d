import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDatabase } from '../../src/store/database.ts';
import { createRunClaims } from '../../src/store/run-claims.ts';
import type { Db } from '../../src/store/schema.ts';
import { alertOf } from '../support/alert-samples.ts';
import { delivery, subscription } from '../support/alert-stored.ts';
import { onEveryEngine } from '../support/open-store.ts';
import { ada, at, minuteMs } from '../support/stored.ts';
import { batchOf, conversationOf, runOf, storesOver } from './stored-rows.ts';

const leaseMs = 20_000;
const running = { phase: 'running', outcome: undefined, endedAt: undefined, after: undefined } as const;
const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
const halves = ['{"half":', '{}'];

onEveryEngine('work whose row cannot be read', (newDatabase) => {
  async function open() {
    const logged: object[] = [];
    const db = await openDatabase(await newDatabase(), { log: { warn: (fields) => logged.push(fields) } });
    after(() => db.destroy());
    let clock = at;
    const lease = { owner: 'me', leaseMs, now: () => clock };
    const later = (ms: number) => {
      clock += ms;
    };
    return { db, logged, ...storesOver(db), claims: createRunClaims(db, lease), later };
  }

  test('of a tenant to check is done anyway, and the unreadable column is written again', async () => {
    for (const damage of halves) {
      const { db, logged, tenants } = await open();
      await tenants.watch(['a', 'b'], at);
      await db.updateTable('watched_tenants').set({ failure_json: damage, failed_passes: 3 }).execute();
      const claimed = (await tenants.claim('me', at, leaseMs)) ?? assert.fail('nothing was claimed');
      assert.deepEqual(claimed, { tenantId: 'a', dueAt: at, failedPasses: 3 });
      assert.equal((await tenants.claim('me', at, leaseMs))?.tenantId, 'b', 'others are not kept from it');
      await tenants.find('a');
      const about = { table: 'watched_tenants', column: 'failure_json' };
      const fields = logged.map((line) => JSON.parse(JSON.stringify(line)));
      assert.deepEqual(fields, [
        { ...about, tenantId: 'a' },
        { ...about, tenantId: 'b' },
      ]);
      assert.ok(await tenants.finish({ ...claimed, dueAt: at + 1, failedPasses: 0 }, 'me'));
      const anew = db.selectFrom('watched_tenants').select('failed_passes').where('failure_json', 'is', null);
      assert.equal((await anew.execute()).length, 1);
    }
  });

  test('of a sync is ended as lost once its lease has passed, and taken no more', async () => {
    const { db, runs, claims, later } = await open();
    for (const id of ['going', 'spoilt']) await runs.add(runOf(id, running as never));
    await runs.add(runOf('spoilt end'));
    await db.updateTable('sync_runs').set({ requester_json: '{}' }).where('id', 'like', 'spoilt%').execute();
    assert.deepEqual(idsOf(await claims.claimRuns(9)), ['going']);
    later(leaseMs);
    assert.deepEqual(idsOf(await claims.claimRuns(9)), ['going']);
    assert.deepEqual(await runs.listLedTokenIds(ada.tenantId), ['token of going']);
    const rows = await db
      .selectFrom('sync_runs')
      .select(['id', 'phase', 'outcome'])
      .where('id', 'like', 'spoilt%')
      .orderBy('id')
      .execute();
    assert.deepEqual(
      rows.map((row) => Object.values(row).join(' ')),
      ['spoilt ended lost', 'spoilt end ended completed'],
    );
  });

  test('of a batch is given up, and its syncs are followed by themselves', async () => {
    const { db, batches, runs, claims } = await open();
    for (const id of ['good', 'spoilt']) {
      await batches.add(batchOf(id));
      await runs.add(runOf(`of ${id}`, { ...running, batchId: id } as never));
    }
    await db.updateTable('sync_batches').set({ conversation_json: '{}' }).where('id', '=', 'spoilt').execute();
    assert.deepEqual(idsOf(await claims.claimRuns(9)), []);
    assert.deepEqual(idsOf(await claims.claimBatches(9)), ['good']);
    assert.deepEqual(idsOf(await claims.claimRuns(9)), ['of spoilt']);
    assert.deepEqual(idsOf(await claims.claimBatches(9)), []);
  });

  test('of an alert to deliver is dropped, and nothing else of its conversation', async () => {
    const { db, deliveries, subscriptions } = await open();
    await subscriptions.put(subscription('team'));
    await deliveries.addAll(['good', 'spoilt', 'held'].map((id) => delivery(id, { held: id === 'held' })));
    await deliveries.addAll([delivery('later', { dueAt: at + 1 })]);
    await db.updateTable('alert_deliveries').set({ body_json: '{}' }).where('id', '!=', 'good').execute();
    assert.equal(await deliveries.dropUnreadable('team', at), 2);
    assert.equal(await deliveries.dropUnreadable('team', at), 0);
    assert.deepEqual(await waiting(db), ['good', 'later']);
    assert.equal(await deliveries.dropUnreadable('team', at + 1), 1);
    assert.deepEqual(
      (await deliveries.listDue('team', at + 1)).map(({ id }) => id),
      ['good'],
    );
  });

  test('of a conversation with alerts is not claimed again before its lease expires, and waits until it is repaired', async () => {
    const { db, deliveries, subscriptions } = await open();
    for (const id of ['good', 'spoilt']) {
      await subscriptions.put(subscription(id));
      await deliveries.addAll([delivery(id, { subscriptionId: id })]);
    }
    const claim = async (now: number) => (await subscriptions.claimDue('me', now, leaseMs, 9)).map(({ id }) => id);
    const { scope_json } = await db.selectFrom('alert_subscriptions').selectAll().executeTakeFirstOrThrow();
    await db.updateTable('alert_subscriptions').set({ scope_json: '{}' }).where('id', '=', 'spoilt').execute();
    assert.deepEqual(await claim(at), ['good']);
    await db.updateTable('alert_subscriptions').set({ scope_json }).execute();
    assert.deepEqual(await claim(at + 1), []);
    assert.deepEqual((await claim(at + leaseMs)).toSorted(), ['good', 'spoilt']);
  });
});

const waiting = async (db: Db) => {
  const rows = await db
    .selectFrom('alert_deliveries')
    .select('id')
    .where('outcome', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
};

onEveryEngine('an open alert that cannot be read', (newDatabase) => {
  for (const [column, text] of [
    ['state_json', '{}'],
    ['stage', 'nobody knows'],
  ] as const) {
    test(`with another ${column} keeps no other from being opened, or from coming back`, async () => {
      const db = await openDatabase(await newDatabase());
      after(() => db.destroy());
      const { alerts } = storesOver(db);
      const spoil = (id: string) =>
        db
          .updateTable('alerts')
          .set({ [column]: text })
          .where('id', '=', id)
          .execute();
      const one = (id: string) => alertOf(id, { tokenId: 'token' });
      await alerts.put(one('spoilt'));
      assert.equal(await alerts.put(one('second')), false, 'a readable one stays');
      await spoil('spoilt');
      assert.equal(await alerts.put(one('second')), true);
      assert.deepEqual(await alerts.listOpen(ada.tenantId), [one('second')]);
      const ended = { ...one('second'), revision: 2, endedAt: at, ending: 'resolved' } as const;
      assert.equal(await alerts.put(ended), true);
      await alerts.put(one('third'));
      await spoil('third');
      assert.equal(await alerts.put({ ...one('second'), revision: 3 }), true);
    });
  }
});

onEveryEngine('the newest row, when it cannot be read,', (newDatabase) => {
  test('hides none that is older', async () => {
    const db = await openDatabase(await newDatabase());
    after(() => db.destroy());
    const { records, runs, conversations, alerts } = storesOver(db);
    const asked = { kind: 'plan', ownerId: ada.aadObjectId, payload: { tokens: [] } } as const;
    for (const [id, when] of [
      ['good', at],
      ['spoilt', at + 1],
    ] as const) {
      // A second plan in one conversation would end the first.
      const conversationId = id === 'good' ? 'a' : 'b';
      await records.add({ id, ...asked, conversationId, createdAt: when, expiresAt: at + minuteMs });
      await runs.add(runOf(id, { tokenId: 'token', endedAt: when }));
      await conversations.record({ ...conversationOf(id), seenAt: when, personId: ada.aadObjectId });
      await alerts.put(alertOf(id));
    }
    await db.updateTable('card_records').set({ payload_json: '{}' }).where('id', '=', 'spoilt').execute();
    await db.updateTable('sync_runs').set({ before_json: '{}' }).where('id', '=', 'spoilt').execute();
    await db
      .updateTable('conversations')
      .set({ reference_json: '{}' })
      .where('conversation_id', '=', 'spoilt')
      .execute();
    assert.equal((await records.findOpenPlan(ada.aadObjectId, 'a', at))?.id, 'good');
    assert.equal((await runs.findLastEnded(ada.tenantId, 'token', 'completed'))?.id, 'good');
    assert.equal((await conversations.findPersonal(ada.tenantId, ada.aadObjectId))?.reference.id, 'good');
    for (const id of ['good', 'spoilt']) {
      await db.updateTable('alerts').set({ state_json: '{}' }).where('id', '=', id).execute();
      assert.equal(await alerts.hasOpen(ada.tenantId, 'expiring'), id === 'good');
    }
  });
});
