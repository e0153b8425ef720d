import { setImmediate as nextTick } from 'node:timers/promises';

/** A clock that stops until it is moved; waits end when their time has come, in order. */
export function createClock(startAt = 0) {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const clock = {
    at: startAt,
    now: () => clock.at,
    async wait(ms: number, signal?: AbortSignal): Promise<void> {
      if (signal?.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { at: clock.at + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      sleepers.delete(sleeper);
    },
    async advance(ms: number): Promise<void> {
      const until = clock.at + ms;
      await settle();
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
        if (!next) break;
        clock.at = Math.max(clock.at, next.at);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      clock.at = until;
    },
  };
  return clock;
}

/** Lets everything happen that needs no time of the clock; writing to the disk does not. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 30; turns += 1) {
    await nextTick();
    if (process.getActiveResourcesInfo().includes('FSReqCallback')) turns = 0;
  }
}
