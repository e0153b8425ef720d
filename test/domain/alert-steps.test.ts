import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  type Alert,
  type AlertEnding,
  type Condition,
  conditionStages,
  flapMs,
  type Stage,
} from '../../src/domain/alert.ts';
import { type Observed, observeToken } from '../../src/domain/alert-observations.ts';
import {
  acknowledge,
  createStepAlerts,
  snooze,
  stepAlert,
  type TokenObservation,
  undo,
} from '../../src/domain/alert-steps.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { dayMs, hourMs, minuteMs } from '../../src/lib/time.ts';
import { alertOf } from '../support/alert-of.ts';
import { alertOf as storedAlertOf } from '../support/alert-samples.ts';
import { ada, at } from '../support/stored.ts';
import { tenantId, tokenOf } from '../support/turns.ts';

suite('snooze', () => {
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

  suite('undoing', () => {
    const acknowledged = { by: 'Ada', at: 5 };
    const snoozed = { by: 'Elif', at: 6, until: dayMs };

    test('takes back what was done last, then what was done before it', () => {
      const both = alertOf({ acknowledged, snoozed });
      assert.deepEqual(undo(both, 7), { alert: alertOf({ acknowledged, revision: 2 }) });
      const later = alertOf({ acknowledged: { by: 'Ada', at: 7 }, snoozed });
      assert.deepEqual(undo(later, 8), { alert: alertOf({ snoozed, revision: 2 }) });
      assert.deepEqual(undo(alertOf({ acknowledged }), 7), { alert: alertOf({ revision: 2 }) });
    });

    test('leaves a snooze that is over to the next pass, which reminds', () => {
      assert.deepEqual(undo(alertOf({ snoozed }), dayMs), { refused: 'notTaken' });
      assert.deepEqual(undo(alertOf({ acknowledged, snoozed }), dayMs), { alert: alertOf({ snoozed, revision: 2 }) });
    });

    test('is refused where nobody has done anything, and for what has ended', () => {
      assert.deepEqual(undo(alertOf(), 7), { refused: 'notTaken' });
      assert.deepEqual(undo({ ...ended, acknowledged }, 7), { refused: 'ended' });
    });
  });

  suite('snoozing', () => {
    test('lasts one day or three, and says whose it is', () => {
      const result = snooze(alertOf(), 'Ada', 1, 7);
      assert.deepEqual(result, { alert: alertOf({ snoozed: { by: 'Ada', at: 7, until: 7 + dayMs }, revision: 2 }) });
      assert.equal(untilOf(snooze(alertOf(), 'Ada', 3, 7)), 7 + 3 * dayMs);
    });

    test('a later one takes the place of an earlier one', () => {
      const snoozed = alertOf({ snoozed: { by: 'Ada', at: 0, until: 3 * dayMs } });
      assert.equal(untilOf(snooze(snoozed, 'Elif', 1, 0)), dayMs);
    });

    test('is refused for expired and for what has ended', () => {
      assert.deepEqual(snooze(alertOf({ condition: 'expired', stage: 'expired' }), 'Ada', 1, 7), {
        refused: 'expired',
      });
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
      const expiring = fc.constantFrom(...conditionStages.expiring).map((stage) => {
        const token = tokenOf('token-1', { expirationDateTime: new Date(100 * dayMs).toISOString() });
        return { alert: alertOf({ condition: 'expiring', stage, token }), endsIn: Number(stage.slice(1)) + 1 };
      });
      const stale = fc.constantFrom(...conditionStages.syncStale).map((stage) => ({
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
});

suite('step alert', () => {
  const present = (stage: Stage = 'syncFailed', condition: Condition = 'syncFailed', detail = {}): Observed => ({
    condition,
    is: 'present',
    stage,
    detail,
  });
  const absent = (ending: AlertEnding = 'resolved', condition: Condition = 'syncFailed'): Observed => ({
    condition,
    is: 'absent',
    ending,
  });
  const unknown = (condition: Condition = 'syncFailed'): Observed => ({ condition, is: 'unknown' });

  const at = (now: number, token?: VppToken) => ({
    tenantId,
    tokenId: 'token-1',
    now,
    newId: () => `alert-at-${now}`,
    ...(token && { token }),
  });

  /** Passes one after the other: returns the event of each, and the alert after the last. */
  function play(alert: Alert | undefined, passes: readonly (readonly [now: number, observed: Observed])[]) {
    let current = alert;
    const kinds = passes.map(([now, observed]) => {
      const step = stepAlert(current, observed, at(now));
      current = step.alert ?? current;
      return step.event?.kind;
    });
    assert.ok(current);
    return { kinds, alert: current };
  }

  suite('opening', () => {
    test('opens once, at the stage it is seen at, and then has nothing to say', () => {
      const { alert, event } = stepAlert(undefined, present('d3', 'expiring'), at(5, tokenOf('token-1')));
      assert.deepEqual(alert, {
        id: 'alert-at-5',
        tenantId,
        tokenId: 'token-1',
        condition: 'expiring',
        stage: 'd3',
        revision: 1,
        openedAt: 5,
        notifiedAt: 5,
        token: tokenOf('token-1'),
        detail: {},
      });
      assert.deepEqual(event, { kind: 'opened', alert });
      assert.deepEqual(stepAlert(alert, present('d3', 'expiring'), at(6, tokenOf('token-1'))), {});
    });

    test('what is absent or unknown opens nothing', () => {
      assert.deepEqual(stepAlert(undefined, absent(), at(5)), {});
      assert.deepEqual(stepAlert(undefined, unknown(), at(5)), {});
      assert.deepEqual(stepAlert(alertOf({ endedAt: 4, ending: 'resolved' }), unknown(), at(5)), {});
      assert.deepEqual(stepAlert(alertOf({ endedAt: 4, ending: 'resolved' }), absent('deleted'), at(5)), {});
    });

    test('a tenant that cannot be read is an alert without a token', () => {
      const failure = { part: 'tokens', reason: 'secret' } as const;
      const observed = present('monitoringBroken', 'monitoringBroken', { since: 1, failure });
      const { alert } = stepAlert(undefined, observed, { ...at(5), tokenId: '' });
      assert.deepEqual(alert?.detail, { since: 1, failure });
      assert.ok(alert && !('token' in alert));
    });
  });

  suite('getting worse', () => {
    const expiring = alertOf({ condition: 'expiring', stage: 'd14' });

    test('a worse stage is announced, however many it leaps over; a better one is not, and does not step down', () => {
      const { alert, event } = stepAlert(expiring, present('d1', 'expiring'), at(dayMs));
      assert.deepEqual(alert, { ...expiring, stage: 'd1', revision: 2, notifiedAt: dayMs });
      assert.equal(event?.kind, 'escalated');
      assert.deepEqual(stepAlert(alert, present('d7', 'expiring'), at(2 * dayMs)), {});
      assert.deepEqual(stepAlert(alert, present('d1', 'expiring'), at(3 * dayMs)), {});
    });

    test('keeps who took it, ends a snooze', () => {
      const handled = {
        ...expiring,
        acknowledged: { by: 'Ada', at: 1 },
        snoozed: { by: 'Ada', at: 0, until: dayMs },
      };
      const { alert } = stepAlert(handled, present('d7', 'expiring'), at(hourMs));
      assert.deepEqual(alert?.acknowledged, { by: 'Ada', at: 1 });
      assert.ok(alert && !('snoozed' in alert));
    });
  });

  suite('numbers', () => {
    const detail = { apps: [{ name: 'Maps', used: 96, total: 100 }] };
    const low = alertOf({ condition: 'licenses', stage: 'low', detail });

    test('other numbers, and another app, are shown without a word', () => {
      for (const more of [[], [{ name: 'Notes', used: 10, total: 10 }]]) {
        const other = { apps: [{ name: 'Maps', used: 97, total: 100 }, ...more] };
        const alert = { ...low, detail: other, revision: 2 };
        const step = stepAlert(low, present('low', 'licenses', other), at(dayMs));
        assert.deepEqual(step, { alert, event: { kind: 'changed', alert } });
      }
    });

    test('the same numbers, and a token that was merely touched, change nothing', () => {
      const touched = tokenOf('token-1', { lastModifiedDateTime: '2026-11-23T08:00:00Z' });
      assert.deepEqual(stepAlert(low, present('low', 'licenses', structuredClone(detail)), at(dayMs, touched)), {});
    });

    test('a token that changed is kept, even where its condition is unknown', () => {
      const renamed = tokenOf('token-1', { organizationName: 'Contoso Ltd' });
      assert.deepEqual(stepAlert(low, unknown('licenses'), at(dayMs, renamed)), {
        alert: { ...low, token: renamed, revision: 2 },
      });
      assert.deepEqual(stepAlert(low, unknown('licenses'), at(dayMs)), {});
    });
  });

  suite('ending', () => {
    test('recovery is announced at the first pass that sees it, with the token as it is then', () => {
      const token = tokenOf('token-1', { lastSyncDateTime: '2026-11-23T08:00:00Z' });
      const snoozed = alertOf({ snoozed: { by: 'Ada', at: 0, until: dayMs }, acknowledged: { by: 'Ada', at: 1 } });
      const { alert, event } = stepAlert(snoozed, absent(), at(hourMs, token));
      assert.deepEqual(alert, {
        ...alertOf({ revision: 2, notifiedAt: hourMs, token, acknowledged: { by: 'Ada', at: 1 } }),
        endedAt: hourMs,
        ending: 'resolved',
      });
      assert.equal(event?.kind, 'resolved');
    });

    for (const ending of ['deleted', 'superseded'] as const) {
      test(`${ending} is an end that is not announced`, () => {
        const { alert, event } = stepAlert(alertOf(), absent(ending), at(hourMs));
        assert.deepEqual(alert, alertOf({ revision: 2, endedAt: hourMs, ending }));
        assert.equal(event?.kind, ending);
      });
    }

    test('an unknown condition ends nothing', () => assert.deepEqual(stepAlert(alertOf(), unknown(), at(hourMs)), {}));
  });

  suite('coming back after an announced end', () => {
    const taken = { acknowledged: { by: 'Ada', at: 1 } };
    const announcedEnd = { revision: 2, notifiedAt: hourMs, endedAt: hourMs, ending: 'resolved', ...taken } as const;

    for (const { condition, stage } of [
      { condition: 'expired', stage: 'expired' },
      { condition: 'invalid', stage: 'invalid' },
      { condition: 'assignedToExternalMDM', stage: 'assignedToExternalMDM' },
      { condition: 'expiring', stage: 'd0' },
      { condition: 'syncStale', stage: 'h72' },
      { condition: 'syncFailed', stage: 'syncFailed' },
      { condition: 'monitoringBroken', stage: 'monitoringBroken' },
    ] as const) {
      test(`${stage} is a new alert: announced, acknowledged by nobody, with its own times`, () => {
        for (const now of [hourMs + 1, hourMs + flapMs - 1, hourMs + flapMs, hourMs + dayMs]) {
          const ended = alertOf({ condition, stage, ...announcedEnd });
          const { alert, event } = stepAlert(ended, present(stage, condition), at(now));
          assert.equal(event?.kind, 'opened');
          const { id, openedAt, notifiedAt, revision, acknowledged } = alert ?? assert.fail();
          assert.deepEqual(
            [id, openedAt, notifiedAt, revision, acknowledged],
            [`alert-at-${now}`, now, now, 1, undefined],
          );
        }
      });
    }

    test('what is critical is announced each time it comes and goes, and so is each end', () => {
      const looks = Array.from({ length: 6 }, (_, index) => {
        const observed = index % 2 === 0 ? present('invalid', 'invalid') : absent('resolved', 'invalid');
        return [index * minuteMs, observed] as const;
      });
      assert.deepEqual(play(undefined, looks).kinds, Array(3).fill(['opened', 'resolved']).flat());
    });

    test('a warning ends without a word when it is over as soon again', () => {
      const ended = alertOf({ ...announcedEnd });
      const { kinds, alert } = play(ended, [
        [hourMs + 10 * minuteMs, present()],
        [hourMs + 20 * minuteMs, absent()],
      ]);
      assert.deepEqual(kinds, ['opened', 'changed']);
      assert.deepEqual([alert.endedAt, alert.ending], [hourMs + 20 * minuteMs, 'resolved']);
    });

    test('a warning that stays for half an hour has its end announced', () => {
      const ended = alertOf({ ...announcedEnd });
      const { kinds } = play(ended, [
        [hourMs + 10 * minuteMs, present()],
        [hourMs + 10 * minuteMs + flapMs, absent()],
      ]);
      assert.deepEqual(kinds, ['opened', 'resolved']);
    });
  });

  suite('coming back after an end that was not announced', () => {
    const ended = alertOf({
      revision: 2,
      notifiedAt: hourMs,
      endedAt: hourMs,
      ending: 'resolved',
      suppressedUntil: hourMs + flapMs,
    });

    test('within half an hour it is the same alert, open again without a word', () => {
      const { alert, event } = stepAlert(ended, present(), at(hourMs + minuteMs));
      const suppression = { returnedAt: hourMs + minuteMs, suppressedUntil: hourMs + flapMs };
      assert.deepEqual(alert, alertOf({ revision: 3, notifiedAt: hourMs, ...suppression }));
      assert.equal(event?.kind, 'returned');
    });

    test('half an hour after its end or later it is a new one', () => {
      assert.equal(stepAlert(ended, present(), at(hourMs + flapMs - 1)).alert?.id, 'alert-1');
      const { alert, event } = stepAlert(ended, present(), at(hourMs + flapMs));
      assert.equal(alert?.id, `alert-at-${hourMs + flapMs}`);
      assert.equal(event?.kind, 'opened');
    });

    test('is announced once when it is still open half an hour after its end', () => {
      const { kinds, alert } = play(ended, [
        [hourMs + 1 * minuteMs, present()],
        [hourMs + 29 * minuteMs, present()],
        [hourMs + 30 * minuteMs, present()],
        [hourMs + 31 * minuteMs, present()],
      ]);
      assert.deepEqual(kinds, ['returned', undefined, 'cameBack', undefined]);
      assert.equal(alert.notifiedAt, hourMs + flapMs);
      assert.ok(!('suppressedUntil' in alert));
    });

    test('is announced also when it is unknown meanwhile: licenses are read once a day', () => {
      const { kinds } = play(ended, [
        [hourMs + minuteMs, present()],
        [hourMs + flapMs, unknown()],
      ]);
      assert.deepEqual(kinds, ['returned', 'cameBack']);
    });

    test('ends silently when its return was not announced', () => {
      const { kinds, alert } = play(ended, [
        [hourMs + 10 * minuteMs, present()],
        [hourMs + 20 * minuteMs, absent()],
      ]);
      assert.deepEqual(kinds, ['returned', 'changed']);
      assert.deepEqual([alert.endedAt, alert.ending, alert.notifiedAt], [hourMs + 20 * minuteMs, 'resolved', hourMs]);
    });

    test('worse than before it is announced at once', () => {
      const low = { ...ended, condition: 'licenses', stage: 'low' } as const;
      const { alert, event } = stepAlert(low, present('usedUp', 'licenses'), at(hourMs + minuteMs));
      assert.equal(event?.kind, 'escalated');
      assert.ok(alert && !('suppressedUntil' in alert) && !('endedAt' in alert) && !('ending' in alert));
      assert.deepEqual([alert.stage, alert.revision], ['usedUp', 3]);
    });

    test('a fast flapping one is announced as back two hours after the last announcement', () => {
      const passes = Array.from({ length: 14 }, (_, index) => {
        const now = hourMs + (index + 1) * 10 * minuteMs;
        return [now, index % 2 === 0 ? present() : absent()] as const;
      });
      const { kinds } = play(ended, passes);
      assert.deepEqual(kinds, [...Array(6).fill(['returned', 'changed']).flat(), 'cameBack', 'resolved']);
      const first = alertOf({ revision: 2, notifiedAt: hourMs, endedAt: hourMs, ending: 'resolved' });
      assert.deepEqual(play(first, passes).kinds, [
        'opened',
        'changed',
        ...Array(5).fill(['returned', 'changed']).flat(),
        'cameBack',
        'resolved',
      ]);
    });

    test('after a silent end it reopens silently while people remember it', () => {
      for (const ending of ['deleted', 'superseded'] as const) {
        const { kinds, alert } = play(alertOf(), [
          [minuteMs, absent(ending)],
          [2 * minuteMs, present()],
          [2 * hourMs, present()],
          [3 * hourMs, absent()],
        ]);
        assert.deepEqual(kinds, [ending, 'returned', undefined, 'resolved']);
        assert.equal(alert.notifiedAt, 3 * hourMs);
      }
    });

    test('after a silent end it is announced at once when they may have forgotten it', () => {
      const { kinds } = play(alertOf(), [
        [dayMs, absent('superseded')],
        [dayMs + minuteMs, present()],
        [dayMs + 2 * minuteMs, present()],
      ]);
      assert.deepEqual(kinds, ['superseded', 'cameBack', undefined]);
    });

    test('a clock that was set back by a day suppresses it for no more than half an hour', () => {
      const open = stepAlert(ended, present(), at(hourMs - dayMs)).alert;
      assert.equal(open?.suppressedUntil, hourMs - dayMs + flapMs);
      const suppressed = stepAlert(ended, present(), at(hourMs + minuteMs)).alert;
      assert.equal(stepAlert(suppressed, present(), at(hourMs - dayMs)).event?.kind, 'cameBack');
    });
  });

  suite('expired', () => {
    const expired = alertOf({ condition: 'expired', stage: 'expired' });
    const unchanged = present('expired', 'expired');

    test('is announced again every 24 h, whoever acknowledged it', () => {
      const taken = { ...expired, acknowledged: { by: 'Ada', at: 1 } };
      const { kinds } = play(taken, [
        [dayMs - 1, unchanged],
        [dayMs, unchanged],
        [dayMs + 1, unchanged],
        [2 * dayMs - 1, unchanged],
        [2 * dayMs, unchanged],
      ]);
      assert.deepEqual(kinds, [undefined, 'reminded', undefined, undefined, 'reminded']);
    });

    test('also while passes fail', () =>
      assert.equal(stepAlert(expired, unknown('expired'), at(dayMs)).event?.kind, 'reminded'));

    test('also when it is stored as snoozed or with its return suppressed', () => {
      const snoozed = { ...expired, snoozed: { by: 'Ada', at: 0, until: 3 * dayMs } };
      assert.equal(stepAlert(snoozed, unchanged, at(dayMs)).event?.kind, 'reminded');
      const suppressed = { ...expired, suppressedUntil: dayMs + 1 };
      assert.equal(stepAlert(suppressed, unchanged, at(dayMs)).event?.kind, 'cameBack');
    });

    test('a clock that was set back does not lengthen the silence: it is announced at once, and daily from there', () => {
      const { kinds } = play({ ...expired, notifiedAt: 10 * dayMs }, [
        [10 * dayMs - 1, unchanged],
        [10 * dayMs, unchanged],
        [11 * dayMs - 1, unchanged],
      ]);
      assert.deepEqual(kinds, ['reminded', undefined, 'reminded']);
    });

    test('nothing else is announced again by time', () => {
      assert.deepEqual(stepAlert(alertOf(), present(), at(100 * dayMs)), {});
      assert.deepEqual(stepAlert({ ...expired, endedAt: 0, ending: 'resolved' }, unknown('expired'), at(dayMs)), {});
    });
  });

  suite('snoozed', () => {
    const snoozed = alertOf({ snoozed: { by: 'Ada', at: 0, until: dayMs } });

    test('is announced once when its time is over and it is still open, or unknown', () => {
      for (const observed of [present(), unknown()]) {
        const { kinds, alert } = play(snoozed, [
          [dayMs - 1, observed],
          [dayMs, observed],
          [dayMs + 1, observed],
        ]);
        assert.deepEqual(kinds, [undefined, 'reminded', undefined]);
        assert.ok(!('snoozed' in alert));
      }
    });

    test('is not announced as back before that, nor after', () => {
      const { kinds } = play({ ...snoozed, suppressedUntil: hourMs }, [
        [hourMs, present()],
        [dayMs, present()],
        [dayMs + flapMs, present()],
      ]);
      assert.deepEqual(kinds, [undefined, 'reminded', undefined]);
    });

    test('ends when the clock was set back by so much that it would last longer than any snooze', () => {
      assert.deepEqual(stepAlert(snoozed, present(), at(-2 * dayMs)), {});
      assert.equal(stepAlert(snoozed, present(), at(-2 * dayMs - 1)).event?.kind, 'reminded');
    });
  });
});

suite('step all', () => {
  const now = at + 10 * minuteMs;
  const tokenId = 'token-1';
  const step = (alerts: readonly Alert[], ...sightings: readonly TokenObservation[]) =>
    sightings
      .map(createStepAlerts(alerts, { tenantId: ada.tenantId, now, newId: () => 'new' }))
      .filter((changed) => changed !== undefined)
      .map(({ alert, event }) => `${event?.kind ?? 'silent'} ${alert.id}/${alert.revision}`);
  const saying = (observed: TokenObservation['observed'], of = tokenId): TokenObservation => ({
    tokenId: of,
    observed,
  });
  const isPresent = saying({ condition: 'expiring', is: 'present', stage: 'd14', detail: {} });
  const isAbsent = saying({ condition: 'expiring', is: 'absent', ending: 'resolved' });
  const open = storedAlertOf('open', { tokenId });
  const ended = (id: string, endedAt: number) => storedAlertOf(id, { tokenId, endedAt, ending: 'deleted' });

  test('each sighting meets the alert of its token and condition', () => {
    const others = [
      storedAlertOf('other token'),
      storedAlertOf('other', { tokenId, condition: 'syncStale', stage: 'h36' }),
    ];
    assert.deepEqual(step([...others, open], isPresent), ['escalated open/2']);
    assert.deepEqual(step([open, ...others], isAbsent), ['resolved open/2']);
    assert.deepEqual(step(others, isPresent), ['opened new/1']);
    assert.deepEqual(step(others, isAbsent), []);
    assert.deepEqual(step([open], isPresent, saying(isPresent.observed, 'token-2')), [
      'escalated open/2',
      'opened new/1',
    ]);
  });

  test('of several it is the open one, else the one that ended last, whatever their order', () => {
    const all = [ended('early', at), open, ended('late', at + minuteMs)];
    for (const alerts of [all, all.toReversed()]) {
      assert.deepEqual(step(alerts, isAbsent), ['resolved open/2']);
      const closed = alerts.filter(({ id }) => id !== 'open');
      assert.match(step(closed, isPresent)[0] ?? '', / late\/2$/);
    }
  });
});
