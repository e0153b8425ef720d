import { tokenName } from '../domain/token.ts';
import type { RunBoard } from '../sync/run-board.ts';
import type { Audit } from './audit.ts';

/** Keeps how each sync ended, beside telling the people it is told to. */
export function noteEnds(board: RunBoard, audit: Pick<Audit, 'note'>): RunBoard {
  return {
    ...board,
    async showEnd(run) {
      const { requester: person, conversation, tenantId, id: runId, outcome, after } = run;
      const turn = { person, conversation, session: { tenantId } };
      const action = run.batchId === undefined ? 'sync' : 'syncAll';
      const token = { id: run.tokenId, name: tokenName(after) };
      const as = outcome === 'refusedLate' ? 'refused' : outcome;
      const kept = audit.note(turn, { action, stage: 'ended', outcome: as, runId, token });
      await Promise.all([kept, board.showEnd(run)]);
    },
  };
}
