import type { VppToken } from './token.ts';

/** The record behind a card's buttons. The card carries only the id, so that nothing in a card action needs to be believed. */
export interface CardRecord {
  readonly id: string;
  readonly kind: 'tokenCard' | 'choice' | 'plan' | 'alert';
  /** `aadObjectId` of the only person who may press its buttons; absent: anybody in the conversation. */
  readonly ownerId?: string;
  /** With the thread for a question that may be answered in words; a card action belongs to the conversation, whatever its thread. */
  readonly conversationId: string;
  readonly payload: unknown;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
}

/** Payload of a `tokenCard`. */
export interface TokenCardRecord {
  readonly tokenId: string;
  /** The sync whose progress or receipt the card shows. */
  readonly runId?: string;
}

/** Payload of a `choice`: a question that waits for one of several tokens, then runs the command for it. */
export interface Choice {
  /** English name of the command. */
  readonly command: string;
  readonly asked: string;
  /** Title of the button that goes on with the chosen token. */
  readonly actionTitle: string;
  /** Words that follow the token in the command, such as `low`. */
  readonly suffix?: string;
  readonly tokens: readonly VppToken[];
}

/** Payload of a `plan`: exactly these tokens. */
export interface PlanRecord {
  readonly tokens: readonly PlannedToken[];
}

/** A token of a plan as the person saw it. */
export interface PlannedToken {
  readonly id: string;
  readonly name: string;
}

/** Payload of an `alert`. */
export interface AlertCardRecord {
  readonly alertId: string;
  /** Empty for an alert of monitoring itself. */
  readonly tokenId: string;
}

export interface CardRecords {
  add(record: CardRecord): Promise<void>;
  find(id: string): Promise<CardRecord | undefined>;
  /** Marks the record used. True for exactly one caller, and only while it is open and unexpired. */
  take(id: string, now: number): Promise<boolean>;
  /** Opens a taken record again, because its action did not happen. */
  reopen(id: string): Promise<void>;
  /** The person's newest unapplied plan in a conversation, for answers that are typed. */
  findOpenPlan(ownerId: string, conversationId: string, now: number): Promise<CardRecord | undefined>;
  /** The person's newest open question in a conversation, for answers that are typed. */
  findOpenChoice(ownerId: string, conversationId: string, now: number): Promise<CardRecord | undefined>;
  /** Ends the person's open questions and plans in a conversation: a new command has come. */
  cancelDialogs(ownerId: string, conversationId: string, now: number): Promise<void>;
  /** Ends everything that waits for the person, in all conversations. */
  endAllOf(ownerId: string, now: number): Promise<void>;
  prune(now: number): Promise<void>;
}
