export interface WorkerLoopParts {
  /** One pass. Resolves to how long to rest after it. A rejection is logged, and rested for, longer every time in a row. */
  readonly pass: () => Promise<number>;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** Longest rest after failures in a row, 30 s unless told. */
  readonly longestRestMs?: number;
}

export interface WorkerLoop {
  readonly stopping: AbortSignal;
  start(): void;
  /** Ends the rest, now or right after the pass that runs. */
  wake(): void;
  /** Starts no further pass. Resolves once the one that runs is over. */
  stop(): Promise<void>;
}

const firstRestMs = 1_000;
const usualLongestRestMs = 30_000;

/** Passes one after another, never two at once, until it is stopped. */
export function createWorkerLoop({ pass, wait, onFailure, ...parts }: WorkerLoopParts): WorkerLoop {
  const { longestRestMs = usualLongestRestMs } = parts;
  const stopping = new AbortController();
  let waking = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      // Before the pass: who wakes during it may have come too late for what it looks at.
      waking = new AbortController();
      let restMs: number;
      try {
        restMs = await pass();
        failures = 0;
      } catch (error) {
        onFailure(error);
        restMs = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures, 10));
        failures += 1;
      }
      await wait(restMs, AbortSignal.any([stopping.signal, waking.signal]));
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
