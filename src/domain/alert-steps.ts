import { isDeepStrictEqual } from 'node:util';
import { dayMs } from '../lib/time.ts';
import {
  type Alert,
  type AlertEnding,
  type AlertEvent,
  type EndedAlert,
  endsFlapping,
  findNextStageAt,
  flapMs,
  hasEnded,
  isAnnounced,
  isFlapping,
  isReopening,
  isSuppressionOver,
  stageIndex,
  suppressReopen,
} from './alert.ts';
import type { Observed } from './alert-observations.ts';
import type { VppToken } from './token.ts';

interface StepContext {
  readonly tenantId: string;
  /** Empty for `monitoringBroken`. */
  readonly tokenId: string;
  /** As this pass read it. */
  readonly token?: VppToken;
  /** Epoch milliseconds; may be earlier than at the last step. */
  readonly now: number;
  readonly newId: () => string;
}

/** `alert` is present only when it changed: its revision is one more. An event never comes without it. */
interface AlertStep {
  readonly alert?: Alert;
  /** Absent when only the token's own data changed. */
  readonly event?: AlertEvent;
}

/**
 * Applies one observation to the alert of its condition.
 * `alert` is the newest one of that token and condition that is open or that ended within the last `flapMs`; pass undefined for one
 * that ended earlier. `unknown` leaves it as it was last seen, but reminders and ends of suppressions that are due still happen.
 */
export function stepAlert(alert: Alert | undefined, observed: Observed, at: StepContext): AlertStep {
  if (!alert || hasEnded(alert)) {
    if (observed.is !== 'present') return {};
    return alert && isReopening(alert, at.now) ? reopenAlert(alert, observed, at) : openAlert(observed, at, alert);
  }
  return observed.is === 'absent' ? endAlert(alert, observed.ending, at) : updateAlert(alert, observed, at);
}

type Present = Extract<Observed, { is: 'present' }>;

function openAlert(
  { condition, stage, detail }: Present,
  { tenantId, tokenId, token, now, newId }: StepContext,
  last: EndedAlert | undefined,
): AlertStep {
  const subject = { id: newId(), tenantId, tokenId, condition, ...(token && { token }) };
  const returned = last && isFlapping(last, stage, now) && { returnedAt: now };
  const alert = { ...subject, stage, revision: 1, openedAt: now, notifiedAt: now, ...returned, detail };
  return { alert, event: { kind: 'opened', alert } };
}

function updateAlert(alert: Alert, observed: Exclude<Observed, { is: 'absent' }>, at: StepContext): AlertStep {
  const current = withObservation(alert, observed, at.token);
  const kind = findAnnouncement(alert, observed, at.now);
  if (kind === undefined) return current === alert ? {} : changeAlert(current, alert);
  const { suppressedUntil, snoozed, ...rest } = current;
  const stage = kind === 'escalated' && observed.is === 'present' ? observed.stage : alert.stage;
  const announced = { ...rest, stage, notifiedAt: at.now, revision: alert.revision + 1 };
  return { alert: announced, event: { kind, alert: announced } };
}

/** Other numbers, apps or causes are shown by editing the message: at most one edit per pass, and nobody is notified. */
function changeAlert(current: Alert, before: Alert): AlertStep {
  const alert = { ...current, revision: before.revision + 1 };
  return current.detail === before.detail ? { alert } : { alert, event: { kind: 'changed', alert } };
}

/** The same alert, open again: announced at once if it got worse or was last announced long ago, else an edit of its message. */
function reopenAlert(ended: EndedAlert, observed: Present, at: StepContext): AlertStep {
  const reopened = suppressReopen(ended, at.now);
  const step = updateAlert(reopened, observed, at);
  if (step.event && isAnnounced(step.event.kind)) return step;
  const alert = { ...(step.alert ?? reopened), revision: ended.revision + 1 };
  return { alert, event: { kind: 'returned', alert } };
}

/** Only a recovery is announced, and not that of a warning which comes and goes. */
function endAlert(open: Alert, ending: AlertEnding, { token, now }: StepContext): AlertStep {
  const { snoozed, ...rest } = open;
  const suppressedUntil = open.suppressedUntil ?? (endsFlapping(open, now) ? now + flapMs : undefined);
  const isSilent = ending === 'resolved' && suppressedUntil !== undefined;
  const kind = isSilent ? 'changed' : ending;
  const alert = {
    ...rest,
    ...(token && { token }),
    ...(kind === 'resolved' && { notifiedAt: now }),
    ...(isSilent && { suppressedUntil }),
    endedAt: now,
    ending,
    revision: open.revision + 1,
  };
  return { alert, event: { kind, alert } };
}

const remindEveryMs = dayMs;

/** The announcement that is due for an open alert now. Any announcement ends its snooze and its suppression. */
function findAnnouncement(
  alert: Alert,
  observed: Observed,
  now: number,
): 'escalated' | 'reminded' | 'cameBack' | undefined {
  const { condition, stage, notifiedAt, snoozed, suppressedUntil } = alert;
  if (observed.is === 'present' && stageIndex(condition, observed.stage) > stageIndex(condition, stage))
    return 'escalated';
  // After the clock was set back nobody knows how long ago the last announcement was.
  const isSilent = now - notifiedAt >= remindEveryMs || now < notifiedAt;
  if (condition === 'expired' && isSilent) return suppressedUntil === undefined ? 'reminded' : 'cameBack';
  if (snoozed) return isSnoozeOver(snoozed, now) ? 'reminded' : undefined;
  return isSuppressionOver(alert, now) ? 'cameBack' : undefined;
}

/**
 * The alert with the present token and numbers. Returns the very same object when a card would show no difference, and keeps the very
 * same detail when only the token differs. Intune updates `lastModifiedDateTime` often, so that date alone is no difference.
 */
function withObservation(alert: Alert, observed: Observed, token: VppToken | undefined): Alert {
  const isSameDetail = observed.is !== 'present' || isDeepStrictEqual(observed.detail, alert.detail);
  const isSameToken = token === undefined || isDeepStrictEqual(shown(token), alert.token && shown(alert.token));
  if (isSameToken && isSameDetail) return alert;
  const detail = isSameDetail ? alert.detail : observed.detail;
  return { ...alert, detail, ...(token && { token }) };
}

const shown = ({ lastModifiedDateTime, ...token }: VppToken) => token;

/** A pass's result for one condition of one token; of the tenant itself when the id is empty. */
export interface TokenObservation {
  readonly tokenId: string;
  readonly token?: VppToken;
  readonly observed: Observed;
}

interface ChangedAlert {
  readonly alert: Alert;
  readonly event?: AlertEvent;
}

/**
 * Steps the alerts of a tenant, one observation at a time: gives the alert that it changes or opens, if it does. `alerts` are the open
 * ones and those that ended within `flapMs`.
 */
export function createStepAlerts(
  alerts: readonly Alert[],
  at: { readonly tenantId: string; readonly now: number; readonly newId: () => string },
): (observation: TokenObservation) => ChangedAlert | undefined {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    const key = keyOf(alert.tokenId, alert.condition);
    const other = newest.get(key);
    if (!other || isNewer(alert, other)) newest.set(key, alert);
  }
  return ({ tokenId, token, observed }) => {
    const last = newest.get(keyOf(tokenId, observed.condition));
    const { alert, event } = stepAlert(last, observed, { ...at, tokenId, ...(token && { token }) });
    return alert && { alert, ...(event && { event }) };
  };
}

const keyOf = (tokenId: string, condition: string) => `${tokenId} ${condition}`;

/** An open alert is newer than all that ended. */
const isNewer = (alert: Alert, than: Alert) =>
  (alert.endedAt ?? Number.POSITIVE_INFINITY) > (than.endedAt ?? Number.POSITIVE_INFINITY);

const mostSnoozeDays = 3;

/**
 * Suppresses announcements of this alert for that many days, but not past the instant at which it gets worse: a worse stage ends the
 * snooze, and so does the end of the alert. `expired` cannot be snoozed. A later snooze replaces an earlier one.
 */
export function snooze(
  alert: Alert,
  by: string,
  days: 1 | typeof mostSnoozeDays,
  now: number,
): { readonly alert: Alert } | { readonly refused: 'ended' | 'expired' } {
  if (hasEnded(alert)) return { refused: 'ended' };
  if (alert.condition === 'expired') return { refused: 'expired' };
  const worseAt = findNextStageAt(alert) ?? Number.POSITIVE_INFINITY;
  const until = Math.max(now, Math.min(now + days * dayMs, worseAt));
  return { alert: { ...alert, snoozed: { by, at: now, until }, revision: alert.revision + 1 } };
}

/** True as well when its end is further away than any snooze lasts: then the clock was set back, which must not prolong it. */
const isSnoozeOver = ({ until }: { readonly until: number }, now: number): boolean =>
  now >= until || until - now > mostSnoozeDays * dayMs;

/**
 * Marks the alert as acknowledged by a person; a later person replaces an earlier one. Suppresses nothing.
 * Undefined when there is nothing to change: it has ended, or they acknowledged it already.
 */
export function acknowledge(alert: Alert, by: string, now: number): Alert | undefined {
  if (hasEnded(alert) || alert.acknowledged?.by === by) return undefined;
  return { ...alert, acknowledged: { by, at: now }, revision: alert.revision + 1 };
}

/**
 * Takes back what somebody did last: the snooze or the acknowledgement. A snooze that is over is no longer anything to take back.
 * What the snooze kept back is not announced afterwards; a worse stage still is.
 */
export function undo(
  alert: Alert,
  now: number,
): { readonly alert: Alert } | { readonly refused: 'ended' | 'notTaken' } {
  if (hasEnded(alert)) return { refused: 'ended' };
  const last = lastTaken(alert, now);
  if (last === undefined) return { refused: 'notTaken' };
  const { [last]: _, ...rest } = alert;
  return { alert: { ...rest, revision: alert.revision + 1 } };
}

/** What somebody did last about an alert, as far as it still holds. */
export function lastTaken({ acknowledged, snoozed }: Alert, now: number): 'acknowledged' | 'snoozed' | undefined {
  const isSnoozed = snoozed !== undefined && !isSnoozeOver(snoozed, now);
  if (isSnoozed && snoozed.at >= (acknowledged?.at ?? 0)) return 'snoozed';
  return acknowledged ? 'acknowledged' : isSnoozed ? 'snoozed' : undefined;
}
