import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import { writePace } from '../graph/vpp.ts';
import type { Graphs } from '../identity/graphs.ts';
import { createPace } from '../lib/limits.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Stores } from '../store/stores.ts';
import { createBatchRunner } from './batch.ts';
import { createBatchCard } from './batch-card.ts';
import { createFindBatchReceipt } from './batch-receipt.ts';
import { type CardMessenger, createCardSent } from './card-messenger.ts';
import { createFollower } from './follow.ts';
import { createLicenses } from './licenses.ts';
import { createRunCard } from './run-card.ts';
import { createRunReporters, type OnSyncEnd, recordEnds } from './run-reporter.ts';
import { createSharedReads } from './shared-reads.ts';
import { createStartSync } from './start-sync.ts';
import { createSyncAll } from './sync-all.ts';
import { createTakeOver } from './take-over.ts';
import { createTokenViews } from './token-view.ts';

export interface SyncsParts {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly stores: Stores;
  readonly graphs: Graphs;
  readonly messenger: CardMessenger;
  readonly audit: Audit;
  /** Called with the end of each sync that this process followed, once. */
  readonly onEnd: OnSyncEnd;
}

export type Syncs = ReturnType<typeof createSyncs>;

/** Unlike `runtime.now`, unmoved when somebody sets the clock. */
const ticks = () => performance.now();

/**
 * Syncs from their request to their receipt: each is started once and followed to its end by one process, which shows it on its
 * card.
 */
export function createSyncs({ runtime, config, stores, graphs, messenger, audit, onEnd }: SyncsParts) {
  const { runs, batches, records, claims } = stores;
  const { graphBeta: beta, syncCooldownMs: cooldownMs, syncFollowDeadlineMs: deadlineMs } = config;
  const cardSent = createCardSent(runtime);
  const views = createTokenViews({ runtime, records, repositories: stores.alertRepositories });
  const licenses = createLicenses({
    runtime,
    findReader: graphs.findOwnReader,
    countedApps: stores.countedApps,
    beta,
  });
  const startSync = createStartSync({ runtime, runs, audit, licenses, cooldownMs, beta });

  const findReceipt = createFindBatchReceipt({ runtime, runs, licenses });
  const batchCard = createBatchCard({ runtime, batches, records, messenger, findReceipt, cardSent });
  const runCard = createRunCard({ runtime, runs, views, messenger, licenses, cardSent });
  const reporter = recordEnds({
    reporter: createRunReporters({ single: runCard, batch: batchCard }),
    audit,
    onEnd,
  });

  const shareReads = createSharedReads({ now: ticks });
  const follower = createFollower({
    runtime,
    runs,
    reporter,
    listReaders: (run) => shareReads(run, graphs.listReaders(run.requester, run.tenantId)),
    deadlineMs,
    beta,
  });
  const pace = createPace({ ...writePace, now: ticks, wait: runtime.wait });
  const runner = createBatchRunner({
    runtime,
    batches,
    runs,
    card: batchCard,
    startSync,
    follower,
    licenses,
    pace,
  });
  const syncAll = createSyncAll({ runtime, runs, records, runner, audit, cooldownMs, beta });

  const takeOver = createTakeOver({
    runtime,
    claims,
    runs,
    recall: graphs.recall,
    takeOverBatch: runner.takeOver,
    async takeOverRun(run) {
      if (run.phase === 'ended') runCard.takeOver(run);
      else await follower.takeOver(run);
    },
    listHeld: () => ({
      runs: [startSync, follower, runCard].flatMap((part) => part.list()),
      batches: batchCard.list(),
    }),
  });

  return {
    cardSent,
    views,
    startSync,
    follower,
    batchCard,
    syncAll,
    /** Takes over work of other processes, now and from now on. */
    start: takeOver.start,
    /** Starts nothing more and finishes the requests under way; unfinished syncs stay stored. */
    async stop() {
      await takeOver.stop();
      await runner.stop();
      await startSync.settle();
      await follower.stop();
      await runCard.stop();
      await batchCard.stop();
    },
    /** Leaves unfinished syncs to other processes: to be called last. */
    release: takeOver.release,
  };
}
