const dayMs = 24 * 60 * 60 * 1000;

/** How long records are kept once they are of no more use by themselves. docs/data.md says why. */
export const keptMs = {
  /** Teams repeats an activity within minutes. */
  processedActivities: dayMs,
  /** What a receipt was made of. Counted from the beginning, so that one that never ended goes, too. */
  syncRuns: 180 * dayMs,
  /** What became of each token stands in the runs, too; the batch itself serves its card alone. */
  syncBatches: 30 * dayMs,
  /** No renewal takes longer. */
  renewalMarks: 180 * dayMs,
  /** The audit: over a year, so that last year's can be compared with this one's. */
  auditEntries: 400 * dayMs,
  /** Their keys keep what was told from being told again. */
  alertDeliveries: 30 * dayMs,
  /** So that alerts can be offered again where the bot comes back. */
  removedSubscriptions: 90 * dayMs,
} as const;
