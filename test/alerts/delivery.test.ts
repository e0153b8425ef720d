import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Alert } from '../../src/domain/alert.ts';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { SendingError } from '../../src/domain/turn.ts';
import { dayMs, minuteMs } from '../../src/lib/time.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { runningRun } from '../store/running-run.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { settle } from '../support/clock.ts';
import { ada, at } from '../support/stored.ts';
import { alertOf, deliveryOf, ended } from './delivery-samples.ts';
import { startNotifier } from './notifier-rig.ts';

suite('delivery', () => {
  const gone = new SendingError('messageGone', 'ActivityNotFoundInConversation');
  const refused = new SendingError('refused', 'BadSyntax');
  const many = (count: number) => Array.from({ length: count }, (_, n) => `a${n}`);

  suite('an alert from its first sight to its end', () => {
    test('is one card, edited as it changes, with one line in its thread for each announcement', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a', { stage: 'd30' }));
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), [`post ${place.id} a:d30`]);
      await bed.alerts.set(alertOf('a', { stage: 'd14' }));
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'escalated')), [
        'edit m1 a:d14',
        `reply ${place.id} m1 a escalated`,
      ]);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed')), ['edit m1 a:d14']);
      await bed.alerts.set(ended('a'));
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'resolved')), [
        'edit m1 a:resolved',
        `reply ${place.id} m1 a resolved`,
      ]);
      assert.equal(await bed.waiting(), 0);
      assert.deepEqual(await bed.outcomes(), { sent: 4 });
      assert.deepEqual(bed.logged, []);
    });

    test('counts days in the zone of its subscription, on its card, in its thread and in a digest', async () => {
      const bed = await startNotifier({ changes: { timeZone: 'Pacific/Auckland' } });
      await bed.alerts.set(alertOf('a', { stage: 'd30' }));
      await bed.deliver(deliveryOf('a', 'opened'));
      await bed.alerts.set(alertOf('a', { stage: 'd14' }), ...many(12).map((id) => alertOf(`b${id}`)));
      await bed.deliver(deliveryOf('a', 'escalated'));
      await bed.deliver(...many(12).map((id) => deliveryOf(`b${id}`, 'opened')));
      await bed.alerts.set(alertOf('ba0', { stage: 'd14' }));
      await bed.deliver(deliveryOf('ba0', 'changed'));
      const ways = ['card', 'card', 'line', 'digest', 'digest'];
      assert.deepEqual(
        bed.readers,
        ways.map((how) => `${how} Pacific/Auckland`),
      );
    });

    test('is drawn as it is now, however late it is delivered', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a', { stage: 'd1' }));
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened'), deliveryOf('a', 'escalated')), [
        `post ${place.id} a:d1`,
      ]);
    });

    test('that began and ended undelivered is posted once, as ended', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(ended('a'));
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened'), deliveryOf('a', 'resolved')), [
        `post ${place.id} a:resolved`,
      ]);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed')), ['edit m1 a:resolved']);
    });
  });

  suite('a burst', () => {
    test('is one digest; what becomes of its alerts is edited there, announced in one line, or on a card of its own', async () => {
      const bed = await startNotifier();
      const ids = many(200);
      await bed.alerts.set(...ids.map((id) => alertOf(id)));
      const [digest, ...others] = await bed.deliver(...ids.map((id) => deliveryOf(id, 'opened')));
      assert.match(digest ?? '', /^post .* burst \[a0:d7 opened, .*a199:d7 opened\]$/);
      assert.deepEqual(others, []);

      await bed.alerts.set(alertOf('a5', { stage: 'd3' }));
      const worse = await bed.deliver(deliveryOf('a5', 'escalated'));
      assert.equal(worse[0], `post ${place.id} a5:d3`);
      assert.match(worse[1] ?? '', /^edit m1 burst \[a0:d7, .*a5:d3/);
      assert.equal(worse.length, 2);

      await bed.alerts.set(...ids.map((id) => ended(id)));
      const over = await bed.deliver(...ids.map((id) => deliveryOf(id, 'resolved')));
      assert.match(over[0] ?? '', /^edit m1 burst \[a0:resolved, a1:resolved/);
      assert.match(over[1] ?? '', /^reply .* m1 a0 resolved, a1 resolved, .*a4 resolved, a6 resolved.* a199 resolved$/);
      assert.deepEqual(over.slice(2), ['edit m2 a5:resolved', `reply ${place.id} m2 a5 resolved`]);
      assert.equal(await bed.waiting(), 0);
    });

    test('of alerts that have cards of their own is announced first and edited after', async () => {
      const bed = await startNotifier();
      const ids = many(30);
      await bed.alerts.set(...ids.map((id) => alertOf(id)));
      for (const id of ids) await bed.deliver(deliveryOf(id, 'opened'));
      await bed.alerts.set(...ids.map((id) => alertOf(id, { stage: 'd1' })));
      const [digest, ...edits] = await bed.deliver(...ids.map((id) => deliveryOf(id, 'escalated')));
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

    test('hold announcements until they end, in one digest, and edit at once', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('b'));
      await bed.deliver(deliveryOf('a', 'opened'));
      await bed.alerts.set(ended('a'));
      assert.deepEqual(await bed.deliver(held('a', 'resolved', bed), held('b', 'opened', bed)), ['edit m1 a:resolved']);
      assert.deepEqual(await bed.after(9 * minuteMs), []);
      assert.deepEqual(await bed.after(minuteMs + 5_000), [
        `post ${place.id} morning [a:resolved resolved, b:d7 opened]`,
        'edit m1 a:resolved',
      ]);
    });

    test('do not hold what is not held', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('critical'));
      assert.deepEqual(await bed.deliver(held('a', 'opened', bed), deliveryOf('critical', 'opened')), [
        `post ${place.id} critical:d7`,
      ]);
    });

    test('end without a word of what got so bad meanwhile that it was announced at once', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('b'));
      await bed.deliver(deliveryOf('a', 'opened'));
      await bed.alerts.set(alertOf('a', { stage: 'd3' }));
      await bed.deliver(held('a', 'escalated', bed), held('b', 'opened', bed));
      await bed.alerts.set(alertOf('a', { stage: 'd1' }));
      const critical = await bed.deliver(deliveryOf('a', 'escalated', { id: 'worse', key: 'worse' }));
      assert.equal(critical.length, 2, critical.join());
      assert.deepEqual(await bed.after(11 * minuteMs), [`post ${place.id} morning [b:d7 opened]`]);
    });

    test('are no reason to try an edit twice', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'opened'));
      bed.fail(new SendingError('passing', '503'));
      assert.deepEqual(await bed.deliver(held('a', 'escalated', bed)), ['edit m1 a:d7']);
      assert.deepEqual(await bed.after(9 * minuteMs), []);
      assert.equal((await bed.after(2 * minuteMs)).length, 2);
    });
  });

  suite('a sync that failed in the conversation', () => {
    const failing = alertOf('a', { condition: 'syncFailed', stage: 'syncFailed' });
    const running = (changes: Partial<SyncRun> = {}) =>
      runningRun('a', { conversation: { ...place, id: `${place.id};messageid=1` }, activityId: 'receipt', ...changes });

    async function startFailing(run: SyncRun, isReported = true) {
      const bed = await startNotifier({ changes: { events: ['syncFailed'] } });
      const runs = createSyncRuns(bed.db);
      await runs.add(run);
      const end = async (outcome: 'failed' | 'completed') => {
        await runs.end(run.id, { outcome, endedAt: bed.clock.at, after: run.before });
      };
      const report = () => runs.markReported(run.id, bed.clock.at);
      if (isReported) await end('failed');
      if (isReported) await report();
      await bed.alerts.set(failing);
      return { ...bed, end, report };
    }

    test('has its alert on its receipt, and whatever becomes of it, with lines in that thread', async () => {
      const bed = await startFailing(running());
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), ['edit receipt a:syncFailed']);
      assert.equal(await bed.waiting(), 0);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed')), ['edit receipt a:syncFailed']);
      await bed.alerts.set({ ...failing, endedAt: at + 1, ending: 'resolved' });
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'resolved')), [
        'edit receipt a:resolved',
        `reply ${place.id};messageid=1 a resolved`,
      ]);
      assert.deepEqual(await bed.outcomes(), { sent: 3 });
    });

    test('has it on a card of its own when it was asked for elsewhere, unseen, or in a batch, or did not fail', async () => {
      const onlyFor = { teamsId: '29:ada', name: 'Ada' };
      for (const run of [
        running({ conversation: { ...place, id: 'a:ada' } }),
        running({ conversation: { ...place, onlyFor } }),
        running({ batchId: 'batch' }),
      ]) {
        const bed = await startFailing(run);
        assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), [`post ${place.id} a:syncFailed`]);
      }
      const bed = await startFailing(running(), false);
      await bed.end('completed');
      await bed.report();
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), [`post ${place.id} a:syncFailed`]);
    });

    test('lets its alert wait for the receipt, and nothing else', async () => {
      const bed = await startFailing(running(), false);
      await bed.alerts.set(alertOf('b', { condition: 'syncFailed', stage: 'syncFailed' }));
      const others = deliveryOf('b', 'opened');
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened'), others), [`post ${place.id} b:syncFailed`]);
      assert.deepEqual(await bed.after(10_000), []);
      await bed.end('failed');
      assert.deepEqual(await bed.after(10_000), []);
      await bed.report();
      assert.deepEqual(await bed.after(10_000), ['edit receipt a:syncFailed']);
    });

    test('holds its alert up for ten minutes at most', async () => {
      const bed = await startFailing(running(), false);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), []);
      assert.deepEqual(await bed.after(9 * minuteMs), []);
      assert.deepEqual(await bed.after(minuteMs + 10_000), [`post ${place.id} a:syncFailed`]);
      assert.deepEqual(await bed.outcomes(), { sent: 1 });
    });

    test('has it on its receipt at once in quiet hours, and nothing in the morning', async () => {
      const bed = await startFailing(running());
      const held = deliveryOf('a', 'opened', { held: true, dueAt: at + 60 * minuteMs });
      assert.deepEqual(await bed.deliver(held), ['edit receipt a:syncFailed']);
      assert.deepEqual(await bed.after(61 * minuteMs), []);
      assert.equal(await bed.waiting(), 0);
    });

    test('has it on a card of its own once the receipt is gone or Teams refuses to edit it', async () => {
      for (const error of [gone, refused]) {
        const bed = await startFailing(running());
        bed.fail(error, 1);
        const done = await bed.deliver(deliveryOf('a', 'opened'));
        assert.deepEqual(done, ['edit receipt a:syncFailed', `post ${place.id} a:syncFailed`]);
        assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed')), ['edit m1 a:syncFailed']);
      }
      const bed = await startFailing(running());
      await bed.deliver(deliveryOf('a', 'opened'));
      bed.fail(gone, 2);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed')), [
        'edit receipt a:syncFailed',
        'edit receipt a:syncFailed',
        `post ${place.id} a:syncFailed`,
      ]);
    });

    test('has it there once, and no card, when Teams is away for a while or the process ends in between', async () => {
      const bed = await startFailing(running());
      bed.fail(new SendingError('passing', '503'));
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), ['edit receipt a:syncFailed']);
      const release = bed.hold();
      assert.deepEqual(await bed.after(10_000), ['edit receipt a:syncFailed']);
      // The process is cut off here: Teams took the edit, nothing was stored, the claim was not given back.
      const next = await startNotifier({ db: bed.db, changes: { events: ['syncFailed'] } });
      await next.alerts.set(failing);
      assert.deepEqual(await next.after(2 * minuteMs), ['edit receipt a:syncFailed']);
      assert.equal(await next.waiting(), 0);
      release();
    });
  });

  test('a new subscriber gets one digest of what is already open', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'), ended('b'));
    assert.deepEqual(await bed.deliver(deliveryOf('a', 'alreadyOpen')), [
      `post ${place.id} alreadyOpen [a:d7 alreadyOpen]`,
    ]);
  });

  suite('a message that is gone', () => {
    test('is posted anew while its alert is open, and that once', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'opened'));
      bed.fail(gone);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed')), ['edit m1 a:d7', `post ${place.id} a:d7`]);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'changed', { id: 'x', key: 'x' })), ['edit m2 a:d7']);
    });

    test('is left alone once its alert has ended', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'opened'));
      await bed.alerts.set(ended('a'));
      bed.fail(gone);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'resolved')), ['edit m1 a:resolved']);
      assert.equal(await bed.waiting(), 0);
    });

    test('leaves the others that show the same alert', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'alreadyOpen'));
      await bed.deliver(deliveryOf('a', 'escalated'));
      bed.fail(gone, 1, ({ to }) => to === 'm1');
      const done = await bed.deliver(deliveryOf('a', 'changed', { id: 'x', key: 'x' }));
      assert.deepEqual(done, ['edit m2 a:d7', 'edit m1 alreadyOpen [a:d7]']);
      assert.equal(await bed.waiting(), 0);
    });

    test('or a thread that is gone gets a card in its place when an open alert gets worse', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'opened'));
      bed.fail(gone, 1, ({ how }) => how === 'reply');
      const done = await bed.deliver(deliveryOf('a', 'escalated'));
      assert.deepEqual(done, ['edit m1 a:d7', `reply ${place.id} m1 a escalated`, `post ${place.id} a:d7`]);
    });
  });

  suite('what Teams refuses for good', () => {
    test('is dropped and logged, and the others go on', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('b'));
      bed.fail(refused);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened'), deliveryOf('b', 'opened')), [
        `post ${place.id} a:d7`,
        `post ${place.id} b:d7`,
      ]);
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1, sent: 1 }]);
      assert.deepEqual(
        bed.logged.map(({ level }) => level),
        ['error'],
      );
    });

    test('is posted on a card at its next announcement, and in full when it comes back soon', async () => {
      const later = [
        ['escalated', { stage: 'd1' }],
        ['reminded', { condition: 'expired', stage: 'expired' }],
        ['returned', { stage: 'd1' }],
      ] as const;
      for (const [event, changes] of later) {
        const bed = await startNotifier();
        await bed.alerts.set(alertOf('a'));
        bed.fail(refused);
        assert.equal((await bed.deliver(deliveryOf('a', 'opened'))).length, 1);
        const [dropped] = bed.logged;
        assert.deepEqual([dropped?.level, dropped?.message], ['error', 'Teams refuses an alert; it is dropped']);
        await bed.alerts.set(alertOf('a', changes));
        const done = await bed.deliver(deliveryOf('a', event, { id: 'later', key: 'later' }));
        assert.deepEqual(done, [`post ${place.id} a:${changes.stage}`], event);
      }
    });

    test('as an edit leaves the line to be posted; as an edit alone it is dropped', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'opened'));
      bed.fail(refused, 2, ({ how }) => how === 'edit');
      assert.equal((await bed.deliver(deliveryOf('a', 'escalated'))).length, 2);
      assert.equal((await bed.deliver(deliveryOf('a', 'changed'))).length, 1);
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { sent: 2, dropped: 1 }]);
    });

    test('as an escalation still leaves the digest to be edited', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      await bed.deliver(deliveryOf('a', 'alreadyOpen'));
      bed.fail(refused, 1, ({ how }) => how === 'post');
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'escalated')), [
        `post ${place.id} a:d7`,
        'edit m1 alreadyOpen [a:d7]',
      ]);
    });
  });

  suite('a weekly digest', () => {
    const weeklyAt = at + dayMs;

    test('comes once at its time and then a week later, however long no process ran', async () => {
      const bed = await startNotifier({ changes: { weeklyAt } });
      assert.deepEqual(await bed.much(dayMs - 3 * minuteMs), []);
      assert.deepEqual(await bed.after(2 * minuteMs), [`post ${place.id} weekly 0 tokens, 0 alerts, 0/0 syncs`]);
      assert.deepEqual(await bed.much(5 * dayMs), []);
      assert.equal((await bed.much(30 * dayMs)).length, 1);
      assert.deepEqual(await bed.after(5 * minuteMs), []);
    });

    test('is queued by one of two processes', async () => {
      const bed = await startNotifier({ changes: { weeklyAt } });
      const other = bed.createProcess();
      other.start();
      assert.equal((await bed.much(dayMs)).length, 1);
      await other.stop();
    });

    test('waits for the end of quiet hours, and is dropped when Teams refuses it', async () => {
      const bed = await startNotifier({ changes: { weeklyAt: at, quiet: { from: 17 * 60, to: 17 * 60 + 10 } } });
      assert.deepEqual(await bed.after(9 * minuteMs), []);
      bed.fail(refused);
      assert.equal((await bed.after(2 * minuteMs)).length, 1);
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1 }]);
    });
  });

  test('alerts go where the conversation was heard from last', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    await bed.deliver(deliveryOf('a', 'opened'));
    const moved = { ...place, serviceUrl: 'https://smba.trafficmanager.net/apac/' };
    await bed.conversations.record({ reference: moved, seenAt: bed.clock.at + 1 });
    await bed.deliver(deliveryOf('b', 'opened'));
    assert.deepEqual(bed.references, [place, moved]);
  });

  test('a conversation that is switched off meanwhile gets nothing more', async () => {
    const bed = await startNotifier();
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    const release = bed.hold();
    await bed.deliver(deliveryOf('a', 'opened'));
    await bed.subscriptions.erase(place.id);
    release();
    assert.deepEqual(await bed.after(minuteMs), []);
  });

  suite('what a conversation is not subscribed to any more', () => {
    const [a, b] = [alertOf('a'), alertOf('b')];
    const narrow = (bed: Awaited<ReturnType<typeof startNotifier>>) =>
      bed.subscriptions.put(subscription('team', { scope: [a.tokenId] }));

    test('is not delivered there, though it waited', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(a, b);
      const later = { held: true, dueAt: bed.clock.at + 10 * minuteMs };
      await bed.deliver(deliveryOf('a', 'opened', later), deliveryOf('b', 'opened', later));
      await narrow(bed);
      assert.deepEqual(await bed.after(11 * minuteMs), [`post ${place.id} morning [a:d7 opened]`]);
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1, sent: 1 }]);
    });

    test('leaves a digest that is written anew', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(a, b);
      await bed.deliver(deliveryOf('a', 'alreadyOpen'), deliveryOf('b', 'alreadyOpen'));
      await narrow(bed);
      await bed.alerts.set(ended('a'), alertOf('b', { stage: 'd1' }));
      const done = await bed.deliver(deliveryOf('a', 'resolved'), deliveryOf('b', 'changed'));
      assert.deepEqual(done, ['edit m1 alreadyOpen [a:resolved]', `reply ${place.id} m1 a resolved`]);
    });

    test('is not delivered from another tenant either, whatever was stored', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('theirs', { tenantId: 'another tenant' }));
      assert.deepEqual(await bed.deliver(deliveryOf('theirs', 'opened')), []);
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 1 }]);
    });
  });
});

suite('delivery faults', () => {
  const passing = (retryAfterMs?: number) => new SendingError('passing', '503', { retryAfterMs });
  const closed = new SendingError('closed', 'BotNotInConversationRoster');
  const post = `post ${place.id} a:d7`;

  suite('what may pass', () => {
    test('is tried again later, and later every time, until Teams takes it', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      bed.fail(passing(), 3);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), [post]);
      assert.equal(await bed.waiting(), 1);
      const triedAt: number[] = [];
      for (let s = 1; s <= 40; s += 1) if ((await bed.after(1_000)).length > 0) triedAt.push(s);
      // Doubling from 2 s, seen at the next look of every 5 s.
      assert.deepEqual(triedAt, [5, 10, 20]);
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { putOff: 3, sent: 1 }]);
    });

    test('is left alone for as long as Teams asks', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      bed.fail(passing(10 * minuteMs));
      await bed.deliver(deliveryOf('a', 'opened'));
      assert.deepEqual(await bed.after(10 * minuteMs), []);
      assert.deepEqual(await bed.after(minuteMs), [post]);
    });

    test('holds up what comes behind it, so that all comes in order', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('b'));
      bed.fail(passing(minuteMs));
      await bed.deliver(deliveryOf('a', 'opened'));
      assert.deepEqual(await bed.deliver(deliveryOf('b', 'opened')), []);
      assert.deepEqual(await bed.after(2 * minuteMs), [post, `post ${place.id} b:d7`]);
    });

    test('is posted as it is then', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      bed.fail(passing());
      await bed.deliver(deliveryOf('a', 'opened'));
      await bed.alerts.set(ended('a'));
      await bed.deliver(deliveryOf('a', 'resolved'));
      assert.deepEqual(await bed.after(10_000), [`post ${place.id} a:resolved`]);
    });

    test('is dropped, logged and counted after a day', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      bed.fail(passing(), Number.POSITIVE_INFINITY);
      await bed.deliver(deliveryOf('a', 'opened'));
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
  });

  test('a conversation whose address is not known is retried, and served once an activity arrives from it', async () => {
    const bed = await startNotifier();
    await bed.conversations.erase(place.id);
    await bed.alerts.set(alertOf('a'));
    assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened')), []);
    assert.deepEqual(await bed.deliver(deliveryOf('a', 'resolved', { held: true, dueAt: at + dayMs })), []);
    await bed.conversations.record({ reference: place, seenAt: bed.clock.at });
    assert.deepEqual(await bed.after(10_000), [post]);
  });

  test('an alert that cannot be drawn is tried again, and holds up nobody else', async () => {
    const bed = await startNotifier();
    await bed.subscriptions.put(subscription('other'));
    await bed.conversations.record({ reference: { ...place, id: subscription('other').conversationId }, seenAt: at });
    await bed.alerts.set(alertOf('a'), alertOf('b'));
    bed.fail(new TypeError('odd'));
    const done = await bed.deliver(deliveryOf('a', 'opened'), deliveryOf('b', 'opened', { subscriptionId: 'other' }));
    assert.equal(new Set(done).size, 2);
    const again = await bed.after(10_000);
    // Both are due at once: the fault met either of them.
    assert.deepEqual([again.length, done.includes(again[0] ?? '')], [1, true]);
    assert.match(bed.logged.map(({ message }) => message).join(), /delivering alerts failed/);
  });

  suite('a conversation that is closed to the bot', () => {
    async function startClosed() {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('b'));
      bed.fail(closed);
      return { ...bed, first: await bed.deliver(deliveryOf('a', 'opened'), deliveryOf('b', 'opened')) };
    }
    const notice = /^reply a:ada 您在某个团队频道中开启的提醒已停止.*BotNotInConversationRoster/;

    test('is suspended with the reason, nothing waits for it, and its owner is notified in their own chat and language', async () => {
      const bed = await startClosed();
      assert.equal(bed.first[0], post);
      assert.match(bed.first[1] ?? '', notice);
      assert.equal(bed.first.length, 2);
      assert.deepEqual((await bed.subscriptions.find('team'))?.suspended, { at, why: 'BotNotInConversationRoster' });
      assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { dropped: 2 }]);
      assert.deepEqual(await bed.after(minuteMs), []);
    });

    test('whose subscriber has no chat with the bot yet gets one, and it is remembered', async () => {
      const bed = await startNotifier();
      await bed.conversations.erase('a:ada');
      await bed.alerts.set(alertOf('a'));
      bed.fail(closed);
      const done = await bed.deliver(deliveryOf('a', 'opened'));
      assert.equal(done[1], `open ${ada.teamsId}`);
      assert.match(done[2] ?? '', /^reply a:opened /);
      const known = await bed.conversations.findPersonal(ada.tenantId, ada.aadObjectId);
      assert.equal(known?.reference.id, 'a:opened');
    });

    test('its owner is notified with retries of what may pass, three attempts at most', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      bed.fail(closed);
      bed.fail(passing(), 5, ({ to }) => to === 'a:ada');
      await bed.deliver(deliveryOf('a', 'opened'));
      assert.equal((await bed.after(minuteMs)).length, 2);
      assert.deepEqual(await bed.after(minuteMs), []);
      assert.match(bed.logged.at(-1)?.message ?? '', /could not be notified/);
    });

    test('nobody is notified when it is a personal chat', async () => {
      const bed = await startNotifier();
      const chat = subscription('chat', { conversationId: 'a:ada' });
      await bed.subscriptions.put(chat);
      await bed.alerts.set(alertOf('a'));
      bed.fail(closed);
      assert.deepEqual(await bed.deliver(deliveryOf('a', 'opened', { subscriptionId: 'chat' })), ['post a:ada a:d7']);
      assert.ok((await bed.subscriptions.find('chat'))?.suspended);
    });

    for (const kind of ['personal', 'groupChat', 'channel'] as const)
      test(`is not one that Teams does not find for a while; not found for some minutes, it is suspended (${kind})`, async () => {
        const bed = await startNotifier();
        const known = await bed.conversations.find(place.id);
        assert.ok(known);
        await bed.conversations.record(
          { ...known, reference: { ...known.reference, kind }, seenAt: bed.clock.at + 1 },
          { afresh: true },
        );
        await bed.alerts.set(alertOf('a'), alertOf('b'));
        const notFound = new SendingError('passing', 'ConversationNotFound');
        bed.fail(notFound, 3);
        await bed.deliver(deliveryOf('a', 'opened'));
        await bed.after(minuteMs);
        assert.equal((await bed.subscriptions.find('team'))?.suspended, undefined);
        assert.deepEqual([await bed.waiting(), await bed.outcomes()], [0, { sent: 1, putOff: 3 }]);
        bed.fail(notFound, Number.POSITIVE_INFINITY);
        await bed.deliver(deliveryOf('b', 'opened'));
        await bed.after(2 * minuteMs);
        assert.equal((await bed.subscriptions.find('team'))?.suspended, undefined);
        await bed.after(6 * minuteMs);
        assert.equal((await bed.subscriptions.find('team'))?.suspended?.why, 'ConversationNotFound');
      });

    test('goes on once something comes in from there: what is open in one digest, what ended as an edit', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'), alertOf('b'));
      await bed.deliver(deliveryOf('a', 'opened'), deliveryOf('b', 'opened'));
      bed.fail(closed);
      await bed.deliver(deliveryOf('b', 'changed'));
      bed.clock.at += dayMs;
      await bed.alerts.set({ ...ended('a'), endedAt: bed.clock.at } satisfies Alert);
      await Promise.all([bed.notifier.resume(place.id), bed.notifier.resume(place.id)]);
      await settle();
      assert.deepEqual(bed.done(), [
        `post ${place.id} alreadyOpen [b:d7 alreadyOpen]`,
        'edit m2 b:d7',
        'edit m1 a:resolved',
      ]);
      assert.equal((await bed.subscriptions.find('team'))?.suspended, undefined);
      await bed.notifier.resume(place.id);
      await settle();
      assert.deepEqual(bed.done(), []);
    });

    test('rests and goes on as often as it closes and opens', async () => {
      const bed = await startNotifier();
      await bed.alerts.set(alertOf('a'));
      for (let times = 0; times < 3; times += 1) {
        bed.fail(closed);
        const id = `${times}`;
        await bed.deliver(deliveryOf('a', 'opened', { id, key: id }));
        bed.clock.at += minuteMs;
        await bed.notifier.resume(place.id);
        await settle();
        assert.match(bed.done().join(), /post .* alreadyOpen \[a:d7 alreadyOpen\]/);
      }
    });

    test('stays as it is where nothing is suspended, or the bot was removed', async () => {
      const bed = await startClosed();
      await bed.notifier.resume('unknown');
      await bed.subscriptions.markRemoved(place.id, at);
      await bed.notifier.resume(place.id);
      await settle();
      assert.deepEqual(bed.done(), []);
      assert.ok((await bed.subscriptions.find('team'))?.suspended);
    });
  });
});
