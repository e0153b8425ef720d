import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Alert } from '../../src/domain/alert.ts';
import { SendingError } from '../../src/domain/turn.ts';
import { mostAttempts, retryDelayMs } from '../../src/lib/retry.ts';
import { place, subscription } from '../store/alert-stored.ts';
import { ada, at, dayMs, minuteMs } from '../store/stored.ts';
import { settle } from '../sync/clock.ts';
import { startTelling } from './telling-bed.ts';
import { alertOf, deliveryOf, ended } from './telling-samples.ts';

const passing = (retryAfterMs?: number) => new SendingError('passing', '503', { retryAfterMs });
const closed = new SendingError('closed', 'BotNotInConversationRoster');
const post = `post ${place.id} a:d7`;

suite('what may pass', () => {
  test('is tried again later, and later every time, until Teams takes it', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    bed.fail(passing(), 3);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'opened')), [post]);
    assert.equal(await bed.waiting(), 1);
    const triedAt: number[] = [];
    for (let s = 1; s <= 40; s += 1) if ((await bed.after(1_000)).length > 0) triedAt.push(s);
    // Doubling from 2 s, seen at the next look of every 5 s.
    assert.deepEqual(triedAt, [5, 10, 20]);
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { putOff: 3, sent: 1 }]);
  });

  test('is left alone for as long as Teams asks', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    bed.fail(passing(10 * minuteMs));
    await bed.tell(deliveryOf('a', 'opened'));
    assert.deepEqual(await bed.after(10 * minuteMs), []);
    assert.deepEqual(await bed.after(minuteMs), [post]);
  });

  test('holds up what comes behind it, so that all comes in order', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    bed.fail(passing(minuteMs));
    await bed.tell(deliveryOf('a', 'opened'));
    assert.deepEqual(await bed.tell(deliveryOf('b', 'opened')), []);
    assert.deepEqual(await bed.after(2 * minuteMs), [post, `post ${place.id} b:d7`]);
  });

  test('is told as it is then', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    bed.fail(passing());
    await bed.tell(deliveryOf('a', 'opened'));
    await bed.alerts.set(ended('a'));
    await bed.tell(deliveryOf('a', 'resolved'));
    assert.deepEqual(await bed.after(10_000), [`post ${place.id} a:resolved`]);
  });

  test('is dropped, logged and counted after a day', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    bed.fail(passing(), Number.POSITIVE_INFINITY);
    await bed.tell(deliveryOf('a', 'opened'));
    let hours = 0;
    // The clock leaps over each rest, so that a day is not walked through in steps of 5 s.
    while ((await bed.waiting()) > 0 && hours < 48) {
      await bed.much(8 * minuteMs);
      hours += 10 / 60;
    }
    assert.ok(hours > 22 && hours < 26, `dropped after ${hours} h`);
    assert.equal((await bed.outcomes()).dropped, 1);
    assert.match(bed.logged.at(-1)?.message ?? '', /dropped after a day/);
  });

  test('waits longer each time, half an hour at most, and never for less than Teams asks', () => {
    const delays = Array.from({ length: mostAttempts - 1 }, (_, n) => retryDelayMs(n, undefined, () => 0.5));
    assert.deepEqual(delays.slice(0, 4), [2_000, 4_000, 8_000, 16_000]);
    assert.equal(Math.max(...delays), 30 * minuteMs);
    const hours = delays.reduce((sum, ms) => sum + ms) / (60 * minuteMs);
    assert.ok(hours > 23.5 && hours < 24.5, `${hours} h`);
    assert.notEqual(
      retryDelayMs(0, undefined, () => 0),
      retryDelayMs(0, undefined, () => 0.9),
    );
    assert.ok(retryDelayMs(0, 60_000, () => 0) >= 60_000);
    assert.ok(retryDelayMs(0, 900 * dayMs, () => 1) <= 2 * dayMs);
    assert.equal(
      retryDelayMs(10_000, undefined, () => 0.5),
      30 * minuteMs,
    );
  });
});

test('a conversation whose address is not known is tried again, and told once it is heard from', async () => {
  const bed = await startTelling();
  await bed.conversations.erase(place.id);
  await bed.alerts.set(alertOf('a'));
  assert.deepEqual(await bed.tell(deliveryOf('a', 'opened')), []);
  assert.deepEqual(await bed.tell(deliveryOf('a', 'resolved', { held: true, dueAt: at + dayMs })), []);
  await bed.conversations.record({ reference: place, seenAt: bed.clock.at });
  assert.deepEqual(await bed.after(10_000), [post]);
});

test('an alert that cannot be drawn is tried again, and holds up nobody else', async () => {
  const bed = await startTelling();
  await bed.subscriptions.put(subscription('other'));
  await bed.conversations.record({ reference: { ...place, id: subscription('other').conversationId }, seenAt: at });
  await bed.alerts.set(alertOf('a'), alertOf('b'));
  bed.fail(new TypeError('odd'));
  const done = await bed.tell(deliveryOf('a', 'opened'), deliveryOf('b', 'opened', { subscriptionId: 'other' }));
  assert.equal(done.length, 2);
  assert.deepEqual(await bed.after(10_000), [post]);
  assert.match(bed.logged.map(({ message }) => message).join(), /telling alerts failed/);
});

suite('a conversation that is closed to the bot', () => {
  async function startClosed() {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    bed.fail(closed);
    return { ...bed, first: await bed.tell(deliveryOf('a', 'opened'), deliveryOf('b', 'opened')) };
  }
  const told = /^reply a:ada 您在某个团队频道中开启的提醒已停止.*BotNotInConversationRoster/;

  test('rests with the reason, nothing waits for it, and who subscribed is told in their own chat and language', async () => {
    const bed = await startClosed();
    assert.equal(bed.first[0], post);
    assert.match(bed.first[1] ?? '', told);
    assert.equal(bed.first.length, 2);
    assert.deepEqual((await bed.subscriptions.find('team'))?.suspended, { at, why: 'BotNotInConversationRoster' });
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 2 }]);
    assert.deepEqual(await bed.after(minuteMs), []);
  });

  test('whose subscriber has no chat with the bot yet gets one, and it is remembered', async () => {
    const bed = await startTelling();
    await bed.conversations.erase('a:ada');
    await bed.alerts.set(alertOf('a'));
    bed.fail(closed);
    const done = await bed.tell(deliveryOf('a', 'opened'));
    assert.equal(done[1], `open ${ada.teamsId}`);
    assert.match(done[2] ?? '', /^reply a:opened /);
    const known = await bed.conversations.findPersonal(ada.tenantId, ada.aadObjectId);
    assert.equal(known?.reference.id, 'a:opened');
  });

  test('is told of by trying again what may pass, and by no more than three tries', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    bed.fail(closed);
    bed.fail(passing(), 5, ({ to }) => to === 'a:ada');
    await bed.tell(deliveryOf('a', 'opened'));
    assert.equal((await bed.after(minuteMs)).length, 2);
    assert.deepEqual(await bed.after(minuteMs), []);
    assert.match(bed.logged.at(-1)?.message ?? '', /could not be told/);
  });

  test('is not told of by itself when it is a personal chat', async () => {
    const bed = await startTelling();
    const chat = subscription('chat', { conversationId: 'a:ada' });
    await bed.subscriptions.put(chat);
    await bed.alerts.set(alertOf('a'));
    bed.fail(closed);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'opened', { subscriptionId: 'chat' })), ['post a:ada a:d7']);
    assert.ok((await bed.subscriptions.find('chat'))?.suspended);
  });

  test('goes on once something comes in from there: what is open in one digest, what ended as an edit', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    await bed.tell(deliveryOf('a', 'opened'), deliveryOf('b', 'opened'));
    bed.fail(closed);
    await bed.tell(deliveryOf('b', 'changed'));
    bed.clock.at += dayMs;
    await bed.alerts.set({ ...ended('a'), endedAt: bed.clock.at } satisfies Alert);
    await Promise.all([bed.telling.resume(place.id), bed.telling.resume(place.id)]);
    await settle();
    assert.deepEqual(bed.done(), [`post ${place.id} standing [b:d7 standing]`, 'edit m2 b:d7', 'edit m1 a:resolved']);
    assert.equal((await bed.subscriptions.find('team'))?.suspended, undefined);
    await bed.telling.resume(place.id);
    await settle();
    assert.deepEqual(bed.done(), []);
  });

  test('rests and goes on as often as it closes and opens', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    for (let times = 0; times < 3; times += 1) {
      bed.fail(closed);
      const id = `${times}`;
      await bed.tell(deliveryOf('a', 'opened', { id, key: id }));
      bed.clock.at += minuteMs;
      await bed.telling.resume(place.id);
      await settle();
      assert.match(bed.done().join(), /post .* standing \[a:d7 standing\]/);
    }
  });

  test('stays as it is where nothing is suspended, or the bot was removed', async () => {
    const bed = await startClosed();
    await bed.telling.resume('unknown');
    await bed.subscriptions.markRemoved(place.id, at);
    await bed.telling.resume(place.id);
    await settle();
    assert.deepEqual(bed.done(), []);
    assert.ok((await bed.subscriptions.find('team'))?.suspended);
  });
});
