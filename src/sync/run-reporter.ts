import type { Audit } from '../audit/audit.ts';
import type { EndedRun, SyncRun } from '../domain/sync-run.ts';
import { tokenName, type VppToken } from '../domain/token.ts';

/** Shows the progress of runs and their ends on cards. */
export interface RunReporter {
  /** Called after every reading that saw no end, with the token as it was last seen. */
  showProgress(run: SyncRun, seen: SeenToken): void;
  /** Never rejects: the end is stored by then, and showing it is retried. */
  showEnd(run: EndedRun): Promise<void>;
  /**
   * Called instead of `showEnd` when the end was stored before: by another process, or by this one without an answer. Never
   * rejects.
   */
  showStoredEnd(run: EndedRun): Promise<void>;
}

export interface SeenToken {
  readonly token: VppToken;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A run of a batch is shown on the batch's card, any other on its own. */
export function createRunReporters(reporters: {
  readonly single: RunReporter;
  readonly batch: RunReporter;
}): RunReporter {
  const of = ({ batchId }: SyncRun) => (batchId === undefined ? reporters.single : reporters.batch);
  return {
    showProgress: (run, seen) => of(run).showProgress(run, seen),
    showEnd: (run) => of(run).showEnd(run),
    showStoredEnd: (run) => of(run).showStoredEnd(run),
  };
}

interface RecordEndsParts {
  readonly reporter: RunReporter;
  readonly audit: Audit;
  /** Called with the end of each sync that this process followed, once. */
  readonly onEnd: OnSyncEnd;
}

export type OnSyncEnd = (run: Pick<EndedRun, 'outcome' | 'tenantId' | 'startedAt' | 'endedAt'>) => void;

/** Counts each end and records it in the audit, beside showing it. */
export function recordEnds({ reporter, audit, onEnd }: RecordEndsParts): RunReporter {
  return {
    ...reporter,
    async showEnd(run) {
      const { requester: person, conversation, tenantId, id: runId, outcome, after } = run;
      const turn = { person, conversation, session: { tenantId } };
      onEnd(run);
      const recorded = audit.record(turn, {
        action: run.batchId === undefined ? 'sync' : 'syncAll',
        stage: 'ended',
        outcome: outcome === 'refusedLate' ? 'refused' : outcome,
        runId,
        token: { id: run.tokenId, name: tokenName(after) },
      });
      await Promise.all([recorded, reporter.showEnd(run)]);
    },
  };
}
