import type { RunBoard } from './run-board.ts';

/** A run of a batch is told on the batch's card, any other on its own. */
export function createRunBoards(boards: { readonly single: RunBoard; readonly batch: RunBoard }): RunBoard {
  const of = ({ batchId }: { readonly batchId?: string }) => (batchId === undefined ? boards.single : boards.batch);
  return {
    showGoingOn: (run, seen) => of(run).showGoingOn(run, seen),
    showEnd: (run) => of(run).showEnd(run),
    showStoredEnd: (run) => of(run).showStoredEnd(run),
  };
}
