import { wait } from '../../src/wait.ts';

export type DayClock = ReturnType<typeof createDayClock>;

/** Time that passes `speed` times faster than it does, for clocks and waits alike, and that can be put forward besides. */
export function createDayClock(startsAt: number, speed: number) {
  const began = performance.now();
  let ahead = 0;
  const now = () => Math.floor(startsAt + (performance.now() - began) * speed + ahead);
  return {
    now,
    wait: (ms: number, signal?: AbortSignal) => wait(ms / speed, signal),
    /** Never back. */
    putForwardTo(at: number): void {
      ahead += Math.max(0, at - now());
    },
  };
}
