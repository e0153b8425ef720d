import type { Alert } from './alert.ts';
import { rungOf } from './condition.ts';
import { isHushOver } from './flapping.ts';
import type { Observed } from './observed.ts';
import { isSnoozeOver } from './snooze.ts';

const remindEveryMs = 24 * 60 * 60 * 1000;

/** What of an open alert is to be told aloud now. Whatever is told ends its snooze and its hush. */
export function findReasonToTell(
  alert: Alert,
  observed: Observed,
  now: number,
): 'escalated' | 'reminded' | 'cameBack' | undefined {
  const { condition, stage, notifiedAt, snoozed, hushedUntil } = alert;
  if (observed.is === 'present' && rungOf(condition, observed.stage) > rungOf(condition, stage)) return 'escalated';
  // How long ago it was told, a clock that was set back since cannot say.
  const isSilent = now - notifiedAt >= remindEveryMs || now < notifiedAt;
  if (condition === 'expired' && isSilent) return hushedUntil === undefined ? 'reminded' : 'cameBack';
  if (snoozed) return isSnoozeOver(snoozed, now) ? 'reminded' : undefined;
  return isHushOver(alert, now) ? 'cameBack' : undefined;
}
