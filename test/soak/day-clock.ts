import { wait } from '../../src/lib/async.ts';

export type DayClock = ReturnType<typeof createDayClock>;

/** Time that passes `speed` times faster than it does, for clocks and waits alike, and that can be put forward besides. */
export function createDayClock(startsAt: number, speed: number) {
  let pace = speed;
  let [since, sinceAt] = [performance.now(), startsAt];
  const now = () => Math.floor(sinceAt + (performance.now() - since) * pace);
  const goOn = (at: number) => {
    [since, sinceAt] = [performance.now(), at];
  };
  return {
    now,
    wait: (ms: number, signal?: AbortSignal) => wait(ms / pace, signal),
    /** Never back. */
    putForwardTo: (at: number) => goOn(Math.max(at, now())),
    /** While this work goes on, time passes as it does: deadlines of what this machine itself has to do are real. */
    async inRealTime(work: () => Promise<void>): Promise<void> {
      goOn(now());
      pace = 1;
      await work();
      goOn(now());
      pace = speed;
    },
  };
}
