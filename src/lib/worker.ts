interface WorkerLoopParts {
  /** One pass. Resolves to how long to rest after it. A rejection is logged, and rested for, longer every time in a row. */
  readonly pass: () => Promise<number>;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** Longest rest after failures in a row, 30 s unless told. */
  readonly longestRestMs?: number;
}

interface WorkerLoop {
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

/** A process that was away has to say twice that it lives before its work is anybody's. */
const passes = 2;

/** After the store was away, whoever takes up the work of others gives them time to say that they live. */
export function createTakeoverGrace() {
  let left = 0;
  return {
    /** The store was away. */
    give(): void {
      left = passes;
    },
    /** Whether this pass is still theirs. */
    take(): boolean {
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
}

interface HoldParts {
  /** False when somebody else holds it by now. */
  readonly keep: () => Promise<boolean>;
  readonly everyMs: number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called when it is somebody else's. */
  readonly onLost: () => void;
}

/** Does work that a claim allows, and holds on to the claim until it has ended. */
export async function whileHeld<T>({ keep, everyMs, wait, onLost }: HoldParts, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();

  async function hold(): Promise<void> {
    for (;;) {
      await wait(everyMs, done.signal);
      if (done.signal.aborted) return;
      // With the store away for a moment nobody can take it over either; the end of the work tells.
      if (await keep().catch(() => true)) continue;
      return onLost();
    }
  }

  const holding = hold();
  try {
    return await work();
  } finally {
    done.abort();
    await holding;
  }
}

/** Whoever told a conversation of its alerts may not go on: the process stops, or another one has taken over. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';

  constructor() {
    super('Telling a conversation of its alerts goes on elsewhere');
  }
}
