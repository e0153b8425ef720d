import type { SyncBatch } from '../domain/sync-batch.ts';
import type { SyncRun, SyncRuns } from '../domain/sync-run.ts';
import type { Person } from '../domain/turn.ts';
import type { Runtime } from '../lib/runtime.ts';
import { createTakeoverGrace, createWorkerLoop } from '../lib/worker.ts';
import type { HeldWork, RunClaims } from '../store/run-claims.ts';

interface TakeOverParts {
  readonly runtime: Runtime;
  readonly claims: RunClaims;
  readonly runs: SyncRuns;
  /** Fetches the requesters' sign-ins from other processes, so that their own rights go on reading. Never rejects. */
  readonly recall: (people: readonly Person[]) => Promise<void>;
  /** Goes on with a run of another process, or reports its end. */
  readonly takeOverRun: (run: SyncRun) => Promise<void>;
  /** Goes on with a batch of another process; its runs come after it. */
  readonly takeOverBatch: (batch: SyncBatch) => Promise<void>;
  /** Everything this process works on. Its other leases are left to expire. */
  readonly listHeld: () => HeldWork;
}

export interface TakeOver {
  /** Takes over once what is there, then goes on in the background. */
  start(): Promise<void>;
  /** Takes over no more, and keeps the leases of this process. */
  stop(): Promise<void>;
  /** Ends the leases of this process: to be called when nothing here works on them any more. */
  release(): Promise<void>;
}

/** A process that is silent for this long loses its syncs to another. */
export const runLeaseMs = 8_000;
const everyMs = 2_000;
const mostAtOnce = 50;

/** Takes over syncs and batches without a live lease: of a process that died, or that stopped and released them. */
export function createTakeOver(parts: TakeOverParts): TakeOver {
  const { runtime, claims, runs, recall, takeOverRun, takeOverBatch, listHeld } = parts;
  const grace = createTakeoverGrace();

  async function pass(): Promise<number> {
    await claims.renewLeases(listHeld());
    if (grace.coversPass()) return everyMs;
    const left = await claims.claimBatches(mostAtOnce);
    await recall(left.map(({ requester }) => requester));
    for (const batch of left) {
      await takeOverBatch(batch);
      for (const run of await runs.listOfBatch(batch.id)) if (run.phase !== 'ended') await takeOverRun(run);
    }
    const single = await claims.claimRuns(mostAtOnce);
    await recall(single.map(({ requester }) => requester));
    for (const run of single) await takeOverRun(run);
    return everyMs;
  }

  const loop = createWorkerLoop({
    pass,
    wait: runtime.wait,
    onFailure(error) {
      grace.begin();
      runtime.log.error({ err: error }, 'syncs of other processes could not be taken over');
    },
    longestRestMs: everyMs,
  });
  return {
    async start() {
      await pass();
      loop.start();
    },
    stop: loop.stop,
    release: claims.release,
  };
}
