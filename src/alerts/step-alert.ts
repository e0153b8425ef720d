import type { VppToken } from '../graph/vpp-token.ts';
import { type Alert, type AlertEnding, type AlertEvent, isToldAloud } from './alert.ts';
import { type Ended, hasEnded, hush, isReturn } from './flapping.ts';
import type { Observed } from './observed.ts';
import { findReasonToTell } from './reason-to-tell.ts';
import { withFacts } from './with-facts.ts';

export interface StepAt {
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
export interface AlertStep {
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
    return alert && isReturn(alert, at.now) ? comeBack(alert, observed, at) : open(observed, at);
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
  const { hushedUntil, snoozed, ...rest } = seen;
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
function comeBack(ended: Ended, observed: Present, at: StepAt): AlertStep {
  const back = hush(ended, at.now);
  const step = goOn(back, observed, at);
  if (step.event && isToldAloud(step.event)) return step;
  const alert = { ...(step.alert ?? back), revision: ended.revision + 1 };
  return { alert, event: { kind: 'returned', alert } };
}

/** Only a recovery is told, and not that of a return which was not told either. */
function end(open: Alert, ending: AlertEnding, { token, now }: StepAt): AlertStep {
  const { snoozed, ...rest } = open;
  const kind = ending === 'resolved' && open.hushedUntil !== undefined ? 'changed' : ending;
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
