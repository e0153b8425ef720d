import type { Stopped } from './sync-run.ts';
import type { ConversationReference, Locale, Person } from './turn.ts';

/** Many syncs that one person confirmed at once, shown on one card. */
export interface SyncBatch {
  readonly id: string;
  readonly tenantId: string;
  readonly requester: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly messageId?: string;
  /** The card that shows it; absent until it was sent. */
  readonly activityId?: string;
  readonly correlationId: string;
  /** The reason why the rest was not requested any more, in plain data. */
  readonly stopped?: Stopped;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** In the order of the plan, each token once. */
  readonly items: readonly SyncBatchItem[];
}

export interface SyncBatchItem {
  readonly tokenId: string;
  /** The token's name in the plan. */
  readonly name: string;
  /** True when it followed a sync that somebody else had begun. */
  readonly joined: boolean;
  /** Absent while it waits or runs. */
  readonly outcome?: string;
  /** More about the outcome, such as the state of a token whose sync failed. */
  readonly detail?: string;
}

export interface SyncBatches {
  add(batch: SyncBatch): Promise<void>;
  list(ids: readonly string[]): Promise<SyncBatch[]>;
  setCard(id: string, activityId: string): Promise<void>;
  markStopped(id: string, stopped: Stopped): Promise<void>;
  /** Stores the outcome of one token. */
  putItem(id: string, item: SyncBatchItem): Promise<void>;
  /** Gives this outcome to every token that has none and no run in the batch. */
  endUnasked(id: string, outcome: string): Promise<void>;
  /** Stores when the batch ended, unless an end is stored already. */
  end(id: string, endedAt: number): Promise<void>;
  /** Call when its last card was sent or given up. True for the one caller who marked it first. */
  markReported(id: string, reportedAt: number): Promise<boolean>;
  /** Erases batches that began more than 30 days ago. */
  prune(now: number): Promise<void>;
}
