import type { RunBoard } from './run-board.ts';

/** A run of a batch is told on the batch's card, any other on its own. */
export const createRunBoards = (boards: { readonly single: RunBoard; readonly batch: RunBoard }): RunBoard => ({
  showEnd: (run) => (run.batchId === undefined ? boards.single : boards.batch).showEnd(run),
});
