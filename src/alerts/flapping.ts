import type { Alert } from './alert.ts';

const minuteMs = 60_000;

/** Back within this time it is the same alert, and its return is not told at once. */
export const flapMs = 30 * minuteMs;
/** However fast it comes and goes: a return is told when nobody heard of the alert for this long. */
export const longestHushMs = 2 * 60 * minuteMs;

export type Ended = Alert & { readonly endedAt: number };

export const hasEnded = (alert: Alert): alert is Ended => alert.endedAt !== undefined;

export const isReturn = ({ endedAt }: Ended, now: number): boolean => now - endedAt < flapMs;

/** The ended alert, open again, with the time from which its return is to be told, if it is to be told at all. */
export function hush({ endedAt, ending, hushedUntil, ...ended }: Ended, now: number): Alert {
  const alert = { ...ended, returnedAt: now };
  const toldBy = alert.notifiedAt + longestHushMs;
  // A clock that was set back would make the end one that is still to come.
  const settled = Math.min(endedAt, now) + flapMs;
  if (hushedUntil !== undefined) return { ...alert, hushedUntil: Math.min(settled, toldBy) };
  if (ending === 'resolved') return { ...alert, hushedUntil: settled };
  // Nobody was told that it ended, so nobody needs to be told of its return, unless it is long ago that they heard of it.
  return toldBy <= now ? { ...alert, hushedUntil: now } : alert;
}

export const isHushOver = ({ hushedUntil }: Alert, now: number): boolean =>
  hushedUntil !== undefined && (now >= hushedUntil || now < hushedUntil - flapMs);
