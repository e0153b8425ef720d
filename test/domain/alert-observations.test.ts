import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Condition, chosenConditions, conditionStages, findNextStageAt } from '../../src/domain/alert.ts';
import { observeDeletion, observeToken, type TokenHistory } from '../../src/domain/alert-observations.ts';
import { findExpiry, isStale, isStuck, type VppToken } from '../../src/domain/token.ts';
import { dayMs, hourMs, minuteMs } from '../../src/lib/time.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { tokenOf } from '../support/turns.ts';

const now = Date.parse('2026-11-23T08:00:00Z');
const iso = (at: number) => new Date(at).toISOString();

/** A token with which all is well: valid for a year, synced an hour ago. */
function factsOf(token: Partial<VppToken> = {}, facts: Partial<TokenHistory> = {}): TokenHistory {
  const synced = iso(now - hourMs);
  const well = { expirationDateTime: iso(now + 365 * dayMs), lastSyncDateTime: synced, lastModifiedDateTime: synced };
  return { token: tokenOf('token-1', { ...well, ...token }), firstSeenAt: now - 100 * dayMs, ...facts };
}

/** A token that lacks some of its dates. */
function without(...names: readonly (keyof VppToken)[]): (changes?: Partial<VppToken>) => TokenHistory {
  return (changes = {}) => {
    const facts = factsOf(changes);
    const kept = Object.entries(facts.token).filter(([name]) => !names.includes(name as keyof VppToken));
    return { ...facts, token: Object.fromEntries(kept) as unknown as VppToken };
  };
}

/** `d7` when present, how it ended when absent. */
function say(facts: TokenHistory, condition: Condition, at = now): string {
  const found = observeToken(facts, at).find((observed) => observed.condition === condition);
  if (!found) return 'not observed';
  return found.is === 'present' ? found.stage : found.is === 'absent' ? found.ending : 'unknown';
}

function detailOf(facts: TokenHistory, condition: Condition) {
  const found = observeToken(facts, now).find((observed) => observed.condition === condition);
  return found?.is === 'present' ? found.detail : undefined;
}

test('of a token with which all is well nothing is present, and licences that were not read are unknown', () => {
  const said = Object.fromEntries(chosenConditions.map((condition) => [condition, say(factsOf(), condition)]));
  const { licenses, ...others } = said;
  assert.equal(licenses, 'unknown');
  assert.deepEqual(new Set(Object.values(others)), new Set(['resolved']));
});

test('a deleted token is gone since a list first came without it', () => {
  const snapshot = { tenantId: 'tenant-1', token: tokenOf('token-1'), firstSeenAt: 1, seenAt: 2, deletedAt: 4 };
  const deleted = { condition: 'tokenDeleted', is: 'present', stage: 'tokenDeleted' };
  assert.deepEqual(observeDeletion({ ...snapshot, missingSince: 3 }), { ...deleted, detail: { since: 3 } });
  assert.deepEqual(observeDeletion(snapshot), { ...deleted, detail: { since: 4 } });
});

suite('expiry', () => {
  const at = (leftMs: number, state = 'valid') => factsOf({ state, expirationDateTime: iso(now + leftMs) });
  const left: readonly [leftMs: number, expiring: string, expired: string][] = [
    [30 * dayMs + 1, 'resolved', 'resolved'],
    [30 * dayMs, 'd30', 'resolved'],
    [14 * dayMs + 1, 'd30', 'resolved'],
    [14 * dayMs, 'd14', 'resolved'],
    [7 * dayMs + 1, 'd14', 'resolved'],
    [7 * dayMs, 'd7', 'resolved'],
    [3 * dayMs + 1, 'd7', 'resolved'],
    [3 * dayMs, 'd3', 'resolved'],
    [2 * dayMs + 1, 'd3', 'resolved'],
    [2 * dayMs, 'd1', 'resolved'],
    [dayMs + 1, 'd1', 'resolved'],
    [dayMs, 'd0', 'resolved'],
    [1, 'd0', 'resolved'],
    [0, 'superseded', 'expired'],
    [-300 * dayMs, 'superseded', 'expired'],
  ];
  for (const [leftMs, expiring, expired] of left) {
    test(`${leftMs / dayMs} days left: expiring ${expiring}, expired ${expired}`, () => {
      assert.equal(say(at(leftMs), 'expiring'), expiring);
      assert.equal(say(at(leftMs), 'expired'), expired);
    });
  }

  test('a stage begins when the stage before it foretells', () => {
    const facts = at(40 * dayMs + hourMs);
    const stages = conditionStages.expiring;
    for (const [index, stage] of stages.slice(0, -1).entries()) {
      const nextAt = findNextStageAt(alertOf('expiring', { stage, token: facts.token })) ?? 0;
      assert.equal(say(facts, 'expiring', nextAt - 1), stage);
      assert.equal(say(facts, 'expiring', nextAt), stages[index + 1]);
    }
  });

  test('a state that says expired counts before the date does, and without one', () => {
    for (const facts of [at(100 * dayMs, 'expired'), without('expirationDateTime')({ state: 'expired' })]) {
      assert.equal(say(facts, 'expired'), 'expired');
      assert.equal(say(facts, 'expiring'), 'superseded');
    }
  });

  test('without a date expiring is unknown, and expired too unless Intune calls the token valid', () => {
    const dateless = without('expirationDateTime');
    assert.equal(say(dateless(), 'expiring'), 'unknown');
    assert.equal(say(dateless(), 'expired'), 'resolved');
    for (const state of ['invalid', 'unknown', 'revoked']) {
      assert.equal(say(dateless({ state }), 'expiring'), 'unknown');
      assert.equal(say(dateless({ state }), 'expired'), 'unknown');
    }
  });

  test('an expired token that Intune calls invalid is one trouble, not two', () => {
    assert.equal(say(at(-dayMs, 'invalid'), 'expired'), 'expired');
    assert.equal(say(at(-dayMs, 'invalid'), 'invalid'), 'superseded');
    assert.equal(say(at(dayMs, 'invalid'), 'expired'), 'superseded');
    assert.equal(say(at(dayMs, 'invalid'), 'invalid'), 'invalid');
  });

  test('an expired token in another MDM has two troubles: renewing it does not free it', () => {
    assert.equal(say(at(-dayMs, 'assignedToExternalMDM'), 'expired'), 'expired');
    assert.equal(say(at(-dayMs, 'assignedToExternalMDM'), 'assignedToExternalMDM'), 'assignedToExternalMDM');
  });
});

suite('states', () => {
  const broken = ['invalid', 'assignedToExternalMDM', 'duplicateLocationId'] as const;
  for (const state of broken) {
    test(`${state} is present while the token says so and over once it is valid`, () => {
      assert.equal(say(factsOf({ state }), state), state);
      assert.equal(say(factsOf({ state: 'valid' }), state), 'resolved');
    });
  }

  test('a state nobody knows begins nothing and ends nothing', () => {
    for (const state of ['unknown', 'revoked', 'Invalid', '']) {
      for (const condition of broken) assert.equal(say(factsOf({ state }), condition), 'unknown');
    }
  });

  test('a trouble that another one hides is not resolved', () => {
    assert.equal(say(factsOf({ state: 'invalid' }), 'assignedToExternalMDM'), 'superseded');
    assert.equal(say(factsOf({ state: 'assignedToExternalMDM' }), 'invalid'), 'superseded');
    assert.equal(say(factsOf({ state: 'expired' }), 'duplicateLocationId'), 'superseded');
    assert.equal(say(factsOf({ state: 'duplicateLocationId' }), 'invalid'), 'resolved');
  });

  test('syncs are observed only where a sync can work', () => {
    const bad = { lastSyncStatus: 'failed', lastSyncDateTime: iso(now - 100 * hourMs) };
    for (const state of ['valid', 'unknown', 'duplicateLocationId', 'revoked']) {
      assert.equal(say(factsOf({ state, ...bad }), 'syncFailed'), 'syncFailed');
      assert.equal(say(factsOf({ state, ...bad }), 'syncStale'), 'h72');
    }
    const hopeless = [{ state: 'expired' }, { state: 'invalid' }, { state: 'assignedToExternalMDM' }];
    for (const token of [...hopeless, { expirationDateTime: iso(now) }]) {
      for (const condition of ['syncFailed', 'syncStuck', 'syncStale'] as const) {
        assert.equal(say(factsOf({ ...bad, ...token }), condition), 'superseded');
      }
    }
  });
});

suite('syncs', () => {
  const running = (forMs: number) =>
    factsOf({ lastSyncStatus: 'inProgress', lastModifiedDateTime: iso(now - forMs), lastSyncDateTime: iso(now) });

  test('a failure is over once a later sync has completed, not while one is in progress', () => {
    assert.equal(say(factsOf({ lastSyncStatus: 'failed' }), 'syncFailed'), 'syncFailed');
    assert.equal(say(running(minuteMs), 'syncFailed'), 'unknown');
    assert.equal(say(running(hourMs), 'syncFailed'), 'unknown');
    assert.equal(say(factsOf({ lastSyncStatus: 'completed' }), 'syncFailed'), 'resolved');
    assert.equal(say(factsOf({ lastSyncStatus: 'none' }), 'syncFailed'), 'resolved');
    assert.equal(say(factsOf({ lastSyncStatus: 'partiallyCompleted' }), 'syncFailed'), 'unknown');
  });

  test('in progress for half an hour is stuck, since it was modified last', () => {
    assert.equal(say(running(30 * minuteMs - 1), 'syncStuck'), 'unknown');
    assert.equal(say(running(30 * minuteMs), 'syncStuck'), 'syncStuck');
    assert.deepEqual(detailOf(running(30 * minuteMs), 'syncStuck'), { since: now - 30 * minuteMs });
  });

  test('without a date of its own a sync is in progress since it was first seen so', () => {
    const facts = without('lastModifiedDateTime')({ lastSyncStatus: 'inProgress' });
    assert.equal(say(facts, 'syncStuck'), 'unknown');
    assert.equal(say({ ...facts, inProgressSince: now - 30 * minuteMs + 1 }, 'syncStuck'), 'unknown');
    assert.equal(say({ ...facts, inProgressSince: now - 30 * minuteMs }, 'syncStuck'), 'syncStuck');
  });

  test('a stuck sync is over once it has ended; when it failed, the failure takes its place', () => {
    assert.equal(say(factsOf({ lastSyncStatus: 'completed' }), 'syncStuck'), 'resolved');
    assert.equal(say(factsOf({ lastSyncStatus: 'none' }), 'syncStuck'), 'resolved');
    assert.equal(say(factsOf({ lastSyncStatus: 'failed' }), 'syncStuck'), 'superseded');
    assert.equal(say(factsOf({ lastSyncStatus: 'unknown' }), 'syncStuck'), 'unknown');
  });

  test('no completed sync for over 36 h is stale, for over 72 h worse', () => {
    const ago = (ms: number) => factsOf({}, { completedAt: now - ms });
    assert.equal(say(ago(36 * hourMs), 'syncStale'), 'resolved');
    assert.equal(say(ago(36 * hourMs + 1), 'syncStale'), 'h36');
    assert.equal(say(ago(72 * hourMs), 'syncStale'), 'h36');
    assert.equal(say(ago(72 * hourMs + 1), 'syncStale'), 'h72');
    assert.deepEqual(detailOf(ago(40 * hourMs), 'syncStale'), { since: now - 40 * hourMs });
    assert.equal(say(ago(-hourMs), 'syncStale'), 'resolved', 'a clock behind Intune’s');
  });

  test('a token that is syncing, or whose last sync failed, is as stale as its last completed sync', () => {
    for (const lastSyncStatus of ['inProgress', 'failed']) {
      const facts = factsOf({ lastSyncStatus, lastSyncDateTime: iso(now) }, { completedAt: now - 40 * hourMs });
      assert.equal(say(facts, 'syncStale'), 'h36');
    }
  });

  test('a token of which no sync is known counts from its last change, else from when it was first seen', () => {
    const never = without('lastSyncDateTime')({ lastModifiedDateTime: iso(now - 40 * hourMs) });
    assert.deepEqual(detailOf(never, 'syncStale'), { since: now - 40 * hourMs });
    const nothing = without('lastSyncDateTime', 'lastModifiedDateTime')();
    assert.deepEqual(detailOf(nothing, 'syncStale'), { since: now - 100 * dayMs });
    assert.equal(say({ ...nothing, firstSeenAt: now }, 'syncStale'), 'resolved');
  });
});

suite('licences', () => {
  const app = (name: string, used: number, total: number) => ({ name, used, total });
  const withApps = (...apps: (ReturnType<typeof app> & { readonly daysLeft?: number })[]) =>
    factsOf({}, { apps: { apps, isApproximate: false } });
  const counts: readonly [used: number, total: number, said: string][] = [
    [94, 100, 'resolved'],
    [95, 100, 'low'],
    [99, 100, 'low'],
    [100, 100, 'usedUp'],
    [101, 100, 'usedUp'],
    [3, 0, 'usedUp'],
    [0, 0, 'resolved'],
  ];
  for (const [used, total, said] of counts) {
    test(`${used} of ${total} in use: ${said}`, () =>
      assert.equal(say(withApps(app('Maps', used, total)), 'licenses'), said));
  }

  test('a token without apps has none too few', () => assert.equal(say(withApps(), 'licenses'), 'resolved'));

  test('the worst app decides, and the others at 95% or more follow it', () => {
    const facts = withApps(
      app('Fine', 1, 9),
      app('Low', 96, 100),
      app('Over', 12, 10),
      app('Full', 5, 5),
      app('Less', 95, 100),
    );
    assert.equal(say(facts, 'licenses'), 'usedUp');
    assert.deepEqual(
      detailOf(facts, 'licenses')?.apps?.map(({ name }) => name),
      ['Over', 'Full', 'Low', 'Less'],
    );
    assert.deepEqual(detailOf(withApps(app('Low', 96, 100)), 'licenses'), { apps: [app('Low', 96, 100)] });
  });

  const inDays = (daysLeft: number, used = 40) => ({ ...app(`In ${daysLeft}`, used, 50), daysLeft });
  const stages: readonly [daysLeft: number, said: string][] = [
    [22, 'resolved'],
    [21, 'unknown'],
    [15, 'unknown'],
    [14, 'runsOut14'],
    [8, 'runsOut14'],
    [7, 'runsOut7'],
    [3, 'runsOut3'],
    [1, 'runsOut3'],
  ];
  for (const [daysLeft, said] of stages) {
    test(`runs out in ${daysLeft} days: ${said}`, () =>
      assert.equal(say(withApps(inDays(daysLeft)), 'licenses'), said));
  }

  test('what runs out soon is worse than what is low, and what is used up is worst', () => {
    const low = app('Low', 96, 100);
    const names = (...apps: Parameters<typeof withApps>) =>
      detailOf(withApps(...apps), 'licenses')?.apps?.map(({ name }) => name);
    assert.equal(say(withApps(low, inDays(14)), 'licenses'), 'runsOut14');
    assert.equal(say(withApps(low, inDays(20)), 'licenses'), 'low');
    assert.equal(say(withApps(inDays(3), app('Full', 5, 5)), 'licenses'), 'usedUp');
    assert.deepEqual(names(low, inDays(9), inDays(2), inDays(15), app('Full', 5, 5)), ['Full', 'In 2', 'In 9', 'Low']);
    assert.deepEqual(detailOf(withApps({ ...low, daysLeft: 20 }), 'licenses'), { apps: [low] });
    assert.deepEqual(detailOf(withApps(inDays(9)), 'licenses'), { apps: [inDays(9)] });
  });

  test('says when Intune does not say for certain whose apps they are', () => {
    const facts = factsOf({}, { apps: { apps: [app('Low', 96, 100)], isApproximate: true } });
    assert.equal(detailOf(facts, 'licenses')?.isApproximate, true);
  });
});

suite('of any token', () => {
  const date = fc.option(
    fc.integer({ min: -40 * dayMs, max: 40 * dayMs }).map((ms) => iso(now + ms)),
    { nil: undefined },
  );
  const states = ['unknown', 'valid', 'expired', 'invalid', 'assignedToExternalMDM', 'duplicateLocationId', 'odd'];
  const statuses = ['none', 'inProgress', 'completed', 'failed', 'unknown', 'odd'];
  const anyFacts = fc
    .record({
      state: fc.constantFrom(...states),
      lastSyncStatus: fc.constantFrom(...statuses),
      dates: fc.tuple(date, date, date),
    })
    .map(({ state, lastSyncStatus, dates: [expiry, synced, modified] }): TokenHistory => {
      const token = { id: 'token-1', state, lastSyncStatus };
      return {
        token: {
          ...token,
          ...(expiry && { expirationDateTime: expiry }),
          ...(synced && { lastSyncDateTime: synced }),
          ...(modified && { lastModifiedDateTime: modified }),
        },
        firstSeenAt: now - dayMs,
      };
    });

  test('every condition is observed exactly once, with a stage of its own ladder', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const observed = observeToken(facts, now);
        assert.deepEqual(observed.map(({ condition }) => condition).sort(), [...chosenConditions].sort());
        for (const each of observed) {
          if (each.is === 'present')
            assert.ok((conditionStages[each.condition] as readonly string[]).includes(each.stage));
        }
      }),
    );
  });

  test('an alert never disagrees with the card of its token', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { token } = facts;
        const expiry = findExpiry(token, now);
        const stage = say(facts, 'expiring');
        if (stage.startsWith('d')) {
          assert.equal(expiry?.stage, 'soon');
          const most = { d1: 2, d0: 1 }[stage] ?? Number(stage.slice(1));
          assert.ok(expiry.days <= most && expiry.days >= 0, `${stage} with ${expiry.days} days`);
        } else assert.ok(stage !== 'resolved' || expiry?.stage === 'later');
        if (say(facts, 'syncStuck') === 'syncStuck') assert.ok(isStuck(token, now));
        const isOld = say(facts, 'syncStale').startsWith('h') && token.lastSyncDateTime !== undefined;
        if (isOld) assert.ok(isStale(token, now));
      }),
    );
  });

  test('expired, expiring and invalid by its date are never present side by side', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (say(facts, 'expired') !== 'expired') return;
        assert.equal(say(facts, 'expiring'), 'superseded');
        assert.equal(say(facts, 'invalid'), 'superseded');
      }),
    );
  });
});
