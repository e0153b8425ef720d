import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  type AlertEvent,
  type AlertEventKind,
  type Condition,
  chosenConditions,
  conditionStages,
  isAnnounced,
  type Stage,
  severityOf,
} from '../../src/domain/alert.ts';
import {
  type AlertSubscription,
  matchesSubscription,
  nextWeekly,
  planDeliveries,
  quietUntil,
  type SubscriptionRequest,
  subscribe,
  visibleTokensOf,
} from '../../src/domain/subscription.ts';
import { dayMs, hourMs, minuteMs } from '../../src/lib/time.ts';
import { alertOf, subscriptionOf } from '../support/alert-of.ts';
import { snapshotOf } from '../support/alert-samples.ts';
import { personOf, tenantId, tokenOf } from '../support/turns.ts';

suite('plan deliveries', () => {
  const night = Date.parse('2026-11-23T22:30:00Z');
  const morning = Date.parse('2026-11-24T06:00:00Z');
  const quiet = { from: 22 * 60, to: 7 * 60 };
  const eventOf = (kind: AlertEventKind, changes: Parameters<typeof alertOf>[0] = {}): AlertEvent => ({
    kind,
    alert: alertOf(changes),
  });

  function createIds() {
    let count = 0;
    return () => `delivery-${++count}`;
  }

  const plan = (events: readonly AlertEvent[], subscriptions: readonly AlertSubscription[], now = night) =>
    planDeliveries(events, subscriptions, now, createIds());

  suite('covering', () => {
    const others = { '': 'an empty one', 'token-2': 'another' };
    test('all tokens, or the named ones alone', () => {
      assert.equal(matchesSubscription(subscriptionOf(), alertOf()), true);
      assert.equal(matchesSubscription(subscriptionOf({ scope: ['token-2', 'token-1'] }), alertOf()), true);
      for (const tokenId of Object.keys(others))
        assert.equal(matchesSubscription(subscriptionOf({ scope: [tokenId] }), alertOf()), false);
      assert.equal(matchesSubscription(subscriptionOf({ scope: [] }), alertOf()), false);
    });

    test('the chosen conditions alone', () => {
      assert.equal(matchesSubscription(subscriptionOf({ events: ['expired'] }), alertOf()), false);
      assert.equal(matchesSubscription(subscriptionOf({ events: ['syncFailed'] }), alertOf()), true);
    });

    test('one tenant alone', () => {
      const elsewhere = { tenantId: '00000000-0000-0000-0000-000000000000' };
      assert.equal(matchesSubscription(subscriptionOf(), alertOf(elsewhere)), false);
      assert.equal(
        matchesSubscription(subscriptionOf(), alertOf({ ...elsewhere, condition: 'monitoringBroken' })),
        false,
      );
    });

    test('that a token of its own was deleted, whatever was chosen', () => {
      const deleted = alertOf({ condition: 'tokenDeleted', stage: 'tokenDeleted' });
      assert.equal(matchesSubscription(subscriptionOf({ events: ['licenses'] }), deleted), true);
      assert.equal(matchesSubscription(subscriptionOf({ scope: ['token-1'], events: [] }), deleted), true);
      assert.equal(matchesSubscription(subscriptionOf({ scope: ['token-2'] }), deleted), false);
    });

    test('always that monitoring is broken, whatever was chosen', () => {
      const broken = alertOf({ condition: 'monitoringBroken', stage: 'monitoringBroken', tokenId: '' });
      assert.equal(matchesSubscription(subscriptionOf({ scope: ['token-2'], events: [] }), broken), true);
    });
  });

  suite('planning', () => {
    test('outside quiet hours what happened is due at once', () => {
      const day = morning + hourMs;
      assert.deepEqual(plan([eventOf('opened', { revision: 4 })], [subscriptionOf({ quiet })], day), [
        {
          id: 'delivery-1',
          subscriptionId: 'subscription-1',
          key: 'alert-1 4 subscription-1',
          body: { kind: 'alert', alertId: 'alert-1', event: 'opened' },
          held: false,
          dueAt: day,
          attempts: 0,
        },
      ]);
    });

    test('in quiet hours what would sound waits for the morning of that place, a critical one does not', () => {
      const expired = { condition: 'expired', stage: 'expired' } as const;
      const planned = plan([eventOf('opened'), eventOf('reminded', expired)], [subscriptionOf({ quiet })]);
      assert.deepEqual(
        planned.map(({ held, dueAt }) => [held, dueAt]),
        [
          [true, morning],
          [false, night],
        ],
      );
      const [kathmandu] = plan([eventOf('opened')], [subscriptionOf({ quiet, timeZone: 'Asia/Kathmandu' })]);
      assert.equal(kathmandu?.dueAt, Date.parse('2026-11-24T01:15:00Z'));
    });

    test('edits, and alerts that a new subscriber has just asked for, do not wait', () => {
      for (const kind of ['changed', 'superseded', 'deleted', 'alreadyOpen'] as const) {
        const [delivery] = plan([eventOf(kind)], [subscriptionOf({ quiet })]);
        assert.deepEqual([delivery?.held, delivery?.dueAt], [false, night], kind);
      }
      for (const kind of ['opened', 'escalated', 'reminded', 'cameBack', 'returned', 'resolved'] as const) {
        assert.equal(plan([eventOf(kind)], [subscriptionOf({ quiet })])[0]?.held, true, kind);
      }
    });
  });

  test('one delivery for every event and covering subscription, no key twice, no critical one held', () => {
    const tokenIds = ['token-1', 'token-2', 'token-3'];
    const kinds: readonly AlertEventKind[] = [
      'opened',
      'escalated',
      'reminded',
      'cameBack',
      'returned',
      'resolved',
      'deleted',
      'superseded',
      'changed',
      'alreadyOpen',
    ];
    const event = fc.constantFrom(...(Object.keys(conditionStages) as Condition[])).chain((condition) =>
      fc.record({
        kind: fc.constantFrom(...kinds),
        condition: fc.constant(condition),
        stage: fc.constantFrom<Stage>(...conditionStages[condition]),
        tokenId: fc.constantFrom(...tokenIds),
        revision: fc.integer({ min: 1, max: 9 }),
        tenantId: fc.constantFrom(tenantId, 'another tenant'),
      }),
    );
    const events = fc
      .array(event, { maxLength: 12 })
      .map((all) => all.map(({ kind, ...changes }, index) => eventOf(kind, { id: `alert-${index}`, ...changes })));
    const subscription = fc.record({
      covers: fc.oneof(fc.constant('all' as const), fc.subarray(tokenIds)),
      events: fc.subarray(chosenConditions),
      timeZone: fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu', 'America/New_York'),
      quiet: fc.record({ from: fc.integer({ min: 0, max: 1439 }), to: fc.integer({ min: 0, max: 1439 }) }),
    });
    const subscriptions = fc
      .array(subscription, { maxLength: 6 })
      .map((all) => all.map((changes, index) => subscriptionOf({ id: `subscription-${index}`, ...changes })));
    fc.assert(
      fc.property(
        events,
        subscriptions,
        fc.integer({ min: night, max: night + 48 * hourMs }),
        (happened, asked, now) => {
          const planned = plan(happened, asked, now);
          const pairs = asked.flatMap((each) =>
            happened.filter(({ alert }) => matchesSubscription(each, alert)).map((event) => ({ each, event })),
          );
          assert.deepEqual(
            planned.map(({ key }) => key),
            pairs.map(({ each, event }) => `${event.alert.id} ${event.alert.revision} ${each.id}`),
          );
          assert.equal(new Set(planned.map(({ key }) => key)).size, planned.length);
          assert.equal(new Set(planned.map(({ id }) => id)).size, planned.length);
          for (const [index, { held, dueAt, body, subscriptionId }] of planned.entries()) {
            const { each, event } = pairs[index] ?? assert.fail();
            assert.deepEqual(body, { kind: 'alert', alertId: event.alert.id, event: event.kind });
            assert.equal(subscriptionId, each.id);
            const end = each.quiet && quietUntil(now, each.quiet, each.timeZone);
            assert.equal(dueAt, held ? end : now);
            if (!held) continue;
            assert.ok(dueAt > now && (isAnnounced(event.kind) || event.kind === 'returned'));
            assert.notEqual(severityOf(event.alert.stage), 'critical');
            assert.notEqual(event.alert.condition, 'monitoringBroken');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

suite('quiet hours', () => {
  const clock = (time: string) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * 60 + minutes;
  };

  /** The end of quiet hours such as `22:00-07:00`, in UTC to the minute; `-` outside them. */
  function endOf(hours: string, now: string, timeZone: string): string {
    const [from = '', to = ''] = hours.split('-');
    const end = quietUntil(Date.parse(now), { from: clock(from), to: clock(to) }, timeZone);
    return end === undefined ? '-' : new Date(end).toISOString().replace(':00.000Z', 'Z');
  }

  suite('quiet hours', () => {
    const cases: readonly [what: string, hours: string, now: string, zone: string, end: string][] = [
      ['begin to the minute', '22:00-07:00', '2026-11-23T20:59:59.999Z', 'Europe/Berlin', '-'],
      ['last over midnight', '22:00-07:00', '2026-11-23T21:00:00Z', 'Europe/Berlin', '2026-11-24T06:00Z'],
      ['end to the minute', '22:00-07:00', '2026-11-24T05:59:59.999Z', 'Europe/Berlin', '2026-11-24T06:00Z'],
      ['are over at their end', '22:00-07:00', '2026-11-24T06:00:00Z', 'Europe/Berlin', '-'],
      ['may lie within one day', '12:00-13:30', '2026-11-24T07:00:00Z', 'Asia/Kathmandu', '2026-11-24T07:45Z'],
      ['that end as they begin are none', '07:00-07:00', '2026-11-24T07:00:00Z', 'UTC', '-'],
      [
        'are an hour shorter when clocks go forward',
        '22:00-07:00',
        '2026-03-28T21:00:00Z',
        'Europe/Berlin',
        '2026-03-29T05:00Z',
      ],
      [
        'are an hour longer when clocks go back',
        '22:00-07:00',
        '2026-10-24T20:00:00Z',
        'Europe/Berlin',
        '2026-10-25T06:00Z',
      ],
      [
        'end where clocks leap over their end',
        '22:00-02:30',
        '2026-03-28T22:00:00Z',
        'Europe/Berlin',
        '2026-03-29T01:00Z',
      ],
      [
        'end there also with clocks that leap over half an hour',
        '23:00-02:15',
        '2026-10-03T15:00:00Z',
        'Australia/Lord_Howe',
        '2026-10-03T15:30Z',
      ],
      [
        'end the first time that clocks show their end',
        '22:00-02:30',
        '2026-10-24T23:00:00Z',
        'Europe/Berlin',
        '2026-10-25T00:30Z',
      ],
      [
        'are quiet again while clocks show them again',
        '22:00-02:30',
        '2026-10-25T01:10:00Z',
        'Europe/Berlin',
        '2026-10-25T01:30Z',
      ],
      ['are not quiet between the two', '22:00-02:30', '2026-10-25T00:40:00Z', 'Europe/Berlin', '-'],
      [
        'end the second time for who is past the first',
        '02:40-02:20',
        '2026-10-25T00:45:00Z',
        'Europe/Berlin',
        '2026-10-25T01:20Z',
      ],
      [
        'reach over a whole day that a place skipped',
        '22:00-07:00',
        '2011-12-30T09:00:00Z',
        'Pacific/Apia',
        '2011-12-30T17:00Z',
      ],
      [
        'end where clocks leap over midnight',
        '20:00-00:00',
        '2018-11-03T23:30:00Z',
        'America/Sao_Paulo',
        '2018-11-04T03:00Z',
      ],
      [
        'of a zone this machine does not know are those of UTC',
        '22:00-07:00',
        '2026-11-23T23:00:00Z',
        'Mars/Olympus',
        '2026-11-24T07:00Z',
      ],
    ];
    for (const [what, hours, now, zone, end] of cases) {
      test(`${what}: ${hours} at ${now} in ${zone}`, () => assert.equal(endOf(hours, now, zone), end));
    }
  });

  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'America/Sao_Paulo',
    'Africa/Casablanca',
    'America/St_Johns',
    'UTC',
  ];
  const [firstDay, lastDay] = [Date.UTC(2010, 0), Date.UTC(2028, 0)];

  /** The clocks of a zone, minute by minute; written independently of the code that it checks. */
  function createWallClock(timeZone: string) {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    return (at: number) => clock(format.format(at));
  }

  /** Days within which a zone's clocks were put forward or back. */
  function listChanges(timeZone: string): number[] {
    const show = createWallClock(timeZone);
    const days = Array.from({ length: (lastDay - firstDay) / dayMs }, (_, index) => firstDay + index * dayMs);
    return days.filter((day) => show(day) !== show(day + dayMs));
  }

  const changes = zones.flatMap((zone) => listChanges(zone).map((day) => ({ zone, day })));
  // A place that skips a day shows the same time of day throughout.
  const leaps = [...changes, { zone: 'Pacific/Apia', day: Date.UTC(2011, 11, 30) }];
  const moment = fc.oneof(
    fc.record({ zone: fc.constantFrom(...zones), now: fc.integer({ min: firstDay, max: lastDay }) }),
    fc
      .record({ leap: fc.constantFrom(...leaps), ms: fc.integer({ min: -dayMs, max: 2 * dayMs }) })
      .map(({ leap, ms }) => ({ zone: leap.zone, now: leap.day + ms })),
  );
  const minuteOfDay = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 210 }));

  test('quiet hours end at the first instant that shows their end, or that leaps over it, whatever the zone', () => {
    fc.assert(
      fc.property(moment, minuteOfDay, minuteOfDay, ({ zone, now }, from, to) => {
        const show = createWallClock(zone);
        const lasts = (to - from + 1440) % 1440;
        const isQuiet = (show(now) - from + 1440) % 1440 < lasts;
        const end = quietUntil(now, { from, to }, zone);
        assert.equal(end !== undefined, isQuiet);
        if (end === undefined) return;
        assert.ok(end > now && end <= now + 25 * hourMs);
        assert.equal(end, firstShowing(show, to, now));
      }),
      { numRuns: 400 },
    );
  });

  /** Walks minute by minute: zones of our days change theirs at whole minutes. */
  function firstShowing(show: (at: number) => number, wanted: number, now: number): number {
    let shown = show(now);
    for (let at = (Math.floor(now / minuteMs) + 1) * minuteMs; ; at += minuteMs) {
      const next = show(at);
      const steps = (next - shown + 1440) % 1440;
      const passed = (wanted - shown + 1440) % 1440;
      // More than half a day forward is backward.
      if (next === wanted || (steps < 720 && passed > 0 && passed <= steps)) return at;
      shown = next;
    }
  }

  suite('the weekly digest', () => {
    const cases: readonly [now: string, zone: string, next: string][] = [
      ['2026-11-23T06:59:59.999Z', 'Europe/Berlin', '2026-11-23T07:00:00.000Z'],
      ['2026-11-23T07:00:00.000Z', 'Europe/Berlin', '2026-11-30T07:00:00.000Z'],
      ['2026-11-29T23:30:00.000Z', 'Europe/Berlin', '2026-11-30T07:00:00.000Z'],
      ['2026-10-24T12:00:00.000Z', 'Europe/Berlin', '2026-10-26T07:00:00.000Z'],
      ['2026-03-28T12:00:00.000Z', 'Europe/Berlin', '2026-03-30T06:00:00.000Z'],
      ['2026-11-22T18:00:00.000Z', 'Pacific/Apia', '2026-11-22T19:00:00.000Z'],
      ['2011-12-29T12:00:00.000Z', 'Pacific/Apia', '2012-01-01T18:00:00.000Z'],
    ];
    for (const [now, zone, next] of cases) {
      test(`after ${now} in ${zone} comes at ${next}`, () =>
        assert.equal(new Date(nextWeekly(Date.parse(now), zone)).toISOString(), next));
    }

    test('comes on Monday at 08:00, within eight days, whatever the zone', () => {
      fc.assert(
        fc.property(moment, ({ zone, now }) => {
          const next = nextWeekly(now, zone);
          assert.ok(next > now && next <= now + 7 * dayMs + hourMs);
          const said = new Intl.DateTimeFormat('en-GB', {
            timeZone: zone,
            weekday: 'short',
            hour: '2-digit',
            minute: '2-digit',
            second: '2-digit',
            hourCycle: 'h23',
          }).format(next);
          assert.equal(said, 'Mon 08:00:00');
          assert.equal(next % 1000, 0);
        }),
        { numRuns: 200 },
      );
    });
  });
});

suite('subscribe', () => {
  const everyId = ['1', '2', '3', '4'];
  const token = (id: string) => tokenOf(id);
  const seen = everyId.map((id) => snapshotOf(id));

  const ids = fc.subarray(everyId, { minLength: 1 });
  const step = ids.chain((visible) =>
    fc.record({
      who: fc.constantFrom('ada' as const, 'elif' as const),
      visible: fc.constant(visible),
      isMonitored: fc.boolean(),
      request: fc.record<SubscriptionRequest>(
        {
          target: fc.oneof(
            fc.constant('all' as const),
            fc.constantFrom(...visible).map((tokenId) => ({ tokenId })),
          ),
          events: fc.subarray([...chosenConditions], { minLength: 1 }),
          quiet: fc.constantFrom('off' as const, { from: 60, to: 120 }),
          timeZone: fc.constant('Europe/Berlin'),
          weekly: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    }),
  );

  test('whatever is asked in whatever order, nobody subscribes to what they do not see, nor takes from others what they do not see', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let stored: AlertSubscription | undefined;
        for (const { who, visible, isMonitored, request } of steps) {
          const person = personOf(who);
          const visibleTokens = visibleTokensOf(visible.map(token), isMonitored ? seen : []);
          const by = {
            person,
            tenantId,
            conversationId: 'c',
            isPersonal: false,
            locale: 'en' as const,
            visible: visibleTokens,
          };
          const before = stored;
          const subscribed = subscribe(request, by, before, { now: 0, newId: () => 'id' });
          if (subscribed.kind === 'leftAlone') {
            assert.notEqual(before?.owner.aadObjectId, person.aadObjectId);
            continue;
          }
          const { subscription } = subscribed;
          stored = subscription;
          const covered = subscription.scope === 'all' ? everyId : subscription.scope;
          const old = before === undefined ? [] : before.scope === 'all' ? everyId : before.scope;
          for (const id of covered) assert.ok(visible.includes(id) || old.includes(id), `${id} was added unseen`);
          if (subscription.scope === 'all' && before?.scope !== 'all') assert.ok(isMonitored && visible.length === 4);
          assert.ok(covered.length > 0);
          assert.equal(subscription.weeklyAt, undefined);
          const isOthers = before && before.owner.aadObjectId !== person.aadObjectId;
          if (isOthers && isMonitored)
            for (const id of old) assert.ok(covered.includes(id) || visible.includes(id), `${id} was lost`);
          if (request.events) assert.deepEqual(subscription.events, request.events);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
