import type { VppToken } from './token.ts';

/** A token of a plan as the person saw it. */
export interface PlannedToken {
  readonly id: string;
  readonly name: string;
}

/** A question that waits for one of several tokens, then runs the command for it. */
export interface Choice {
  /** English name of the command. */
  readonly command: string;
  readonly asked: string;
  /** Of the button that goes on with the chosen token. */
  readonly actionTitle: string;
  /** What follows the token in the command, such as `low`. */
  readonly suffix?: string;
  readonly tokens: readonly VppToken[];
}

/** What an alert card's buttons stand for. */
export interface AlertCardRecord {
  readonly alertId: string;
  /** Empty for an alert of monitoring itself. */
  readonly tokenId: string;
}

/** What a token card's buttons stand for. */
export interface TokenCardRecord {
  readonly tokenId: string;
  /** The sync that the card follows or shows the receipt of. */
  readonly runId?: string;
}

/** What a plan's buttons stand for: exactly these tokens. */
export interface PlanRecord {
  readonly tokens: readonly PlannedToken[];
}

/** What a card's buttons stand for. The card carries the id alone; everything else stays here. */
export interface CardRecord {
  readonly id: string;
  readonly kind: 'tokenCard' | 'choice' | 'plan' | 'alert';
  /** `aadObjectId` of the only person who may press; absent: anybody in the conversation. */
  readonly ownerId?: string;
  /** A question that may be answered in words belongs to its thread; a press to the conversation, whichever thread shows it. */
  readonly conversationId: string;
  readonly payload: unknown;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
}

export interface CardRecords {
  add(record: CardRecord): Promise<void>;
  find(id: string): Promise<CardRecord | undefined>;
  /** Marks the record used. True for exactly one caller, and only while it is open and unexpired. */
  take(id: string, now: number): Promise<boolean>;
  /** Opens a taken record again, when what it stood for did not happen. */
  reopen(id: string): Promise<void>;
  /** The person's newest plan in a conversation that waits to be applied, for answers that are typed. */
  findOpenPlan(ownerId: string, conversationId: string, now: number): Promise<CardRecord | undefined>;
  /** The person's newest open question in a conversation, for answers that are typed. */
  findOpenChoice(ownerId: string, conversationId: string, now: number): Promise<CardRecord | undefined>;
  /** Ends the person's open questions and plans in a conversation: a new command has come. */
  cancelDialogs(ownerId: string, conversationId: string, now: number): Promise<void>;
  /** Ends everything that waits for the person, wherever it was asked. */
  endAllOf(ownerId: string, now: number): Promise<void>;
  prune(now: number): Promise<void>;
}
