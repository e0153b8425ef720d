import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  type AlertEvent,
  type AlertEventKind,
  type Condition,
  chosenConditions,
  isAnnounced,
  ladders,
  type Stage,
  severityOf,
} from '../../src/domain/alert.ts';
import {
  type AlertSubscription,
  matchesSubscription,
  planDeliveries,
  quietUntil,
} from '../../src/domain/subscription.ts';
import { tenantId } from '../dialogs/turns.ts';
import { alertOf, hourMs, subscriptionOf } from './alert-of.ts';

const night = Date.parse('2026-11-23T22:30:00Z');
const morning = Date.parse('2026-11-24T06:00:00Z');
const quiet = { from: 22 * 60, to: 7 * 60 };
const eventOf = (kind: AlertEventKind, changes: Parameters<typeof alertOf>[0] = {}): AlertEvent => ({
  ...{ kind, alert: alertOf(changes) },
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
        ...{ id: 'delivery-1', subscriptionId: 'subscription-1', key: 'alert-1 4 subscription-1' },
        ...{ body: { kind: 'alert', alertId: 'alert-1', event: 'opened' }, held: false, dueAt: day, attempts: 0 },
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

  test('edits, and what somebody has just asked for, do not wait', () => {
    for (const kind of ['changed', 'superseded', 'deleted', 'standing'] as const) {
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
    ...([
      'opened',
      'escalated',
      'reminded',
      'cameBack',
      'returned',
      'resolved',
      'deleted',
      'superseded',
      'changed',
      'standing',
    ] as const),
  ];
  const event = fc.constantFrom(...(Object.keys(ladders) as Condition[])).chain((condition) =>
    fc.record({
      kind: fc.constantFrom(...kinds),
      condition: fc.constant(condition),
      stage: fc.constantFrom<Stage>(...ladders[condition]),
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
    fc.property(events, subscriptions, fc.integer({ min: night, max: night + 48 * hourMs }), (told, asked, now) => {
      const planned = plan(told, asked, now);
      const pairs = asked.flatMap((each) =>
        told.filter(({ alert }) => matchesSubscription(each, alert)).map((happened) => ({ each, happened })),
      );
      assert.deepEqual(
        planned.map(({ key }) => key),
        pairs.map(({ each, happened }) => `${happened.alert.id} ${happened.alert.revision} ${each.id}`),
      );
      assert.equal(new Set(planned.map(({ key }) => key)).size, planned.length);
      assert.equal(new Set(planned.map(({ id }) => id)).size, planned.length);
      for (const [index, { held, dueAt, body, subscriptionId }] of planned.entries()) {
        const { each, happened } = pairs[index] ?? assert.fail();
        assert.deepEqual(body, { kind: 'alert', alertId: happened.alert.id, event: happened.kind });
        assert.equal(subscriptionId, each.id);
        const end = each.quiet && quietUntil(now, each.quiet, each.timeZone);
        assert.equal(dueAt, held ? end : now);
        if (!held) continue;
        assert.ok(dueAt > now && (isAnnounced(happened) || happened.kind === 'returned'));
        assert.notEqual(severityOf(happened.alert.stage), 'critical');
        assert.notEqual(happened.alert.condition, 'monitoringBroken');
      }
    }),
    { numRuns: 300 },
  );
});
