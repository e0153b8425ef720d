import type { SyncRuns, TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import type { Person } from '../domain/turn.ts';
import { createTakeoverGrace, createWorkerLoop } from '../lib/worker.ts';
import type { HeldWork, RunClaims } from '../store/run-claims.ts';
import type { TokenBatch } from './batch-card.ts';

export interface TakeOverParts {
  readonly claims: RunClaims;
  readonly runs: Pick<SyncRuns<VppToken>, 'listOfBatch'>;
  /** Brings here the sign-ins of whoever asked, so that their own eyes go on looking. Never rejects. */
  readonly recall: (people: readonly Person[]) => Promise<void>;
  /** Goes on with a run of another process, or tells its end. */
  readonly takeOverRun: (run: TokenRun) => Promise<void>;
  /** Goes on with a batch of another process; its runs come after it. */
  readonly takeOverBatch: (batch: TokenBatch) => Promise<void>;
  /** What this process really works on. Whatever else it holds is free again when its lease has passed. */
  readonly listHeld: () => HeldWork;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: { error(fields: object, message: string): void };
}

export interface TakeOver {
  /** Takes up once what is there, then goes on looking. */
  start(): Promise<void>;
  /** Takes up no more, but still holds what this process has. */
  stop(): Promise<void>;
  /** Gives back what this process had: to be called when nothing here works on it any more. */
  release(): Promise<void>;
}

/** How long a process may be silent before its syncs are somebody else's. */
export const runLeaseMs = 8_000;
const everyMs = 2_000;
const mostAtOnce = 50;

/** Takes up syncs and batches that nobody follows: those of a process that died, or that stopped and gave them back. */
export function createTakeOver(parts: TakeOverParts): TakeOver {
  const { claims, runs, recall, takeOverRun, takeOverBatch, listHeld, wait, log } = parts;
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
    const alone = await claims.claimRuns(mostAtOnce);
    await recall(alone.map(({ requester }) => requester));
    for (const run of alone) await takeOverRun(run);
    return everyMs;
  }

  function onFailure(error: unknown): void {
    grace.begin();
    log.error({ err: error }, 'syncs of other processes could not be taken up');
  }
  const loop = createWorkerLoop({ pass, wait, onFailure, longestRestMs: everyMs });
  return {
    async start() {
      await pass();
      loop.start();
    },
    stop: loop.stop,
    release: claims.release,
  };
}
