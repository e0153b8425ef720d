import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import {
  type Alert,
  type AlertEventKind,
  type Condition,
  findNextStageAt,
  flapMs,
  isAnnounced,
  type Stage,
  severityOf,
  stageIndex,
} from '../../src/domain/alert.ts';
import type { Observed } from '../../src/domain/alert-observations.ts';
import { acknowledge, snooze, stepAlert } from '../../src/domain/alert-steps.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { dayMs, hourMs } from '../../src/lib/time.ts';
import { tenantId } from '../support/turns.ts';

/** One announcement of an alert. */
interface Announcement {
  readonly at: number;
  readonly kind: AlertEventKind;
  readonly stage: Stage;
}

/**
 * Alerts as the store keeps them, and the announcements of each. Every change is checked against what must always hold, whatever
 * happens in whatever order; a clock may be set to anything at any time.
 */
export function createAlertWorld(startAt: number) {
  let stored: Alert[] = [];
  const announcements = new Map<string, Announcement[]>();
  const world = {
    now: startAt,
    observe,
    act,
    restart,
    announcementsOf: (id: string) => announcements.get(id) ?? [],
    all: () => stored,
  };
  return world;

  function find(tokenId: string, condition: Condition): Alert | undefined {
    const theirs = stored.filter((alert) => alert.tokenId === tokenId && alert.condition === condition);
    const open = theirs.filter(({ endedAt }) => endedAt === undefined);
    assert.ok(open.length <= 1, 'at most one is open');
    // The query of src/domain/alert-repositories.ts `listOfTenant`; the newest is the one stored last.
    return open[0] ?? theirs.findLast(({ endedAt = 0 }) => endedAt >= world.now - flapMs);
  }

  function observe(tokenId: string, observed: Observed, token?: VppToken) {
    const before = find(tokenId, observed.condition);
    const newId = () => `alert-${stored.length + 1}`;
    const at = { tenantId, tokenId, now: world.now, newId, ...(token && { token }) };
    const { alert, event } = stepAlert(before, observed, at);
    if (alert) {
      const isSame = isDeepStrictEqual({ ...alert, revision: 0 }, { ...before, revision: 0 });
      assert.ok(!isSame, 'an alert is returned only when it changed');
      put(before?.id === alert.id ? before : undefined, alert);
    }
    if (event) {
      assert.equal(event.alert, alert, 'an event carries the alert as it is after it');
      if (isAnnounced(event.kind)) {
        const { id, stage } = event.alert;
        announcements.set(id, [...world.announcementsOf(id), { at: world.now, kind: event.kind, stage }]);
      }
    }
    checkLook(before, find(tokenId, observed.condition), observed, event?.kind);
    return { alert, event };
  }

  function act(tokenId: string, condition: Condition, doing: 'acknowledge' | 'snooze1' | 'snooze3') {
    const alert = find(tokenId, condition);
    if (!alert) return;
    if (doing === 'acknowledge') {
      const taken = acknowledge(alert, 'Ada', world.now);
      if (taken) put(alert, taken);
      assert.ok(taken === undefined || alert.endedAt === undefined);
      return;
    }
    const result = snooze(alert, 'Ada', doing === 'snooze1' ? 1 : 3, world.now);
    if (!('alert' in result)) {
      assert.ok(alert.endedAt !== undefined || condition === 'expired');
      return;
    }
    assert.notEqual(condition, 'expired', 'a snooze never hides expired');
    const until = result.alert.snoozed?.until ?? Number.NaN;
    const worseAt = findNextStageAt(alert) ?? Number.POSITIVE_INFINITY;
    assert.ok(until <= world.now + 3 * dayMs && until <= Math.max(worseAt, world.now));
    put(alert, result.alert);
  }

  function restart() {
    const reborn: Alert[] = JSON.parse(JSON.stringify(stored));
    assert.deepEqual(reborn, stored, 'nothing of an alert is lost on its way through JSON');
    stored = reborn;
  }

  function put(before: Alert | undefined, alert: Alert) {
    assert.equal(alert.revision, (before?.revision ?? 0) + 1, 'a revision for every change');
    assert.ok(before || !stored.some(({ id }) => id === alert.id));
    stored = [...stored.filter(({ id }) => id !== alert.id), alert];
  }

  function checkLook(before: Alert | undefined, after: Alert | undefined, observed: Observed, kind?: AlertEventKind) {
    const wasOpen = before !== undefined && before.endedAt === undefined;
    const isOpen = after !== undefined && after.endedAt === undefined;
    assert.equal(
      isOpen,
      observed.is === 'unknown' ? wasOpen : observed.is === 'present',
      'it is open exactly while it lasts',
    );
    if (!after) return;
    const known = world.announcementsOf(after.id);
    const last = known.at(-1);
    assert.equal(known[0]?.kind, 'opened');
    assert.equal(known.filter((each) => each.kind === 'opened').length, 1, 'its opening is announced once');
    const stages = known
      .filter((each) => each.kind === 'opened' || each.kind === 'escalated')
      .map(({ stage }) => stage);
    assert.deepEqual(stages, [...new Set(stages)], 'each stage is announced once');
    assert.deepEqual(
      stages,
      stages.toSorted((a, b) => stageIndex(after.condition, a) - stageIndex(after.condition, b)),
    );
    assert.equal(stages.at(-1), after.stage, 'and the worst it reached was announced');
    if (observed.is === 'present') {
      assert.ok(stageIndex(after.condition, after.stage) >= stageIndex(after.condition, observed.stage));
    }
    if (!isOpen) {
      assert.ok(!after.snoozed, 'no snooze outlasts its alert');
      if (wasOpen && after.ending === 'resolved' && after.suppressedUntil === undefined)
        assert.equal(last?.kind, 'resolved', 'a recovery is known to everybody');
      return;
    }
    checkSilence(after, known, kind);
  }

  function checkSilence(alert: Alert, known: readonly Announcement[], kind?: AlertEventKind) {
    const last = known.at(-1);
    const silentMs = world.now - (last?.at ?? Number.NaN);
    if (alert.condition === 'expired') {
      assert.ok(!alert.snoozed && silentMs >= 0 && silentMs < dayMs, 'expired is never silent for a day');
    }
    if (alert.snoozed) {
      assert.ok(world.now < alert.snoozed.until);
      assert.ok(kind === undefined || !isAnnounced(kind), 'a snoozed alert is not announced');
      return;
    }
    assert.notEqual(last?.kind, 'resolved', 'an announced end is final');
    // Its card alone says that it is back: never for long.
    if (alert.suppressedUntil !== undefined) {
      const leftMs = alert.suppressedUntil - world.now;
      assert.ok(severityOf(alert.stage) !== 'critical' || alert.ending !== 'resolved');
      assert.ok(leftMs > 0 && leftMs <= flapMs && (silentMs < 0 || silentMs + leftMs <= 2 * hourMs));
    }
  }
}
