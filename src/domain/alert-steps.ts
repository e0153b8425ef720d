import { isDeepStrictEqual } from 'node:util';
import { dayMs } from '../lib/time.ts';
import {
  type Alert,
  type AlertEnding,
  type AlertEvent,
  type EndedAlert,
  findNextStageAt,
  hasEnded,
  isAnnounced,
  isReopening,
  isSuppressionOver,
  stageIndex,
  suppressReopen,
} from './alert.ts';
import type { Observed } from './alert-observations.ts';
import type { VppToken } from './token.ts';

interface StepAt {
  readonly tenantId: string;
  /** Empty for `monitoringBroken`. */
  readonly tokenId: string;
  /** As the look saw it. */
  readonly token?: VppToken;
  /** Epoch milliseconds; may be earlier than at the last step. */
  readonly now: number;
  readonly newId: () => string;
}

/** The alert is there only when it changed: its revision is one more. An event never comes without it. */
interface AlertStep {
  readonly alert?: Alert;
  /** Absent when only the token's own data changed. */
  readonly event?: AlertEvent;
}

/**
 * What a look at one condition makes of its alert.
 * `alert` is the newest of that token and condition that is open or that ended within the last `flapMs`; one that ended earlier counts
 * as none. `unknown` leaves it as it was last seen, but what is due by time is told all the same.
 */
export function stepAlert(alert: Alert | undefined, observed: Observed, at: StepAt): AlertStep {
  if (!alert || hasEnded(alert)) {
    if (observed.is !== 'present') return {};
    return alert && isReopening(alert, at.now) ? comeBack(alert, observed, at) : open(observed, at);
  }
  return observed.is === 'absent' ? end(alert, observed.ending, at) : goOn(alert, observed, at);
}

type Present = Extract<Observed, { is: 'present' }>;

function open({ condition, stage, detail }: Present, { tenantId, tokenId, token, now, newId }: StepAt): AlertStep {
  const subject = { id: newId(), tenantId, tokenId, condition, ...(token && { token }) };
  const alert = { ...subject, stage, revision: 1, openedAt: now, notifiedAt: now, detail };
  return { alert, event: { kind: 'opened', alert } };
}

function goOn(alert: Alert, observed: Exclude<Observed, { is: 'absent' }>, at: StepAt): AlertStep {
  const seen = withFacts(alert, observed, at.token);
  const kind = findReasonToTell(alert, observed, at.now);
  if (kind === undefined) return seen === alert ? {} : changed(seen, alert);
  const { suppressedUntil, snoozed, ...rest } = seen;
  const stage = kind === 'escalated' && observed.is === 'present' ? observed.stage : alert.stage;
  const told = { ...rest, stage, notifiedAt: at.now, revision: alert.revision + 1 };
  return { alert: told, event: { kind, alert: told } };
}

/** Other numbers, apps or causes are shown on what stands there: one edit at each look at the most, and nobody is disturbed. */
function changed(seen: Alert, before: Alert): AlertStep {
  const alert = { ...seen, revision: before.revision + 1 };
  return seen.detail === before.detail ? { alert } : { alert, event: { kind: 'changed', alert } };
}

/** Open again as the same alert: told at once if it is worse than before or if nobody heard of it for long, else an edit where it stands. */
function comeBack(ended: EndedAlert, observed: Present, at: StepAt): AlertStep {
  const back = suppressReopen(ended, at.now);
  const step = goOn(back, observed, at);
  if (step.event && isAnnounced(step.event)) return step;
  const alert = { ...(step.alert ?? back), revision: ended.revision + 1 };
  return { alert, event: { kind: 'returned', alert } };
}

/** Only a recovery is told, and not that of a return which was not told either. */
function end(open: Alert, ending: AlertEnding, { token, now }: StepAt): AlertStep {
  const { snoozed, ...rest } = open;
  const kind = ending === 'resolved' && open.suppressedUntil !== undefined ? 'changed' : ending;
  const alert = {
    ...rest,
    ...(token && { token }),
    ...(kind === 'resolved' && { notifiedAt: now }),
    endedAt: now,
    ending,
    revision: open.revision + 1,
  };
  return { alert, event: { kind, alert } };
}

/** What a pass has to say of one condition of one token; of the tenant itself when the id is empty. */
export interface TokenObservation {
  readonly tokenId: string;
  readonly token?: VppToken;
  readonly observed: Observed;
}

interface ChangedAlert {
  readonly alert: Alert;
  readonly event?: AlertEvent;
}

/** Every alert of a tenant that a pass changes, or begins. `alerts` are the open ones and those that ended lately. */
export function stepAlerts(
  alerts: readonly Alert[],
  sightings: readonly TokenObservation[],
  at: { readonly tenantId: string; readonly now: number; readonly newId: () => string },
): ChangedAlert[] {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    const key = keyOf(alert.tokenId, alert.condition);
    const other = newest.get(key);
    if (!other || isNewer(alert, other)) newest.set(key, alert);
  }
  return sightings.flatMap(({ tokenId, token, observed }) => {
    const last = newest.get(keyOf(tokenId, observed.condition));
    const { alert, event } = stepAlert(last, observed, { ...at, tokenId, ...(token && { token }) });
    return alert ? [{ alert, ...(event && { event }) }] : [];
  });
}

const keyOf = (tokenId: string, condition: string) => `${tokenId} ${condition}`;

/** One that is open is newer than all that ended. */
const isNewer = (alert: Alert, than: Alert) =>
  (alert.endedAt ?? Number.POSITIVE_INFINITY) > (than.endedAt ?? Number.POSITIVE_INFINITY);

const remindEveryMs = dayMs;

/** What of an open alert is to be told aloud now. Whatever is told ends its snooze and its hush. */
function findReasonToTell(
  alert: Alert,
  observed: Observed,
  now: number,
): 'escalated' | 'reminded' | 'cameBack' | undefined {
  const { condition, stage, notifiedAt, snoozed, suppressedUntil } = alert;
  if (observed.is === 'present' && stageIndex(condition, observed.stage) > stageIndex(condition, stage))
    return 'escalated';
  // How long ago it was told, a clock that was set back since cannot say.
  const isSilent = now - notifiedAt >= remindEveryMs || now < notifiedAt;
  if (condition === 'expired' && isSilent) return suppressedUntil === undefined ? 'reminded' : 'cameBack';
  if (snoozed) return isSnoozeOver(snoozed, now) ? 'reminded' : undefined;
  return isSuppressionOver(alert, now) ? 'cameBack' : undefined;
}

/**
 * The alert with the token and the numbers as they are now; the very same object when nothing differs that a card would show, and with
 * its very own detail when only the token does. Intune
 * touches `lastModifiedDateTime` more often than anybody reads it, so that date alone is no difference.
 */
function withFacts(alert: Alert, observed: Observed, token: VppToken | undefined): Alert {
  const isSameDetail = observed.is !== 'present' || isDeepStrictEqual(observed.detail, alert.detail);
  const isSameToken = token === undefined || isDeepStrictEqual(shown(token), alert.token && shown(alert.token));
  if (isSameToken && isSameDetail) return alert;
  const detail = isSameDetail ? alert.detail : observed.detail;
  return { ...alert, detail, ...(token && { token }) };
}

const shown = ({ lastModifiedDateTime, ...token }: VppToken) => token;

const mostDays = 3;

/**
 * Silent about this alert for that many days, but not past the instant at which it gets worse: a worse stage ends the snooze, and so
 * does the end of the alert. `expired` cannot be snoozed. A later snooze takes the place of an earlier one.
 */
export function snooze(
  alert: Alert,
  by: string,
  days: 1 | typeof mostDays,
  now: number,
): { readonly alert: Alert } | { readonly refused: 'ended' | 'expired' } {
  if (hasEnded(alert)) return { refused: 'ended' };
  if (alert.condition === 'expired') return { refused: 'expired' };
  const worseAt = findNextStageAt(alert) ?? Number.POSITIVE_INFINITY;
  const until = Math.max(now, Math.min(now + days * dayMs, worseAt));
  return { alert: { ...alert, snoozed: { by, until }, revision: alert.revision + 1 } };
}

/** True as well when its end is further off than any snooze lasts: the clock was set back, which must not lengthen it. */
const isSnoozeOver = ({ until }: { readonly until: number }, now: number): boolean =>
  now >= until || until - now > mostDays * dayMs;

/**
 * Somebody takes the alert; who takes it later takes it over. It silences nothing.
 * Undefined when there is nothing to change: it has ended, or is theirs already.
 */
export function acknowledge(alert: Alert, by: string, now: number): Alert | undefined {
  if (hasEnded(alert) || alert.acknowledged?.by === by) return undefined;
  return { ...alert, acknowledged: { by, at: now }, revision: alert.revision + 1 };
}
