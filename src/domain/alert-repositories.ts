import type { Alert, AlertEventKind, Condition, MonitoringFailure, TokenSnapshot } from './alert.ts';
import type { ConnectorKind } from './connector.ts';
import type { CountedApps } from './license-runway.ts';
import type { RenewalNotices, Renewals } from './renewal.ts';
import { type AlertDelivery, type AlertSubscription, matchesSubscription } from './subscription.ts';
import type { SyncRuns } from './sync-run.ts';
import type { ConversationReference } from './turn.ts';

/** `putOff` counts every failed attempt. */
export type DeliveryOutcome = 'sent' | 'dropped' | 'putOff';

/** The reason for one card with several alerts: open before, too many at once, or held until the end of quiet hours. */
export type DigestReason = 'alreadyOpen' | 'burst' | 'morning';

/** Implemented by src/store over a database or a transaction, like all repositories here. */
export interface Alerts {
  /** A tenant's open alerts, and those that ended at `endedAfter` or later (they may reopen). */
  listOfTenant(tenantId: string, endedAfter: number): Promise<Alert[]>;
  find(id: string): Promise<Alert | undefined>;
  list(ids: readonly string[]): Promise<Alert[]>;
  listOpen(tenantId: string): Promise<Alert[]>;
  hasOpen(tenantId: string, condition: Condition): Promise<boolean>;
  /**
   * Stores an alert as it is now. False, and nothing stored, when the stored revision is not `alert.revision - 1` because somebody
   * changed it meanwhile, or when a new alert would be the second open one of its condition.
   */
  put(alert: Alert): Promise<boolean>;
  /** Erases alerts that ended more than 180 days ago, with their messages. */
  prune(now: number): Promise<void>;
}

/** Connectors of one kind that expire at the same time. */
export interface ExpiryCount {
  readonly kind: ConnectorKind;
  readonly expiresAt: number;
  readonly count: number;
}

export interface TokenSnapshots {
  /** Tokens as they were last seen, missing ones too, but no deleted ones. */
  listOfTenant(tenantId: string): Promise<TokenSnapshot[]>;
  listDeleted(tenantId: string): Promise<TokenSnapshot[]>;
  putAll(snapshots: readonly TokenSnapshot[]): Promise<void>;
  /** How many connectors of each kind expire at each time, in epoch milliseconds; deleted ones and those without a time are left out. */
  countByExpiry(tenantIds: readonly string[]): Promise<readonly ExpiryCount[]>;
  /** Erases those that were deleted, or have been missing, for more than 30 days. */
  prune(now: number): Promise<void>;
}

export interface WatchedTenant {
  readonly tenantId: string;
  readonly dueAt: number;
  readonly passedAt?: number;
  readonly goodAt?: number;
  /** Failed passes in a row, up to now. */
  readonly failedPasses: number;
  readonly failure?: MonitoringFailure;
  /** When licenses were last read; absent: the next pass must read them. */
  readonly licensesAt?: number;
  /** Events of the last pass whose deliveries are not all stored yet. */
  readonly queued?: readonly QueuedEvent[];
}

/** An event of a stored alert, whose deliveries are still to be stored. */
export interface QueuedEvent {
  readonly kind: AlertEventKind;
  readonly alertId: string;
  /** Of the alert after the event. */
  readonly revision: number;
}

/** `good` also before the first pass. */
export type LastPass = 'good' | 'failed';

export interface WatchedTenants {
  /** Watches exactly these tenants from now on: each is due at once, others are removed. */
  watch(tenantIds: readonly string[], now: number): Promise<void>;
  find(tenantId: string): Promise<WatchedTenant | undefined>;
  /** Times of the last good passes, by tenant; a tenant without one is absent. */
  listGoodTimes(tenantIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Leases the tenant that has been due for longest, without a live lease of anybody, to this process: of those whose last pass ended so,
   * of all by default.
   */
  claim(owner: string, now: number, leaseMs: number, lastPass?: LastPass): Promise<WatchedTenant | undefined>;
  /** False when somebody else holds the lease by now. */
  renewLease(tenantId: string, owner: string, now: number, leaseMs: number): Promise<boolean>;
  /**
   * Stores the result of a pass and ends the lease. With queued events the lease is kept and the tenant stays due, so that another
   * process takes the events over if this one dies. False, and nothing stored, when somebody else holds the lease by now. Licenses
   * requested since the claim stay requested.
   */
  finish(tenant: WatchedTenant, owner: string): Promise<boolean>;
  /** Ends the lease, without a result. */
  release(tenantId: string, owner: string): Promise<void>;
  /** Makes the next pass read licenses too. */
  askForLicenses(tenantId: string): Promise<void>;
  /** In a transaction: until it ends, no pass over the tenant is stored, so that a new subscriber misses no alert. */
  lock(tenantId: string): Promise<void>;
}

export interface SubscriptionPage {
  readonly subscriptions: readonly AlertSubscription[];
  /** Id that the next page begins after; absent on the last one. */
  readonly lastId?: string;
}

export interface AlertSubscriptions {
  /** Stores it in place of its conversation's earlier one, whose messages it takes over and whose waiting deliveries are dropped. */
  put(subscription: AlertSubscription): Promise<void>;
  find(id: string): Promise<AlertSubscription | undefined>;
  /** By the conversation's id without thread; finds removed and suspended ones too. */
  findByConversation(conversationId: string): Promise<AlertSubscription | undefined>;
  /** Active ones, neither removed nor suspended, in the order of their ids: up to `most` after `afterId`. */
  listPage(tenantId: string, afterId: string, most: number): Promise<SubscriptionPage>;
  /** For `alerts off`: nothing is kept. */
  erase(conversationId: string): Promise<void>;
  /** For a bot that was removed from the conversation; waiting deliveries are dropped. */
  markRemoved(conversationId: string, at: number): Promise<void>;
  /** For a conversation that accepts no messages; waiting deliveries are dropped. True for the one caller who suspended it. */
  suspend(id: string, why: string, at: number): Promise<boolean>;
  /** For a conversation that sent an activity again. True when the subscription was suspended. */
  resume(conversationId: string): Promise<boolean>;
  setWeekly(id: string, weeklyAt: number | undefined): Promise<void>;
  /** Sets the next weekly digest; does nothing when `from` is no longer the stored time. */
  moveWeekly(id: string, from: number, to: number): Promise<void>;
  listWeeklyDue(now: number): Promise<AlertSubscription[]>;
  /** Leases subscriptions with due deliveries and without a live lease to this process. */
  claimDue(owner: string, now: number, leaseMs: number, most: number): Promise<AlertSubscription[]>;
  renewLease(id: string, owner: string, now: number, leaseMs: number): Promise<boolean>;
  release(id: string, owner: string): Promise<void>;
  /** Erases those from whose conversation the bot was removed more than 90 days ago. */
  prune(now: number): Promise<void>;
}

export interface AlertDeliveries {
  /**
   * Stores deliveries in this order, leaving out those whose key was stored before. Where Teams has put some off, these are due no
   * earlier, and make no edits before they are due.
   */
  addAll(deliveries: readonly AlertDelivery[]): Promise<void>;
  /** A subscription's due deliveries in the order they were added; those behind one that was put off wait too. */
  listDue(subscriptionId: string, now: number): Promise<AlertDelivery[]>;
  /** Held deliveries that are not due and not yet marked as edited: edits notify nobody, so they need not wait for the morning. */
  listUnedited(subscriptionId: string, now: number): Promise<AlertDelivery[]>;
  /** Held deliveries that are not due, edited or not. */
  listHeld(subscriptionId: string, now: number): Promise<AlertDelivery[]>;
  markEdited(ids: readonly string[]): Promise<void>;
  settle(ids: readonly string[], outcome: 'sent' | 'dropped', at: number): Promise<void>;
  /** Changes their event: to `changed` when only edits are left to do, to `opened` when no message shows the alert any more. */
  setEvent(ids: readonly string[], event: AlertEventKind): Promise<void>;
  /** Postpones them, and with them those behind them in their subscription; counts one more attempt of these alone. */
  putOff(ids: readonly string[], dueAt: number): Promise<void>;
  /** Makes them alone due later, without counting an attempt. */
  postpone(ids: readonly string[], dueAt: number): Promise<void>;
  /** Drops a subscription's due or unedited deliveries that cannot be read. Resolves to their number. */
  dropUnreadable(subscriptionId: string, now: number): Promise<number>;
  dropAllOf(subscriptionId: string, at: number): Promise<void>;
  /** Number of deliveries that wait for active subscriptions. */
  countWaiting(): Promise<number>;
  /** Erases those settled more than 30 days ago, and those of erased subscriptions. */
  prune(now: number): Promise<void>;
}

/** A message that shows an alert in a subscription's conversation: a card of its own, a digest, or a sync's receipt. */
export interface AlertMessage {
  readonly subscriptionId: string;
  readonly alertId: string;
  readonly messageId: string;
  readonly threadId: string;
  /** True for a digest, which shows other alerts too. */
  readonly shared: boolean;
  /** Reason for a digest, so that it can be rendered again. */
  readonly why?: DigestReason;
  readonly at: number;
}

export interface AlertMessages {
  addAll(messages: readonly AlertMessage[]): Promise<void>;
  /** A subscription's messages that show any of these alerts, the newest first. */
  listShowing(subscriptionId: string, alertIds: readonly string[]): Promise<AlertMessage[]>;
  /** All alerts that a message shows. */
  listOn(subscriptionId: string, messageId: string): Promise<AlertMessage[]>;
  forget(subscriptionId: string, messageId: string): Promise<void>;
}

/** Records, all or nothing, that Teams accepted a message: in one statement, so that little can fail in between. */
export interface AnnouncedAlerts {
  record(announced: {
    readonly messages: readonly AlertMessage[];
    /** Deliveries that need nothing more. */
    readonly sent: readonly string[];
    /** Deliveries announced by the message, whose older messages are still to be edited. */
    readonly toEdit: readonly string[];
    readonly at: number;
  }): Promise<void>;
}

export interface KnownConversation {
  readonly reference: ConversationReference;
  /** `aadObjectId` of the one person of a personal chat. */
  readonly personId?: string;
  /** Present for a channel. */
  readonly teamId?: string;
  readonly seenAt: number;
}

export interface Conversations {
  /**
   * Called for every inbound activity; writes only changes, such as another serviceUrl. Keyed without the thread. A conversation
   * recorded within the last 10 min counts as stored, unless `afresh`: another process may have erased it.
   */
  record(conversation: KnownConversation, options?: { readonly afresh: boolean }): Promise<void>;
  /** As its last inbound activity described it; without a thread. */
  find(conversationId: string): Promise<KnownConversation | undefined>;
  /** Known conversations of a team, without threads. */
  listIdsOfTeam(tenantId: string, teamId: string): Promise<string[]>;
  findPersonal(tenantId: string, personId: string): Promise<KnownConversation | undefined>;
  erase(conversationId: string): Promise<void>;
}

export interface SyncCounts {
  /** How the syncs of these tokens that people requested since then ended, each counted once however many runs joined it. */
  countEnded(tenantId: string, tokenIds: 'all' | readonly string[], since: number): Promise<EndedSyncs>;
}

/** `noResult`: they could not be followed to their end. */
export interface EndedSyncs {
  readonly completed: number;
  readonly failed: number;
  readonly stuck: number;
  readonly noResult: number;
}

export interface AlertRepositories {
  readonly tenants: WatchedTenants;
  readonly snapshots: TokenSnapshots;
  readonly countedApps: CountedApps;
  readonly alerts: Alerts;
  readonly subscriptions: AlertSubscriptions;
  readonly deliveries: AlertDeliveries;
  readonly messages: AlertMessages;
  readonly announced: AnnouncedAlerts;
  readonly syncCounts: SyncCounts;
  readonly runs: SyncRuns;
  readonly renewals: Renewals;
  readonly renewalNotices: RenewalNotices;
}

/** Changes alerts and their deliveries together or not at all. */
export type InAlertTransaction = <T>(work: (repositories: AlertRepositories) => Promise<T>) => Promise<T>;

/**
 * Those of these alerts that the subscription matches now. It may have matched more when they were queued or shown: somebody who may
 * see fewer tokens may have subscribed since.
 */
export const listMatching = async (alerts: Alerts, subscription: AlertSubscription, ids: readonly string[]) =>
  (await alerts.list(ids)).filter((alert) => matchesSubscription(subscription, alert));
