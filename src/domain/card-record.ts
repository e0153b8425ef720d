import type { Locale } from './turn.ts';

/** The record behind a card's buttons. The card carries only the id, so that nothing in a card action needs to be believed. */
export interface CardRecord {
  readonly id: string;
  readonly kind: 'tokenCard' | 'choice' | 'plan' | 'alert' | 'list' | 'openAlerts' | 'alertSettings' | 'batch';
  /** `aadObjectId` of the only person who may press its buttons; absent: anybody in the conversation. */
  readonly ownerId?: string;
  /** With the thread for a question that may be answered in words; a card action belongs to the conversation, whatever its thread. */
  readonly conversationId: string;
  readonly payload: unknown;
  /** Its message is a targeted one, which only the presser sees; a press does not say so. */
  readonly isTargeted?: boolean;
  /** The message in Teams that shows the card; absent until it was sent. */
  readonly cardId?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
}

/** Cards that say the same to everybody, so that their buttons need no record. */
export type MenuCard = 'help' | 'doctor';

/** The id that their buttons carry. A press does not say that its card is on a targeted message, so the id does. */
export const menuCardId = (card: MenuCard, isTargeted = false): string => (isTargeted ? `${card}-targeted` : card);

export function findMenuCard(id: string): { readonly card: MenuCard; readonly isTargeted: boolean } | undefined {
  const [, card, targeted] = /^(help|doctor)(-targeted)?$/.exec(id) ?? [];
  return card === undefined ? undefined : { card: card as MenuCard, isTargeted: targeted !== undefined };
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
  /** Names that earlier questions asked about, which this one narrows. */
  readonly within?: readonly string[];
  /** Title of the button that goes on with the chosen token. */
  readonly actionTitle: string;
  /** Words that follow the token in the command, such as `low`. */
  readonly suffix?: string;
  /** How many matches come before those that the card shows; absent for the first of them. */
  readonly from?: number;
  /** Those that the card shows, in its order. */
  readonly tokens: readonly NamedToken[];
}

/** A token as the person saw it. */
export interface NamedToken {
  readonly id: string;
  readonly name: string;
}

/** Payload of a `plan`: exactly these tokens. A tenant may have thousands, so only those that the card names keep their name. */
export interface PlanRecord {
  /** What follows `sync` to plan this again: a filter's name, or ids with commas between. Absent for all tokens. */
  readonly asked?: string;
  readonly tokens: readonly PlannedToken[];
}

export interface PlannedToken {
  readonly id: string;
  readonly name?: string;
}

/** Payload of a `batch` that has ended. */
export interface BatchCardRecord {
  /** Ids of the tokens whose sync did not complete. */
  readonly failed: readonly string[];
}

/** Payload of an `alert`. */
export interface AlertCardRecord {
  readonly alertId: string;
  /** Empty for an alert of monitoring itself. */
  readonly tokenId: string;
}

/**
 * Payload of a `list`: the query behind a card of rows, and the page that the card shows. Its buttons read the rows anew, with the
 * rights of whoever presses.
 */
export interface ListRecord extends ListQuery {
  /** English name of the command. */
  readonly command: string;
  /** Counted from 0. */
  readonly page: number;
  /** Where each row leads when it is tapped, in the card's order; empty where rows lead nowhere. */
  readonly rows: readonly ListRow[];
  /** The one token that all rows are about, by which a quote of the card finds it. */
  readonly tokenId?: string;
}

export interface ListQuery {
  /** The rest of the command's line, such as a filter or a token's id. */
  readonly asked: string;
  /** The syncs of this one batch alone. */
  readonly batchId?: string;
}

export type ListRow = { readonly tokenId: string } | { readonly batchId: string };

/** Payload of `openAlerts`: the open alerts of the record's conversation, which its buttons read anew. */
export interface OpenAlertsRecord {
  /** The page that the card shows, counted from 0. */
  readonly page: number;
  /** What the card offers to act on, in its order: `all`, a condition, or an alert's id. Empty on a card that only leads there. */
  readonly which: readonly string[];
  /** The token of each row, in the card's order, where a tap leads; empty for an alert of monitoring itself. */
  readonly rows: readonly string[];
  /** The language of the card, which stays as it is for everybody. */
  readonly locale: Locale;
}

/** Payload of `alertSettings`: the form for the alerts of the record's conversation. */
export interface AlertSettingsRecord {
  /** The tokens that the form shows, in its order. */
  readonly tokenIds: readonly string[];
}

export interface CardRecords {
  /**
   * A question or plan ends its owner's former ones in that conversation, as `cancelDialogs` does. Of one person's the newest twenty
   * are kept, over all conversations.
   */
  add(record: CardRecord): Promise<void>;
  find(id: string): Promise<CardRecord | undefined>;
  /** Records which message shows the card. */
  setCard(id: string, cardId: string): Promise<void>;
  /** The newest record behind a message's card. `conversationId` may be with or without the thread. */
  findByCard(conversationId: string, cardId: string): Promise<CardRecord | undefined>;
  /** Marks the record used. True for exactly one caller, and only while it is open and unexpired. */
  take(id: string, now: number): Promise<boolean>;
  /** Opens a taken record again, because its action did not happen. */
  reopen(id: string): Promise<void>;
  /** The person's newest unapplied plan in a conversation, for answers that are typed. */
  findOpenPlan(ownerId: string, conversationId: string, now: number): Promise<CardRecord | undefined>;
  /** The person's newest open question in a conversation, for answers that are typed. */
  findOpenChoice(ownerId: string, conversationId: string, now: number): Promise<CardRecord | undefined>;
  /** Ends the person's questions and plans in a conversation, and erases what they were about: a new command has come. */
  cancelDialogs(ownerId: string, conversationId: string, now: number): Promise<void>;
  /** Ends everything that waits for the person, in all conversations. */
  endAllOf(ownerId: string, now: number): Promise<void>;
  prune(now: number): Promise<void>;
}
