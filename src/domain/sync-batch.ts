import type { ConversationReference, Locale, Person } from './turn.ts';

/** Many syncs that one person confirmed at once, told on one card. */
export interface SyncBatch<Stopped = unknown> {
  readonly id: string;
  readonly tenantId: string;
  readonly requester: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly messageId?: string;
  /** The card it writes on; absent until the card was sent. */
  readonly activityId?: string;
  readonly correlationId: string;
  /** Why the rest was not asked for any more, in plain data. */
  readonly stopped?: Stopped;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** In the order of the plan, each token once. */
  readonly items: readonly SyncBatchItem[];
}

export interface SyncBatchItem {
  readonly tokenId: string;
  /** What the plan called it. */
  readonly name: string;
  /** It followed a sync that somebody else had begun. */
  readonly joined: boolean;
  /** Absent while it waits or runs. */
  readonly outcome?: string;
  /** More about the outcome, such as the state of a token whose sync failed. */
  readonly detail?: string;
}

export interface SyncBatches<Stopped = unknown> {
  add(batch: SyncBatch<Stopped>): Promise<void>;
  list(ids: readonly string[]): Promise<SyncBatch<Stopped>[]>;
  setCard(id: string, activityId: string): Promise<void>;
  markStopped(id: string, stopped: Stopped): Promise<void>;
  /** Keeps what became of one token. */
  putItem(id: string, item: SyncBatchItem): Promise<void>;
  /** Gives this outcome to every token that has none and that no run of the batch stands for. */
  endUnasked(id: string, outcome: string): Promise<void>;
  /** Keeps when the batch ended, unless that is known already. */
  end(id: string, endedAt: number): Promise<void>;
  /** Its last card stands, or was given up. True for the one caller who marked it first. */
  markReported(id: string, toldAt: number): Promise<boolean>;
  /** Erases batches that began more than 30 days ago. */
  prune(now: number): Promise<void>;
}
