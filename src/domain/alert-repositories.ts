import type { Alert, AlertEventKind, Condition, MonitoringFailure, TokenSnapshot } from './alert.ts';
import { type AlertDelivery, type AlertSubscription, matchesSubscription } from './subscription.ts';
import type { ConversationReference } from './turn.ts';

/** `putOff` counts every failed try. */
export type DeliveryOutcome = 'sent' | 'dropped' | 'putOff';

/** Why several alerts are told on one card: they were open before, too many came at once, or they waited for the end of quiet hours. */
export type DigestReason = 'alreadyOpen' | 'burst' | 'morning';

// What alerts keep, as they need it; src/store implements each over the database it is given, a transaction's too.

export interface Alerts {
  /** Open ones of a tenant, and those that ended at `endedAfter` or later (they may come back). */
  listOfTenant(tenantId: string, endedAfter: number): Promise<Alert[]>;
  find(id: string): Promise<Alert | undefined>;
  list(ids: readonly string[]): Promise<Alert[]>;
  listOpen(tenantId: string): Promise<Alert[]>;
  hasOpen(tenantId: string, condition: Condition): Promise<boolean>;
  /**
   * Stores an alert as it is now. A known one only when the stored revision is `alert.revision - 1`: false when somebody changed it
   * meanwhile, or when a new one would be the second open one of its condition; then nothing was stored.
   */
  put(alert: Alert): Promise<boolean>;
  /** Erases alerts, with what shows them, that ended more than 180 days ago. */
  prune(now: number): Promise<void>;
}

export interface TokenSnapshots {
  listOfTenant(tenantId: string): Promise<TokenSnapshot[]>;
  putAll(snapshots: readonly TokenSnapshot[]): Promise<void>;
  remove(tenantId: string, tokenIds: readonly string[]): Promise<void>;
}

export interface WatchedTenant {
  readonly tenantId: string;
  readonly dueAt: number;
  readonly passedAt?: number;
  readonly goodAt?: number;
  /** In a row, up to now. */
  readonly failedPasses: number;
  readonly failure?: MonitoringFailure;
  /** When licences were read last; absent asks for it. */
  readonly licensesAt?: number;
}

export interface WatchedTenants {
  /** Watches exactly these from now on: each is due at once, others are forgotten. */
  watch(tenantIds: readonly string[], now: number): Promise<void>;
  find(tenantId: string): Promise<WatchedTenant | undefined>;
  /** The tenant that is due for longest and that nobody looks at, held by this process until the lease has passed. */
  claim(owner: string, now: number, leaseMs: number): Promise<WatchedTenant | undefined>;
  /** False when somebody else holds it by now. */
  renewLease(tenantId: string, owner: string, now: number, leaseMs: number): Promise<boolean>;
  /**
   * Stores how a pass went and gives the tenant back; with the tenant as it was claimed it only gives it back. False, and nothing
   * stored, when somebody else holds it by now. Licences that were asked for since the claim stay asked for.
   */
  finish(tenant: WatchedTenant, owner: string): Promise<boolean>;
  /** The next pass reads licences, too. */
  askForLicenses(tenantId: string): Promise<void>;
  /** In a transaction: until it ends no pass over the tenant is stored, so that nothing it opens is missed by who subscribes. */
  lock(tenantId: string): Promise<void>;
}

export interface AlertSubscriptions {
  /** Stores it, in place of the one its conversation had: that one's messages become its own, what waited for it is dropped. */
  put(subscription: AlertSubscription): Promise<void>;
  find(id: string): Promise<AlertSubscription | undefined>;
  /** The one of a conversation, without its thread; removed and suspended ones too. */
  findByConversation(conversationId: string): Promise<AlertSubscription | undefined>;
  /** Those that are told: neither removed nor suspended. */
  listOfTenant(tenantId: string): Promise<AlertSubscription[]>;
  /** Unsubscribed: nothing is kept. */
  erase(conversationId: string): Promise<void>;
  /** The bot was removed from there; what waited is dropped. */
  markRemoved(conversationId: string, at: number): Promise<void>;
  /** Teams takes nothing there any more; what waited is dropped. True for the one caller who suspended it. */
  suspend(id: string, why: string, at: number): Promise<boolean>;
  /** Something came in from there again. True when it was suspended. */
  resume(conversationId: string): Promise<boolean>;
  setWeekly(id: string, weeklyAt: number | undefined): Promise<void>;
  /** To the next one; does nothing when it was set otherwise meanwhile. */
  moveWeekly(id: string, from: number, to: number): Promise<void>;
  listWeeklyDue(now: number): Promise<AlertSubscription[]>;
  /** Subscriptions with something to do that nobody delivers to, held until the lease has passed. */
  claimDue(owner: string, now: number, leaseMs: number, most: number): Promise<AlertSubscription[]>;
  renewLease(id: string, owner: string, now: number, leaseMs: number): Promise<boolean>;
  release(id: string, owner: string): Promise<void>;
  /** Erases those whose bot was removed more than 90 days ago. */
  prune(now: number): Promise<void>;
}

export interface AlertDeliveries {
  /** Stores those whose key is new, in this order. */
  addAll(deliveries: readonly AlertDelivery[]): Promise<void>;
  /** Waiting ones of a subscription that are due, in the order they were added; those behind one that is put off wait, too. */
  listDue(subscriptionId: string, now: number): Promise<AlertDelivery[]>;
  /** Held ones that are not due and were not yet marked as edited: edits notify nobody, so they need not wait for the morning. */
  listUnedited(subscriptionId: string, now: number): Promise<AlertDelivery[]>;
  /** Held ones that are not due, edited or not. */
  listHeld(subscriptionId: string, now: number): Promise<AlertDelivery[]>;
  markEdited(ids: readonly string[]): Promise<void>;
  settle(ids: readonly string[], outcome: 'sent' | 'dropped', at: number): Promise<void>;
  /** From now on they tell of another event: `changed` when only edits are left to do, `opened` when no message shows them any more. */
  setEvent(ids: readonly string[], event: AlertEventKind): Promise<void>;
  /** Tries again later, one attempt more. */
  putOff(ids: readonly string[], dueAt: number): Promise<void>;
  /** Drops those of a subscription that may be worked on but cannot be read. Resolves to how many there were. */
  dropUnreadable(subscriptionId: string, now: number): Promise<number>;
  dropAllOf(subscriptionId: string, at: number): Promise<void>;
  /** How many wait for a subscription that is told. */
  countWaiting(): Promise<number>;
  /** Erases those done more than 30 days ago, and those of subscriptions that are no more. */
  prune(now: number): Promise<void>;
}

/** Which message shows an alert in a subscription's conversation. */
export interface AlertMessage {
  readonly subscriptionId: string;
  readonly alertId: string;
  readonly messageId: string;
  readonly threadId: string;
  /** A digest, which shows others too. */
  readonly shared: boolean;
  /** Of a digest: what it was for, so that it can be drawn again. */
  readonly why?: DigestReason;
  readonly at: number;
}

export interface AlertMessages {
  addAll(messages: readonly AlertMessage[]): Promise<void>;
  /** Every message of a subscription that shows one of these alerts, the newest first. */
  listShowing(subscriptionId: string, alertIds: readonly string[]): Promise<AlertMessage[]>;
  /** Every alert that a message shows. */
  listOn(subscriptionId: string, messageId: string): Promise<AlertMessage[]>;
  forget(subscriptionId: string, messageId: string): Promise<void>;
}

/** Keeps, all or nothing, that Teams took a message: the one statement between a send and its being remembered. */
export interface AnnouncedAlerts {
  record(told: {
    readonly messages: readonly AlertMessage[];
    /** Deliveries that are done with it. */
    readonly sent: readonly string[];
    /** Deliveries told aloud with it, whose older messages are still to be edited. */
    readonly toEdit: readonly string[];
    readonly at: number;
  }): Promise<void>;
}

export interface KnownConversation {
  readonly reference: ConversationReference;
  /** `aadObjectId` of the one person of a personal chat. */
  readonly personId?: string;
  /** Of a channel. */
  readonly teamId?: string;
  readonly seenAt: number;
}

export interface Conversations {
  /**
   * Called for every inbound activity: writes only what is new, such as another serviceUrl. Keyed without the thread. What was noted
   * within the last 10 min is taken for stored, unless `afresh`: another process may have erased it.
   */
  record(conversation: KnownConversation, options?: { readonly afresh: boolean }): Promise<void>;
  /** Where to send to, as last heard of; without a thread. */
  find(conversationId: string): Promise<KnownConversation | undefined>;
  /** Every conversation of a team that was noted with it, without threads. */
  listIdsOfTeam(tenantId: string, teamId: string): Promise<string[]>;
  findPersonal(tenantId: string, personId: string): Promise<KnownConversation | undefined>;
  erase(conversationId: string): Promise<void>;
}

export interface SyncCounts {
  /** How the syncs of these tokens ended that people asked for since then, each counted once however many followed it. */
  countEnded(tenantId: string, tokenIds: 'all' | readonly string[], since: number): Promise<EndedSyncs>;
}

/** `noResult`: nobody could follow them to their end. */
export interface EndedSyncs {
  readonly completed: number;
  readonly failed: number;
  readonly stuck: number;
  readonly noResult: number;
}

export interface AlertRepositories {
  readonly alerts: Alerts;
  readonly subscriptions: AlertSubscriptions;
  readonly deliveries: AlertDeliveries;
  readonly tenants: Pick<WatchedTenants, 'lock'>;
}

/** Changes alerts, and what is to be told of them, together or not at all. */
export type InAlertTransaction = <T>(work: (book: AlertRepositories) => Promise<T>) => Promise<T>;

/**
 * Those of these alerts that the subscription covers now. When they were queued, or written on a message, it may have covered more:
 * somebody who sees fewer tokens may have subscribed since.
 */
export const listMatching = async (
  alerts: Pick<Alerts, 'list'>,
  subscription: AlertSubscription,
  ids: readonly string[],
) => (await alerts.list(ids)).filter((alert) => matchesSubscription(subscription, alert));
