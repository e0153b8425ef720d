import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Condition, chosenConditions, conditionStages, flapMs, type Stage } from '../../src/domain/alert.ts';
import type { Observed } from '../../src/domain/alert-observations.ts';
import { dayMs, hourMs, minuteMs } from '../../src/lib/time.ts';
import { tokenOf } from '../support/turns.ts';
import { createAlertWorld } from './alert-world.ts';

const startAt = Date.parse('2026-11-23T08:00:00Z');
const conditions = Object.keys(conditionStages) as Condition[];

const deletedToken = chosenConditions.map((condition): Observed => ({ condition, is: 'absent', ending: 'deleted' }));

const detail = fc.record(
  { since: fc.integer({ min: startAt - 4 * dayMs, max: startAt }), isApproximate: fc.boolean() },
  { requiredKeys: [], noNullPrototype: true },
);
const token = fc
  .integer({ min: -2, max: 40 })
  .map((days) => tokenOf('token-1', { expirationDateTime: new Date(startAt + days * dayMs).toISOString() }));

const observedOf = (condition: Condition): fc.Arbitrary<Observed> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({ stage: fc.constantFrom<Stage>(...conditionStages[condition]), detail })
        .map((seen) => ({ condition, is: 'present' as const, ...seen })),
    },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom('resolved', 'resolved', 'superseded', 'deleted')
        .map((ending) => ({ condition, is: 'absent' as const, ending: ending as 'resolved' })),
    },
    { weight: 1, arbitrary: fc.constant({ condition, is: 'unknown' as const }) },
  );

const forward = fc.oneof(
  fc.nat(flapMs),
  fc.nat(3 * hourMs),
  fc.constantFrom(minuteMs, flapMs - 1, flapMs, 2 * hourMs, dayMs - 1, dayMs),
  fc.nat(4 * dayMs),
);

const happening = (condition: Condition) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        what: fc.constant('observe' as const),
        observed: observedOf(condition),
        token: fc.option(token, { nil: undefined }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ what: fc.constant('pass' as const), ms: forward }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('setBack' as const), ms: forward }) },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('act' as const),
        doing: fc.constantFrom('acknowledge', 'snooze1', 'snooze3'),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ what: 'restart' as const }) },
  );

test('whatever is seen, whatever the clock does, whoever acts and whenever it restarts: what must always hold holds', () => {
  const lives = fc
    .constantFrom(...conditions)
    .chain((condition) =>
      fc.tuple(fc.constant(condition), fc.array(happening(condition), { maxLength: 60, size: 'max' })),
    );
  fc.assert(
    fc.property(lives, ([condition, happenings]) => {
      const world = createAlertWorld(startAt);
      for (const each of happenings) {
        if (each.what === 'pass') world.now += each.ms;
        else if (each.what === 'setBack') world.now -= each.ms;
        else if (each.what === 'restart') world.restart();
        else if (each.what === 'act') world.act('token-1', condition, each.doing as 'acknowledge');
        else world.observe('token-1', each.observed, each.token);
      }
    }),
    { numRuns: 3000 },
  );
});

test('numbers alone are never announced, and the same ones are not even a change', () => {
  const present = fc.constantFrom(...conditions).chain((condition) => {
    const seen = fc.record({ stage: fc.constantFrom<Stage>(...conditionStages[condition]), detail, token });
    return fc.tuple(fc.constant(condition), seen, detail, token);
  });
  fc.assert(
    fc.property(present, ([condition, first, otherDetail, otherToken]) => {
      const world = createAlertWorld(startAt);
      const { stage } = first;
      world.observe('token-1', { condition, is: 'present', stage, detail: first.detail }, first.token);
      const other = { condition, is: 'present', stage, detail: otherDetail } as const;
      const kinds = [undefined, 'changed'];
      assert.ok(kinds.includes(world.observe('token-1', other, otherToken).event?.kind));
      const again = { ...otherToken, lastModifiedDateTime: '2026-11-23T08:00:00Z' };
      assert.deepEqual(world.observe('token-1', structuredClone(other), again), { alert: undefined, event: undefined });
    }),
  );
});

test('a deleted token closes everything, and nothing of another token', () => {
  const open = fc.uniqueArray(fc.constantFrom(...conditions.filter((each) => each !== 'monitoringBroken')));
  fc.assert(
    fc.property(open, (opened) => {
      const world = createAlertWorld(startAt);
      for (const tokenId of ['token-1', 'token-2']) {
        for (const condition of opened) {
          const [stage] = conditionStages[condition];
          world.observe(tokenId, { condition, is: 'present', stage, detail: {} });
        }
      }
      const kinds = deletedToken.map((observed) => world.observe('token-1', observed).event?.kind);
      assert.equal(kinds.filter((kind) => kind === 'deleted').length, opened.length);
      assert.equal(kinds.filter((kind) => kind === undefined).length, deletedToken.length - opened.length);
      const stillOpen = world.all().filter(({ endedAt }) => endedAt === undefined);
      assert.deepEqual(
        stillOpen.map(({ tokenId }) => tokenId),
        opened.map(() => 'token-2'),
      );
    }),
  );
});

test('while passes go on, expired is announced at least once in any 24 h and one pass, whatever it does and whoever acknowledges it', () => {
  const passes = fc.array(
    fc.record({
      afterMs: fc.integer({ min: minuteMs, max: 6 * hourMs }),
      is: fc.constantFrom('present', 'present', 'present', 'unknown'),
      doing: fc.constantFrom(undefined, 'acknowledge', 'snooze3'),
    }),
    { minLength: 10, maxLength: 100, size: 'max' },
  );
  fc.assert(
    fc.property(passes, (all) => {
      const world = createAlertWorld(startAt);
      const present = { condition: 'expired', is: 'present', stage: 'expired', detail: {} } as const;
      world.observe('token-1', present);
      for (const { afterMs, is, doing } of all) {
        world.now += afterMs;
        if (doing) world.act('token-1', 'expired', doing as 'acknowledge');
        world.observe('token-1', is === 'present' ? present : { condition: 'expired', is: 'unknown' });
      }
      const times = world.announcementsOf('alert-1').map(({ at }) => at);
      for (const [index, at] of times.entries()) {
        const gap = (times[index + 1] ?? world.now) - at;
        assert.ok(gap < dayMs + 6 * hourMs, `silent for ${gap / hourMs} h`);
        if (index + 1 < times.length) assert.ok(gap >= dayMs, 'and not more often than daily');
      }
    }),
  );
});

test('a warning that flaps announces at most two openings, one recovery and one return in any half hour', () => {
  const passes = fc.array(fc.record({ afterMs: fc.integer({ min: 1000, max: flapMs }), isThere: fc.boolean() }), {
    minLength: 20,
    maxLength: 200,
    size: 'max',
  });
  fc.assert(
    fc.property(passes, (all) => {
      const world = createAlertWorld(startAt);
      const { announced } = flap(world, all);
      for (const [kind, most] of [['opened', 2] as const, ['resolved', 1] as const, ['cameBack', 1] as const]) {
        const times = announced.filter((each) => each.kind === kind).map(({ at }) => at);
        for (const [index, at] of times.entries())
          assert.ok((times[index + most] ?? Number.POSITIVE_INFINITY) - at >= flapMs, kind);
      }
    }),
  );
});

test('a warning that flaps faster than half an hour is announced at most three times in two hours', () => {
  const flaps = fc.record({
    onMs: fc.integer({ min: 10_000, max: 15 * minuteMs - 1 }),
    offMs: fc.integer({ min: 10_000, max: 15 * minuteMs - 1 }),
  });
  fc.assert(
    fc.property(flaps, ({ onMs, offMs }) => {
      const world = createAlertWorld(startAt);
      const rounds = Math.ceil(dayMs / (onMs + offMs));
      const { announced } = flap(
        world,
        Array.from({ length: rounds }, () => [
          { afterMs: offMs, isThere: true },
          { afterMs: onMs, isThere: false },
        ]).flat(),
      );
      assert.ok(world.all().length <= 2 + 12, `${world.all().length} alerts`);
      assert.ok(announced.length <= 3 + 3 * 12, `announced ${announced.length} times`);
      assert.ok(announced.length >= 2 + 2 * 8, 'and not forgotten either');
    }),
    { numRuns: 30 },
  );
});

function flap(
  world: ReturnType<typeof createAlertWorld>,
  passes: readonly { readonly afterMs: number; readonly isThere: boolean }[],
) {
  for (const { afterMs, isThere } of passes) {
    world.now += afterMs;
    const state = isThere
      ? ({ is: 'present', stage: 'syncFailed', detail: {} } as const)
      : ({ is: 'absent', ending: 'resolved' } as const);
    world.observe('token-1', { condition: 'syncFailed', ...state });
  }
  return {
    announced: world
      .all()
      .flatMap(({ id }) => world.announcementsOf(id))
      .toSorted((a, b) => a.at - b.at),
  };
}
