import { letOthersRun } from './async.ts';
import { backOffMs } from './retry.ts';
import type { Log, Runtime } from './runtime.ts';

interface WorkerLoopParts {
  /** One pass. Resolves to the milliseconds to rest after it. After rejections in a row, rests double each time. */
  readonly pass: () => Promise<number>;
  readonly wait: Runtime['wait'];
  readonly onFailure: (error: unknown) => void;
  /** Longest rest after failures in a row, 30 s by default. */
  readonly longestRestMs?: number;
}

interface WorkerLoop {
  readonly stopping: AbortSignal;
  start(): void;
  /** Ends the rest, now or right after the running pass. */
  wake(): void;
  /** Starts no further pass. Resolves once the running one is over. */
  stop(): Promise<void>;
}

/** Runs passes one after another, never two at once, until it is stopped. */
export function createWorkerLoop({ pass, wait, onFailure, longestRestMs = 30_000 }: WorkerLoopParts): WorkerLoop {
  const stopping = new AbortController();
  let waking = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      // Made before the pass: a wake during it may concern work that the pass has already checked.
      waking = new AbortController();
      let restMs: number;
      try {
        restMs = await pass();
        failures = 0;
      } catch (error) {
        onFailure(error);
        restMs = backOffMs(failures, { firstMs: 1_000, longestMs: longestRestMs });
        failures += 1;
      }
      await wait(restMs, AbortSignal.any([stopping.signal, waking.signal]));
      // Woken during every pass, it would leave no time for anything else, and all wakes until here need one pass only.
      await letOthersRun();
    }
  }

  return {
    stopping: stopping.signal,
    start() {
      running ??= run();
    },
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** A process that was away renews its claims within this many passes of another. */
const gracePasses = 2;

/** After the database was away, owners get time to renew their claims before others take over their work. */
export function createTakeoverGrace() {
  let passesLeft = 0;
  return {
    /** Call when the database was away. */
    begin(): void {
      passesLeft = gracePasses;
    },
    /** Call once per pass: true when this pass must take nothing over. */
    coversPass(): boolean {
      if (passesLeft === 0) return false;
      passesLeft -= 1;
      return true;
    },
  };
}

interface LeaseParts {
  /** Resolves to false when somebody else holds the lease by now. */
  readonly renew: () => Promise<boolean>;
  readonly everyMs: number;
  readonly wait: Runtime['wait'];
  /** Called once when the lease is somebody else's. */
  readonly onLost: () => void;
}

/** Does work under a lease, and renews the lease until the work has ended. Settles like the work. */
export async function whileLeased<T>({ renew, everyMs, wait, onLost }: LeaseParts, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();

  async function keepRenewing(): Promise<void> {
    for (;;) {
      await wait(everyMs, done.signal);
      if (done.signal.aborted) return;
      // A failed renewal is not a lost lease: with the database down nobody else can claim it.
      if (await renew().catch(() => true)) continue;
      return onLost();
    }
  }

  const renewing = keepRenewing();
  try {
    return await work();
  } finally {
    done.abort();
    await renewing;
  }
}

export interface Background {
  /** Lets work go on after its turn was answered. Its failure is logged, never thrown. */
  run(work: Promise<unknown>): void;
  /** Resolves when all of it is done, work added meanwhile included. */
  drain(): Promise<void>;
}

/** Work that outlives the HTTP request it came with; a stopping process waits for it. */
export function createBackground(log: Pick<Log, 'error'>): Background {
  const running = new Set<Promise<unknown>>();
  return {
    run(work) {
      const watched: Promise<unknown> = work
        .catch((error: unknown) => log.error({ err: error }, 'work in the background failed'))
        .finally(() => running.delete(watched));
      running.add(watched);
    },
    async drain() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
