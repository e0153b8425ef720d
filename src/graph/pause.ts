import { setTimeout } from 'node:timers/promises';

/** Real time's `wait`. Rejects as soon as the signal is aborted. */
export async function waitRealTime(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal ? { signal } : {});
}

/** Settles like the promise, unless the signal is aborted first: then rejects at once with the signal's own reason. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Spread of a quarter to either side, so that many callers do not come back together. */
export function withJitter(ms: number, random: () => number): number {
  return Math.round(ms * (0.75 + random() * 0.5));
}
