import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import { writePace } from '../graph/vpp.ts';
import type { Graphs } from '../identity/identity.ts';
import type { wait } from '../lib/async.ts';
import { createPace } from '../lib/limits.ts';
import type { Log } from '../lib/runtime.ts';
import type { Stores } from '../store/stores.ts';
import { createBatchRunner } from './batch.ts';
import { createBatchCard, createFindBatchReceipt } from './batch-card.ts';
import { type CardMessenger, createCardSent } from './card-messenger.ts';
import { createFollower, createRunReporters, createSharedReads, recordEnds } from './follow.ts';
import { createLicenses } from './licenses.ts';
import { createPlanSyncs, createPlanViews } from './plan.ts';
import { createRunCard } from './run-card.ts';
import { createStartSync } from './start-sync.ts';
import { createSyncAll } from './sync-all.ts';
import { createTakeOver } from './take-over.ts';
import { createTokenViews } from './token-view.ts';

export interface SyncsParts {
  readonly config: Pick<Config, 'graphBeta' | 'syncCooldownMs' | 'syncFollowDeadlineMs'>;
  readonly stores: Pick<Stores, 'runs' | 'batches' | 'records' | 'claims'>;
  readonly graphs: Graphs;
  readonly messenger: CardMessenger;
  readonly audit: Audit;
  /** Told how each sync that this process followed ended. */
  readonly onEnd: (outcome: string, tenantId: string) => void;
  readonly now: () => number;
  readonly wait: typeof wait;
  readonly log: Log;
}

/** Goes on alike when somebody sets the clock. */
const ticks = () => performance.now();

export type Syncs = ReturnType<typeof createSyncs>;

/** Syncs from their request to their receipt, joined: started once, followed to their end by some process, told on their card. */
export function createSyncs({ config, stores, graphs, messenger: wall, audit, now, wait, log, ...parts }: SyncsParts) {
  const { runs, batches, records, claims } = stores;
  const { graphBeta: beta, syncCooldownMs: cooldownMs } = config;
  const cardSent = createCardSent({ wait });
  const views = createTokenViews({ records, now });
  const licenses = createLicenses({ findReader: graphs.findOwnReader, beta, log });
  const startSync = createStartSync({ runs, audit, licenses, now, wait, cooldownMs, beta });
  const shown = { wall, onEnd: parts.onEnd, now, wait, log };
  const batchBoard = createBatchCard({
    ...shown,
    batches,
    cardSent: cardSent.waitFor,
    findReceipt: createFindBatchReceipt({ runs, licenses, log }),
  });
  const receiptBoard = createRunCard({ ...shown, runs, views, licenses, cardSent });
  const boards = createRunReporters({ single: receiptBoard, batch: batchBoard });
  const shareReads = createSharedReads({ now: ticks });
  const follower = createFollower({
    ...{ runs, now, wait, log, beta },
    board: recordEnds(boards, audit),
    deadlineMs: config.syncFollowDeadlineMs,
    listReaders: (followed) => shareReads(followed, graphs.listReaders(followed.requester, followed.tenantId)),
  });
  const pace = createPace({ ...writePace, now: ticks, wait });
  const runner = createBatchRunner({ batches, runs, board: batchBoard, startSync, follower, licenses, pace, now, log });
  const planSyncs = createPlanSyncs({ runs, now, cooldownMs, beta });
  const takeUp = createTakeOver({
    ...{ claims, runs, recall: graphs.recall, wait, log },
    takeOverBatch: runner.takeOver,
    listHeld: () => ({
      runs: [startSync, follower, receiptBoard].flatMap((part) => part.list()),
      batches: batchBoard.list(),
    }),
    async takeOverRun(run) {
      if (run.phase === 'ended') receiptBoard.takeOver(run);
      else await follower.takeOver(run);
    },
  });

  return {
    ...{ cardSent, views, startSync, follower, batchBoard },
    syncAll: createSyncAll({ planSyncs, planViews: createPlanViews({ records, now }), runner, audit }),
    /** Takes up what other processes left, now and from now on. */
    start: takeUp.start,
    /** Asks for nothing more and finishes what is under way. */
    async stop() {
      await takeUp.stop();
      await runner.stop();
      await startSync.settle();
      await follower.stop();
      await receiptBoard.stop();
      await batchBoard.stop();
    },
    /** Leaves the rest to another process: the last that is done. */
    release: takeUp.release,
  };
}
