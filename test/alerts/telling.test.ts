import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SendingError } from '../../src/domain/turn.ts';
import { place, subscription } from '../store/alert-stored.ts';
import { at, dayMs, minuteMs } from '../store/stored.ts';
import { startTelling } from './telling-bed.ts';
import { alertOf, deliveryOf, ended } from './telling-samples.ts';

const gone = new SendingError('messageGone', 'ActivityNotFoundInConversation');
const refused = new SendingError('refused', 'BadSyntax');
const many = (count: number) => Array.from({ length: count }, (_, n) => `a${n}`);

suite('an alert from its first sight to its end', () => {
  test('is one card, edited as it changes, with one line in its thread for what is told aloud', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a', { stage: 'd30' }));
    assert.deepEqual(await bed.tell(deliveryOf('a', 'opened')), [`post ${place.id} a:d30`]);
    await bed.alerts.set(alertOf('a', { stage: 'd14' }));
    assert.deepEqual(await bed.tell(deliveryOf('a', 'escalated')), [
      'edit m1 a:d14',
      `reply ${place.id} m1 a escalated`,
    ]);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'changed')), ['edit m1 a:d14']);
    await bed.alerts.set(ended('a'));
    assert.deepEqual(await bed.tell(deliveryOf('a', 'resolved')), [
      'edit m1 a:resolved',
      `reply ${place.id} m1 a resolved`,
    ]);
    assert.equal(await bed.waiting(), 0);
    assert.deepEqual(await bed.outcomes(), { sent: 4 });
    assert.deepEqual(bed.logged, []);
  });

  test('is drawn as it is now, however late it is told', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a', { stage: 'd1' }));
    assert.deepEqual(await bed.tell(deliveryOf('a', 'opened'), deliveryOf('a', 'escalated')), [
      `post ${place.id} a:d1`,
    ]);
  });

  test('that began and ended untold is told once, as ended', async () => {
    const bed = await startTelling();
    await bed.alerts.set(ended('a'));
    assert.deepEqual(await bed.tell(deliveryOf('a', 'opened'), deliveryOf('a', 'resolved')), [
      `post ${place.id} a:resolved`,
    ]);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'changed')), ['edit m1 a:resolved']);
  });
});

suite('a burst', () => {
  test('is one digest; what becomes of its alerts is edited there, told in one line, or on a card of its own', async () => {
    const bed = await startTelling();
    const ids = many(200);
    await bed.alerts.set(...ids.map((id) => alertOf(id)));
    const [digest, ...others] = await bed.tell(...ids.map((id) => deliveryOf(id, 'opened')));
    assert.match(digest ?? '', /^post .* burst \[a0:d7 opened, .*a199:d7 opened\]$/);
    assert.deepEqual(others, []);

    await bed.alerts.set(alertOf('a5', { stage: 'd3' }));
    const worse = await bed.tell(deliveryOf('a5', 'escalated'));
    assert.equal(worse[0], `post ${place.id} a5:d3`);
    assert.match(worse[1] ?? '', /^edit m1 burst \[a0:d7, .*a5:d3/);
    assert.equal(worse.length, 2);

    await bed.alerts.set(...ids.map((id) => ended(id)));
    const over = await bed.tell(...ids.map((id) => deliveryOf(id, 'resolved')));
    assert.match(over[0] ?? '', /^edit m1 burst \[a0:resolved, a1:resolved/);
    assert.match(over[1] ?? '', /^reply .* m1 a0 resolved, a1 resolved, .*a4 resolved, a6 resolved.* a199 resolved$/);
    assert.deepEqual(over.slice(2), ['edit m2 a5:resolved', `reply ${place.id} m2 a5 resolved`]);
    assert.equal(await bed.waiting(), 0);
  });

  test('of alerts that have cards of their own is told first and edited after', async () => {
    const bed = await startTelling();
    const ids = many(30);
    await bed.alerts.set(...ids.map((id) => alertOf(id)));
    for (const id of ids) await bed.tell(deliveryOf(id, 'opened'));
    await bed.alerts.set(...ids.map((id) => alertOf(id, { stage: 'd1' })));
    const [digest, ...edits] = await bed.tell(...ids.map((id) => deliveryOf(id, 'escalated')));
    assert.match(digest ?? '', /^post .* burst \[a0:d1 escalated/);
    assert.deepEqual(
      edits,
      ids.map((id, n) => `edit m${n + 1} ${id}:d1`),
    );
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { sent: 60 }]);
  });
});

suite('quiet hours', () => {
  const held = (id: string, event: Parameters<typeof deliveryOf>[1], bed: { clock: { at: number } }) =>
    deliveryOf(id, event, { held: true, dueAt: bed.clock.at + 10 * minuteMs });

  test('hold what is told until they end, in one digest, and edit at once', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    await bed.tell(deliveryOf('a', 'opened'));
    await bed.alerts.set(ended('a'));
    assert.deepEqual(await bed.tell(held('a', 'resolved', bed), held('b', 'opened', bed)), ['edit m1 a:resolved']);
    assert.deepEqual(await bed.after(9 * minuteMs), []);
    assert.deepEqual(await bed.after(minuteMs + 5_000), [
      `post ${place.id} morning [a:resolved resolved, b:d7 opened]`,
      'edit m1 a:resolved',
    ]);
  });

  test('do not hold what is not held', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('critical'));
    assert.deepEqual(await bed.tell(held('a', 'opened', bed), deliveryOf('critical', 'opened')), [
      `post ${place.id} critical:d7`,
    ]);
  });

  test('end without a word of what got so bad meanwhile that it was told at once', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    await bed.tell(deliveryOf('a', 'opened'));
    await bed.alerts.set(alertOf('a', { stage: 'd3' }));
    await bed.tell(held('a', 'escalated', bed), held('b', 'opened', bed));
    await bed.alerts.set(alertOf('a', { stage: 'd1' }));
    const critical = await bed.tell(deliveryOf('a', 'escalated', { id: 'worse', key: 'worse' }));
    assert.equal(critical.length, 2, critical.join());
    assert.deepEqual(await bed.after(11 * minuteMs), [`post ${place.id} morning [b:d7 opened]`]);
  });

  test('are no reason to try an edit twice', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'opened'));
    bed.fail(new SendingError('passing', '503'));
    assert.deepEqual(await bed.tell(held('a', 'escalated', bed)), ['edit m1 a:d7']);
    assert.deepEqual(await bed.after(9 * minuteMs), []);
    assert.equal((await bed.after(2 * minuteMs)).length, 2);
  });
});

test('who subscribes is told in one digest what is open already', async () => {
  const bed = await startTelling();
  await bed.alerts.set(alertOf('a'), ended('b'));
  assert.deepEqual(await bed.tell(deliveryOf('a', 'standing')), [`post ${place.id} standing [a:d7 standing]`]);
});

suite('a message that is gone', () => {
  test('is posted anew while its alert is open, and that once', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'opened'));
    bed.fail(gone);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'changed')), ['edit m1 a:d7', `post ${place.id} a:d7`]);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'changed', { id: 'x', key: 'x' })), ['edit m2 a:d7']);
  });

  test('is left alone once its alert has ended', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'opened'));
    await bed.alerts.set(ended('a'));
    bed.fail(gone);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'resolved')), ['edit m1 a:resolved']);
    assert.equal(await bed.waiting(), 0);
  });

  test('leaves the others that show the same alert', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'standing'));
    await bed.tell(deliveryOf('a', 'escalated'));
    bed.fail(gone, 1, ({ to }) => to === 'm1');
    const done = await bed.tell(deliveryOf('a', 'changed', { id: 'x', key: 'x' }));
    assert.deepEqual(done, ['edit m2 a:d7', 'edit m1 standing [a:d7]']);
    assert.equal(await bed.waiting(), 0);
  });

  test('or a thread that is gone gets a card in its place when an open alert gets worse', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'opened'));
    bed.fail(gone, 1, ({ how }) => how === 'reply');
    const done = await bed.tell(deliveryOf('a', 'escalated'));
    assert.deepEqual(done, ['edit m1 a:d7', `reply ${place.id} m1 a escalated`, `post ${place.id} a:d7`]);
  });
});

suite('what Teams refuses for good', () => {
  test('is dropped and logged, and the others go on', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    bed.fail(refused);
    assert.deepEqual(await bed.tell(deliveryOf('a', 'opened'), deliveryOf('b', 'opened')), [
      `post ${place.id} a:d7`,
      `post ${place.id} b:d7`,
    ]);
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1, sent: 1 }]);
    assert.deepEqual(
      bed.logged.map(({ level }) => level),
      ['error'],
    );
  });

  test('is told on a card at the next thing that is said aloud of it, and in full when it comes back soon', async () => {
    const later = [
      ['escalated', { stage: 'd1' }],
      ['reminded', { condition: 'expired', stage: 'expired' }],
      ['returned', { stage: 'd1' }],
    ] as const;
    for (const [event, changes] of later) {
      const bed = await startTelling();
      await bed.alerts.set(alertOf('a'));
      bed.fail(refused);
      assert.equal((await bed.tell(deliveryOf('a', 'opened'))).length, 1);
      const [dropped] = bed.logged;
      assert.deepEqual([dropped?.level, dropped?.message], ['error', 'Teams refuses to take an alert; it is dropped']);
      await bed.alerts.set(alertOf('a', changes));
      const done = await bed.tell(deliveryOf('a', event, { id: 'later', key: 'later' }));
      assert.deepEqual(done, [`post ${place.id} a:${changes.stage}`], event);
    }
  });

  test('as an edit leaves the line to be said; as an edit alone it is dropped', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'opened'));
    bed.fail(refused, 2, ({ how }) => how === 'edit');
    assert.equal((await bed.tell(deliveryOf('a', 'escalated'))).length, 2);
    assert.equal((await bed.tell(deliveryOf('a', 'changed'))).length, 1);
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { sent: 2, dropped: 1 }]);
  });

  test('as an escalation still leaves the digest to be edited', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('a'));
    await bed.tell(deliveryOf('a', 'standing'));
    bed.fail(refused, 1, ({ how }) => how === 'post');
    assert.deepEqual(await bed.tell(deliveryOf('a', 'escalated')), [
      `post ${place.id} a:d7`,
      'edit m1 standing [a:d7]',
    ]);
  });
});

suite('a weekly digest', () => {
  const weeklyAt = at + dayMs;

  test('comes once at its time and then a week later, however long nobody looked', async () => {
    const bed = await startTelling({ changes: { weeklyAt } });
    assert.deepEqual(await bed.much(dayMs - 3 * minuteMs), []);
    assert.deepEqual(await bed.after(2 * minuteMs), [`post ${place.id} weekly 0 tokens, 0 alerts, 0/0 syncs`]);
    assert.deepEqual(await bed.much(5 * dayMs), []);
    assert.equal((await bed.much(30 * dayMs)).length, 1);
    assert.deepEqual(await bed.after(5 * minuteMs), []);
  });

  test('is queued by one of two processes', async () => {
    const bed = await startTelling({ changes: { weeklyAt } });
    const other = bed.createProcess();
    other.start();
    assert.equal((await bed.much(dayMs)).length, 1);
    await other.stop();
  });

  test('waits for the end of quiet hours, and is dropped when Teams refuses it', async () => {
    const bed = await startTelling({ changes: { weeklyAt: at, quiet: { from: 17 * 60, to: 17 * 60 + 10 } } });
    assert.deepEqual(await bed.after(9 * minuteMs), []);
    bed.fail(refused);
    assert.equal((await bed.after(2 * minuteMs)).length, 1);
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1 }]);
  });
});

test('alerts go where the conversation was heard from last', async () => {
  const bed = await startTelling();
  await bed.alerts.set(alertOf('a'), alertOf('b'));
  await bed.tell(deliveryOf('a', 'opened'));
  const moved = { ...place, serviceUrl: 'https://smba.trafficmanager.net/apac/' };
  await bed.conversations.record({ reference: moved, seenAt: bed.clock.at + 1 });
  await bed.tell(deliveryOf('b', 'opened'));
  assert.deepEqual(bed.references, [place, moved]);
});

test('a conversation that is switched off meanwhile is told nothing more', async () => {
  const bed = await startTelling();
  await bed.alerts.set(alertOf('a'), alertOf('b'));
  const release = bed.hold();
  await bed.tell(deliveryOf('a', 'opened'));
  await bed.subscriptions.erase(place.id);
  release();
  assert.deepEqual(await bed.after(minuteMs), []);
});

suite('what a conversation is not subscribed to any more', () => {
  const [a, b] = [alertOf('a'), alertOf('b')];
  const narrow = (bed: Awaited<ReturnType<typeof startTelling>>) =>
    bed.subscriptions.put(subscription('team', { scope: [a.tokenId] }));

  test('is not told there, though it waited', async () => {
    const bed = await startTelling();
    await bed.alerts.set(a, b);
    const later = { held: true, dueAt: bed.clock.at + 10 * minuteMs };
    await bed.tell(deliveryOf('a', 'opened', later), deliveryOf('b', 'opened', later));
    await narrow(bed);
    assert.deepEqual(await bed.after(11 * minuteMs), [`post ${place.id} morning [a:d7 opened]`]);
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1, sent: 1 }]);
  });

  test('leaves a digest that is written anew', async () => {
    const bed = await startTelling();
    await bed.alerts.set(a, b);
    await bed.tell(deliveryOf('a', 'standing'), deliveryOf('b', 'standing'));
    await narrow(bed);
    await bed.alerts.set(ended('a'), alertOf('b', { stage: 'd1' }));
    const done = await bed.tell(deliveryOf('a', 'resolved'), deliveryOf('b', 'changed'));
    assert.deepEqual(done, ['edit m1 standing [a:resolved]', `reply ${place.id} m1 a resolved`]);
  });

  test('is not told of another tenant either, whatever was stored', async () => {
    const bed = await startTelling();
    await bed.alerts.set(alertOf('theirs', { tenantId: 'another tenant' }));
    assert.deepEqual(await bed.tell(deliveryOf('theirs', 'opened')), []);
    assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1 }]);
  });
});
