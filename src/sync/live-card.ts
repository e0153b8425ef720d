/** What this process knows of the card of one run while it writes on it. Times are epoch milliseconds. */
export interface LiveCard {
  /** When the last edit had its answer, whichever. */
  lastEditAt: number;
  /** Progress is shown from then on. */
  progressDueAt: number;
  /** An edit that shows progress, under way. */
  writing: Promise<void> | undefined;
  /** Such an edit had no answer and may still arrive, after whatever is written next. */
  mayBeOverwritten: boolean;
  /** Nothing but the receipt is written any more. */
  hasEnded: boolean;
  /** The stored record behind the buttons of its running card, then another of its receipt. */
  progressPressId?: string;
  receiptPressId?: string;
  /** The message that the run's card was sent as, kept or not, or that the receipt was sent as for want of a card. */
  sentId?: string;
}

export const createLiveCard = (progressDueAt: number): LiveCard => ({
  lastEditAt: Number.NEGATIVE_INFINITY,
  progressDueAt,
  writing: undefined,
  mayBeOverwritten: false,
  hasEnded: false,
});
