import type { Attempted, Audit } from '../audit/audit.ts';
import type { AuditNote } from '../domain/audit-note.ts';
import type { TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { GraphError } from '../graph/errors.ts';
import { syncLicenses } from '../graph/vpp.ts';
import type { RunEnd, SyncRuns } from '../store/sync-runs.ts';
import type { Licenses } from './licenses.ts';
import type { SyncTurn } from './start-sync.ts';

export interface PostSyncParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'markRunning' | 'end'>;
  readonly audit: Audit;
  readonly licenses: Pick<Licenses, 'before'>;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What Graph's answer says of a run that is followed already. */
export type LateAnswer =
  | { readonly kind: 'taken'; readonly posted: Pick<TokenRun, 'startedAt' | 'uncertain'> }
  /** Nothing was started. The run has ended where `isEnded`, and is for its follower to tell; to end, too, where the store was away. */
  | { readonly kind: 'refused'; readonly error: unknown; readonly refusal: string; readonly isEnded: boolean };

export interface PostedSync {
  readonly run: TokenRun;
  /** Of a POST that has no answer yet: never rejects. Until then the run is stored as `posting`. */
  readonly late?: Promise<LateAnswer>;
}

/**
 * POSTs a stored run, once. Its time counts from when the POST was sent, the last one where Graph had it sent again. A POST without an
 * answer for a moment may have begun a sync all the same, so that its run is followed from then on, whatever comes of it.
 * Rejects with a refusal that came before; then the run has ended. Whatever Graph answers is in the audit.
 */
export type PostSync = (
  turn: SyncTurn,
  run: TokenRun,
  attempted: Attempted & { readonly clientRequestId: string },
) => Promise<PostedSync>;

/** Leaves time for the first look within 2 s of the POST. */
const patienceMs = 1_500;

export function createPostSync({ runs, audit, licenses, now, wait }: PostSyncParts): PostSync {
  return async (turn, run, attempted) => {
    const licensesBefore = await licenses.before(turn.graph, run.before, turn.apps);
    const silent = Promise.withResolvers<void>();
    let startedAt = now();
    let isAnswered = false;
    let isFollowed = false;
    let isEnded = false;

    function onSent(outcome: Promise<unknown>): void {
      startedAt = now();
      const done = new AbortController();
      void outcome.then(() => done.abort());
      void wait(patienceMs, done.signal).then(() => {
        if (done.signal.aborted || isAnswered) return;
        isFollowed = true;
        silent.resolve();
      });
    }

    async function ask(): Promise<Pick<TokenRun, 'startedAt' | 'uncertain'>> {
      const { clientRequestId } = attempted;
      let answer: Pick<AuditNote, 'requestId' | 'reason'> = {};
      const onTaken = (requestId: string) => {
        answer = { requestId };
      };
      let uncertain = false;
      try {
        await syncLicenses(turn.graph, run.tokenId, { clientRequestId, onTaken, onSent });
        isAnswered = true;
      } catch (error) {
        isAnswered = true;
        // 409: somebody else's sync is at work, most likely; following it is what was asked for.
        if (!(error instanceof GraphError) || (error.reason !== 'conflict' && error.reason !== 'mayHaveStarted')) {
          await audit.noteError(turn, { ...attempted, stage: 'ended' }, error);
          if (isFollowed) isEnded = await runs.end(run.id, refusedLate(run, error, now())).catch(() => false);
          else await runs.end(run.id, { outcome: 'refused', endedAt: now(), toldAt: now() });
          throw error;
        }
        uncertain = true;
        answer = { reason: error.reason, ...(error.requestId && { requestId: error.requestId }) };
      }
      const posted = { startedAt, uncertain };
      // The POST cannot be taken back, so the run is followed whatever the store does now; after a restart it counts as unclear.
      await runs.markRunning(run.id, { ...posted, licensesBefore }).catch(() => undefined);
      const outcome = uncertain ? 'unclear' : 'accepted';
      await audit.note(turn, { ...attempted, stage: 'answered', outcome, ...answer });
      return posted;
    }

    const asked = ask();
    const posted = await Promise.race([asked, silent.promise]);
    if (posted) return { run: { ...run, phase: 'running', ...posted, licensesBefore } };
    const late = asked.then(
      (taken): LateAnswer => ({ kind: 'taken', posted: taken }),
      (error: unknown): LateAnswer => ({ kind: 'refused', error, refusal: refusalOf(error), isEnded }),
    );
    return { run: { ...run, phase: 'running', startedAt, licensesBefore }, late };
  };
}

const refusalOf = (error: unknown): string => (error instanceof GraphError ? error.reason : 'unexpected');

/** To be told on the card that stands already, by the next process if need be. */
const refusedLate = (run: TokenRun, error: unknown, endedAt: number): RunEnd<VppToken> => ({
  ...{ outcome: 'refusedLate', endedAt, after: run.before, refusal: refusalOf(error) },
  ...(run.batchId !== undefined && { toldAt: endedAt }),
});
