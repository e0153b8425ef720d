import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Alert, ladders } from '../../src/domain/alert.ts';
import { observeToken } from '../../src/domain/alert-observations.ts';
import { acknowledge, snooze } from '../../src/domain/alert-steps.ts';
import { tokenOf } from '../dialogs/turns.ts';
import { alertOf, dayMs, hourMs } from './alert-of.ts';

const ended = alertOf({ endedAt: 1, ending: 'resolved' });
const untilOf = (result: ReturnType<typeof snooze>) =>
  'alert' in result ? result.alert.snoozed?.until : result.refused;

suite('acknowledging', () => {
  test('carries the name of who took it', () => {
    const taken = acknowledge(alertOf(), 'Ada', 7);
    assert.deepEqual(taken, alertOf({ acknowledged: { by: 'Ada', at: 7 }, revision: 2 }));
  });

  test('a second time by the same person changes nothing; somebody else takes it over', () => {
    const taken = alertOf({ acknowledged: { by: 'Ada', at: 7 } });
    assert.equal(acknowledge(taken, 'Ada', 8), undefined);
    assert.deepEqual(acknowledge(taken, 'Elif', 8)?.acknowledged, { by: 'Elif', at: 8 });
  });

  test('comes too late for an alert that has ended', () => assert.equal(acknowledge(ended, 'Ada', 7), undefined));
});

suite('snoozing', () => {
  test('lasts one day or three, and says whose it is', () => {
    const result = snooze(alertOf(), 'Ada', 1, 7);
    assert.deepEqual(result, { alert: alertOf({ snoozed: { by: 'Ada', until: 7 + dayMs }, revision: 2 }) });
    assert.equal(untilOf(snooze(alertOf(), 'Ada', 3, 7)), 7 + 3 * dayMs);
  });

  test('a later one takes the place of an earlier one', () => {
    const snoozed = alertOf({ snoozed: { by: 'Ada', until: 3 * dayMs } });
    assert.equal(untilOf(snooze(snoozed, 'Elif', 1, 0)), dayMs);
  });

  test('is refused for expired and for what has ended', () => {
    assert.deepEqual(snooze(alertOf({ condition: 'expired', stage: 'expired' }), 'Ada', 1, 7), { refused: 'expired' });
    assert.deepEqual(snooze(ended, 'Ada', 1, 7), { refused: 'ended' });
    assert.deepEqual(snooze({ ...ended, condition: 'expired', stage: 'expired' }, 'Ada', 1, 7), { refused: 'ended' });
  });

  test('ends no later than the expiry, also where no stage is left', () => {
    const token = tokenOf('token-1', { expirationDateTime: new Date(10 * hourMs).toISOString() });
    assert.equal(untilOf(snooze(alertOf({ condition: 'expiring', stage: 'd0', token }), 'Ada', 3, 0)), 10 * hourMs);
  });

  test('of a token whose date is gone, or already past the next stage, is as short or as long as can be said', () => {
    const { expirationDateTime, ...dateless } = tokenOf('token-1');
    const unknown = alertOf({ condition: 'expiring', stage: 'd7', token: dateless });
    assert.equal(untilOf(snooze(unknown, 'Ada', 3, 0)), 3 * dayMs);
    const token = tokenOf('token-1', { expirationDateTime: new Date(dayMs).toISOString() });
    assert.equal(untilOf(snooze(alertOf({ condition: 'expiring', stage: 'd7', token }), 'Ada', 3, hourMs)), hourMs);
  });

  test('never crosses a stage: the next one is not there a moment before its end, and is there at its end', () => {
    const stageAt = (alert: Alert, now: number) => {
      const token = alert.token ?? tokenOf('token-1');
      const { since } = alert.detail;
      const facts = { token, firstSeenAt: 0, ...(since !== undefined && { completedAt: since }) };
      const found = observeToken(facts, now).find(({ condition }) => condition === alert.condition);
      return found?.is === 'present' ? found.stage : found?.is;
    };
    const expiring = fc.constantFrom(...ladders.expiring).map((stage) => {
      const token = tokenOf('token-1', { expirationDateTime: new Date(100 * dayMs).toISOString() });
      return { alert: alertOf({ condition: 'expiring', stage, token }), endsIn: Number(stage.slice(1)) + 1 };
    });
    const stale = fc.constantFrom(...ladders.syncStale).map((stage) => ({
      alert: alertOf({ condition: 'syncStale', stage, detail: { since: 0 } }),
      endsIn: 0,
    }));
    fc.assert(
      fc.property(
        fc.oneof(expiring, stale),
        fc.constantFrom(1, 3),
        fc.nat(60 * hourMs),
        ({ alert, endsIn }, days, ms) => {
          // A moment at which the alert's own stage is the one that holds.
          const begins =
            alert.condition === 'expiring' ? (100 - endsIn) * dayMs + 1 : hourMs * Number(alert.stage.slice(1)) + 1;
          const now = begins + ms;
          if (stageAt(alert, now) !== alert.stage) return;
          const until = untilOf(snooze(alert, 'Ada', days, now));
          assert.ok(typeof until === 'number' && until > now && until <= now + days * dayMs);
          assert.equal(stageAt(alert, until - 1), alert.stage);
          if (until < now + days * dayMs) assert.notEqual(stageAt(alert, until), alert.stage);
        },
      ),
      { numRuns: 500 },
    );
  });
});
