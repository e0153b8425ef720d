import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { sql } from 'kysely';
import { SendingError } from '../../src/domain/turn.ts';
import { minuteMs } from '../../src/lib/time.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { settle } from '../support/clock.ts';
import { at } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';
import { alertOf, deliveryOf } from './delivery-samples.ts';
import { startNotifier } from './notifier-rig.ts';

type Bed = Awaited<ReturnType<typeof startNotifier>>;

/** As many conversations more, each with a subscription of the same name. */
async function addConversations(bed: Bed, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { conversationId } = subscription(id);
    await bed.subscriptions.put(subscription(id));
    await bed.conversations.record({ reference: { ...place, id: conversationId }, seenAt: at });
  }
}
const many = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
const opened = (subscriptionId: string, alertId = 'a') =>
  deliveryOf(alertId, 'opened', {
    id: `${alertId} ${subscriptionId}`,
    key: `${alertId} ${subscriptionId}`,
    subscriptionId,
  });

suite('several processes on one store', () => {
  test('never send one delivery twice, whoever is woken', async () => {
    const bed = await startNotifier();
    const ids = many(60);
    await addConversations(bed, ids);
    const others = [bed.createProcess(), bed.createProcess()];
    for (const each of others) each.start();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    await bed.deliveries.addAll([...ids.map((id) => opened(id)), ...ids.map((id) => opened(id, 'b'))]);
    for (const each of [bed.notifier, ...others]) each.wake();
    const done = await bed.after(10_000);
    assert.equal(new Set(done).size, 120);
    assert.equal(done.length, 120);
    for (const each of others) await each.stop();
  });

  test('leave a conversation to the one that holds its lease, and take it over when that one sleeps', async () => {
    const asleep = await startNotifier();
    await asleep.alerts.set(alertOf('a'), alertOf('b'));
    const release = asleep.hold();
    await asleep.deliver(opened('team'), opened('team', 'b'));
    const other = await startNotifier({ db: asleep.db });
    await other.alerts.set(alertOf('a'), alertOf('b'));
    assert.deepEqual(await other.after(59_000), []);
    assert.deepEqual(await other.after(6_000), [`post ${place.id} a:d7`, `post ${place.id} b:d7`]);
    // The process wakes up: the message on its way was sent, and it learns that it must not go on.
    asleep.clock.at += 65_000;
    release();
    await settle();
    assert.deepEqual(asleep.done(), []);
  });
});

suite('a conversation that is stuck', () => {
  test('holds up no other', async () => {
    const bed = await startNotifier();
    const ids = many(10);
    await addConversations(bed, ids);
    await bed.alerts.set(alertOf('a'));
    const release = bed.hold();
    await bed.deliver(opened('c0'));
    // From here on only that one call hangs.
    const others = ids.slice(1);
    const stuck = release;
    bed.letOthersGo();
    const done = await bed.deliver(...others.map((id) => opened(id)));
    assert.equal(done.length, others.length);
    stuck();
    await settle();
    assert.equal(await bed.waiting(), 0);
  });

  test('or failing keeps to itself', async () => {
    const bed = await startNotifier();
    const ids = many(10);
    await addConversations(bed, ids);
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    const bad = subscription('c3').conversationId;
    bed.fail(new SendingError('passing', '503'), Number.POSITIVE_INFINITY, ({ to }) => to.startsWith(bad));
    const done = await bed.deliver(...ids.flatMap((id) => [opened(id), opened(id, 'b')]));
    assert.equal(done.length, 9 * 2 + 1);
    bed.failNoMore();
    assert.deepEqual(await bed.after(10_000), [`post ${bad} a:d7`, `post ${bad} b:d7`]);
  });
});

suite('stopping', () => {
  test('lets the message on its way be answered and recorded, sends no other, and releases the lease', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    const release = bed.hold();
    await bed.deliver(opened('team'), opened('team', 'b'));
    const stopped = bed.notifier.stop();
    await settle();
    release();
    await stopped;
    assert.deepEqual(bed.done(), []);
    assert.equal((await bed.messages.listShowing('team', ['a', 'b'])).length, 1);
    const next = bed.createProcess();
    next.start();
    await settle();
    assert.deepEqual(bed.done(), [`post ${place.id} b:d7`]);
    await next.stop();
  });

  test('does not wait long for a Teams that does not answer', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'));
    const release = bed.hold();
    await bed.deliver(opened('team'));
    let isStopped = false;
    const stopped = bed.notifier.stop().then(() => {
      isStopped = true;
    });
    await bed.after(4_999);
    assert.equal(isStopped, false);
    await bed.after(1);
    await stopped;
    release();
    await settle();
  });

  test('ends waiting for room at once', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'));
    bed.fail(new SendingError('passing', 'noRoom', { retryAfterMs: 60_000 }), Number.POSITIVE_INFINITY);
    await bed.deliver(opened('team'));
    assert.equal((await bed.after(30_000)).length, 3, 'and until then it is tried again, not put off');
    await bed.notifier.stop();
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [1, {}]);
  });

  test('is possible before starting, and twice', async () => {
    const bed = await startNotifier();
    const idle = bed.createProcess();
    await idle.stop();
    await bed.notifier.stop();
    await bed.notifier.stop();
  });
});

suite('a process that ends between Teams’ answer and remembering it', () => {
  test('leaves a message that may come twice, and none that is lost', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    const release = bed.hold();
    await bed.deliver(opened('team'));
    // The process is cut off here: Teams took the message, nothing was stored, the claim was not given back.
    const next = await startNotifier({ db: bed.db });
    await next.alerts.set(alertOf('a'));
    assert.deepEqual(await next.after(minuteMs + 5_000), [`post ${place.id} a:d7`]);
    assert.equal(await next.waiting(), 0);
    release();
  });

  test('posts nothing twice once it was recorded', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'));
    await bed.deliver(opened('team'));
    await bed.notifier.stop();
    const next = bed.createProcess();
    next.start();
    assert.deepEqual(await bed.after(5 * minuteMs), []);
    await next.stop();
  });
});

suite('while the store is away', () => {
  test('nothing is lost; claiming is retried, less and less often', async () => {
    const path = join(temporaryFolder(), 'bot.db');
    const bed = await startNotifier({ db: await openStore(path) });
    await bed.alerts.set(alertOf('a'));
    await bed.deliveries.addAll([opened('team')]);
    await bed.db.schema.alterTable('alert_subscriptions').renameTo('away').execute();
    bed.notifier.wake();
    await bed.after(2 * minuteMs);
    const failures = bed.logged.filter(({ message }) => /claiming due deliveries failed/.test(message)).length;
    assert.ok(failures >= 5 && failures <= 10, `${failures} tries in two minutes`);
    await bed.db.schema.alterTable('away').renameTo('alert_subscriptions').execute();
    assert.deepEqual(await bed.after(31_000), [`post ${place.id} a:d7`]);
  });

  test('recording what Teams accepted is retried, and nothing is sent twice', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'));
    const release = bed.hold();
    await bed.deliver(opened('team'));
    await bed.db.schema.alterTable('alert_messages').renameTo('away').execute();
    release();
    await bed.after(400);
    await bed.db.schema.alterTable('away').renameTo('alert_messages').execute();
    assert.deepEqual(await bed.after(minuteMs), []);
    assert.equal(await bed.waiting(), 0);
    assert.equal((await bed.messages.listShowing('team', ['a'])).length, 1);
  });
});

test('a delivery that cannot be read is dropped and logged, and its subscription is not claimed for it again', async () => {
  const bed = await startNotifier();
  await bed.alerts.set(alertOf('a'));
  await bed.deliveries.addAll([opened('team')]);
  await bed.db.updateTable('alert_deliveries').set({ body_json: '{"in the middle' }).execute();
  await bed.db.schema.createTable('claims').addColumn('n', 'integer').execute();
  await sql`create trigger counted after update of claimed_by on alert_subscriptions when new.claimed_by is not null
    begin insert into claims values (1); end`.execute(bed.db);
  await bed.after(minuteMs);
  const { rows } = await sql<{ n: number }>`select count(*) as n from claims`.execute(bed.db);
  assert.equal(Number(rows[0]?.n), 1);
  assert.match(await bed.metrics(), /vpp_alert_deliveries_total\{outcome="dropped"\} 1/);
  assert.equal(await bed.deliveries.countWaiting(), 0);
  await bed.deliveries.addAll([opened('team', 'b'), opened('team', 'c')]);
  await bed.alerts.set(alertOf('b'));
  assert.deepEqual(await bed.after(15_000), [`post ${place.id} b:d7`]);
});

test('Prometheus reads what became of deliveries, and how many wait', async () => {
  const bed = await startNotifier();
  await bed.alerts.set(alertOf('a'), alertOf('b'));
  await bed.deliver(opened('team'), deliveryOf('unknown', 'opened'));
  bed.fail(new SendingError('passing', '503'));
  await bed.deliver(opened('team', 'b'));
  const text = await bed.metrics();
  for (const line of [
    'vpp_alert_deliveries_total{outcome="sent"} 1',
    'vpp_alert_deliveries_total{outcome="dropped"} 1',
    'vpp_alert_deliveries_total{outcome="putOff"} 1',
    'vpp_alert_deliveries_waiting 1',
  ])
    assert.ok(text.includes(line), `${line} is not in ${text}`);
});
