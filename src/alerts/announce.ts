import { alertCard, summaryOfAlertCard } from '../cards/alert-card.ts';
import { type AlertDigestCardData, alertDigestCard, summaryOfAlertDigestCard } from '../cards/alert-digest-card.ts';
import { alertLines } from '../cards/alert-text.ts';
import { summaryOfWeeklyCard, type WeeklyCardData, weeklyCard } from '../cards/weekly-card.ts';
import type { Alert, AlertEvent } from '../domain/alert.ts';
import {
  type AlertMessage,
  type AlertRepositories,
  type AnnouncedAlerts,
  type DeliveryOutcome,
  listMatching,
} from '../domain/alert-repositories.ts';
import type { CardRecords } from '../domain/card-record.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import type { SyncRun } from '../domain/sync-run.ts';
import { type ConversationReference, type Locale, type Reader, SendingError } from '../domain/turn.ts';
import type { Runtime } from '../lib/runtime.ts';
import { createTokenViews } from '../sync/token-view.ts';
import type { AlertMessenger, CardMessage } from './alert-messenger.ts';
import { recordOpenAlerts } from './open-alerts.ts';
import type { AlertUpdate, Announcement } from './plan-messages.ts';

/** Everything that alerts show in Teams. */
export interface AlertViews {
  /**
   * Draws an alert's card and stores the record behind its buttons; on a sync's card, that card with the alert. Anybody in the
   * conversation may press them, as themselves.
   */
  card(view: AlertView): Promise<CardMessage>;
  /** The digests have a button that leads to what is open in the conversation, if anything is. */
  digest(data: AlertDigestCardData, conversation: ConversationReference): Promise<CardMessage>;
  weekly(data: WeeklyCardData, conversation: ConversationReference): Promise<CardMessage>;
  /** Plain text for a thread, one line for each event. */
  lines(data: Reader & { readonly events: readonly AlertEvent[] }): string;
}

interface AlertView extends Omit<Reader, 'now'> {
  readonly alert: Alert;
  readonly conversation: ConversationReference;
  /** Of the message that it is drawn on; absent for a new one. */
  readonly messageId?: string;
}

interface AlertViewsParts {
  readonly runtime: Runtime;
  readonly records: CardRecords;
  readonly repositories: AlertRepositories;
}

export function createAlertViews({ runtime, records, repositories }: AlertViewsParts): AlertViews {
  const tokenViews = createTokenViews({ runtime, records, repositories });

  /** The sync whose card the message is: alerts of failed syncs may be on its receipt. */
  async function findRun({ alert, conversation, messageId }: AlertView): Promise<SyncRun | undefined> {
    if (messageId === undefined || alert.condition !== 'syncFailed') return undefined;
    return repositories.runs.findOnCard(alert.tenantId, conversation.id, messageId);
  }

  async function recordOpen(
    shown: readonly Alert[],
    conversation: ConversationReference,
    locale: Locale,
  ): Promise<string | undefined> {
    if (shown.every(({ endedAt }) => endedAt !== undefined)) return undefined;
    return recordOpenAlerts({ runtime, records }, conversation, { page: 0, which: [], rows: [], locale });
  }

  return {
    async card(view) {
      const { alert, locale, timeZone, conversation } = view;
      const run = await findRun(view);
      if (run) return tokenViews.drawRun(run, alert);
      const data = { locale, now: runtime.now(), timeZone, conversationKind: conversation.kind, alert };
      const recordId = await tokenViews.recordAlert(alert, conversation);
      return { card: alertCard({ ...data, ...(recordId && { recordId }) }), summary: summaryOfAlertCard(data) };
    },
    async digest(data, conversation) {
      const recordId = await recordOpen(
        data.entries.map(({ alert }) => alert),
        conversation,
        data.locale,
      );
      const card = alertDigestCard({ ...data, ...(recordId && { recordId }) });
      return { card, summary: summaryOfAlertDigestCard(data) };
    },
    async weekly(data, conversation) {
      const recordId = await recordOpen(data.alerts, conversation, data.locale);
      return { card: weeklyCard({ ...data, ...(recordId && { recordId }) }), summary: summaryOfWeeklyCard(data) };
    },
    lines: alertLines,
  };
}

/** One conversation while this process delivers its alerts. */
export interface DeliveryTarget {
  readonly subscription: AlertSubscription;
  /** Messages go here, without a thread. */
  readonly conversation: ConversationReference;
  /** By message id: the revisions of the alerts that this turn has drawn on it. A message that is up to date needs no edit. */
  readonly drawn: Map<string, ReadonlyMap<string, number>>;
  /** Calls the messenger once there is room under Teams' limits. Throws ClaimLost when the turn is over before that. */
  send<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface AnnounceParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly messenger: AlertMessenger;
  readonly views: AlertViews;
  readonly onOutcome: (outcome: DeliveryOutcome, count: number) => void;
}

type OnReceipt = Extract<Announcement, { kind: 'receipt' }>;
/** Announced by a message of its own. */
type Posted = Extract<Announcement, { kind: 'card' | 'digest' }>;

/** Pauses before an accepted message is recorded again. */
const recordRetriesMs = [500, 2_000] as const;

/**
 * Posts one announcement, and records it right after. Older messages that still have to be edited stay due, as edits.
 *
 * Delivery is at least once: when the process ends between Teams' answer and the one transaction that records it, or the database
 * is down for longer than the retries last, the next process posts the message again.
 */
export function createAnnounce(parts: AnnounceParts, { edit, forget }: MessageEditor) {
  const { messenger, views, onOutcome } = parts;
  const { announced, deliveries } = parts.repositories;
  const { now, wait, log } = parts.runtime;

  async function draw({ subscription, conversation }: DeliveryTarget, announcement: Posted): Promise<CardMessage> {
    const { locale, timeZone } = subscription;
    if (announcement.kind === 'card') {
      const [{ alert }] = announcement.updates;
      return views.card({ alert, locale, timeZone, conversation });
    }
    const entries = announcement.updates.map(({ alert, event }) => ({ alert, ...(event && { event }) }));
    const { why } = announcement;
    return views.digest(
      { locale, now: now(), timeZone, conversationKind: conversation.kind, why, entries },
      conversation,
    );
  }

  async function post(target: DeliveryTarget, announcement: Posted): Promise<readonly AlertMessage[]> {
    const { subscription, conversation, drawn } = target;
    const alerts = announcement.updates.map(({ alert }) => alert);
    const message = await draw(target, announcement);
    const posted = await target.send((signal) => messenger.post(conversation, message, signal));
    if (!posted) return [];
    drawn.set(posted.messageId, revisionsOf(alerts));
    const how = announcement.kind === 'card' ? { shared: false } : { shared: true, why: announcement.why };
    return alerts.map(({ id }) => ({ subscriptionId: subscription.id, alertId: id, ...posted, ...how, at: now() }));
  }

  /** Edits the receipt; posts a card when the receipt is gone or cannot be edited. */
  async function showOnReceipt(target: DeliveryTarget, { on, updates }: OnReceipt): Promise<readonly AlertMessage[]> {
    const { subscription, conversation, drawn } = target;
    const [{ alert }] = updates;
    const { messageId, threadId } = on;
    const { locale, timeZone } = subscription;
    const message = await views.card({ alert, locale, timeZone, conversation, messageId });
    try {
      await target.send((signal) => messenger.edit(conversation, threadId, messageId, message, signal));
    } catch (error) {
      if (!(error instanceof SendingError) || (error.fault !== 'messageGone' && error.fault !== 'refused')) throw error;
      return post(target, { kind: 'card', updates });
    }
    drawn.set(messageId, revisionsOf([alert]));
    return [{ subscriptionId: subscription.id, alertId: alert.id, ...on, shared: false, at: now() }];
  }

  async function reply(
    target: DeliveryTarget,
    { on, updates }: Extract<Announcement, { kind: 'line' }>,
  ): Promise<readonly AlertMessage[]> {
    await edit(target, on);
    const { locale, timeZone } = target.subscription;
    const events = updates.flatMap(({ alert, event }) => (event ? [{ kind: event, alert }] : []));
    const text = views.lines({ locale, now: now(), timeZone, events });
    await target.send((signal) => messenger.reply(target.conversation, on.threadId, text, signal));
    return [];
  }

  function send(target: DeliveryTarget, announcement: Announcement): Promise<readonly AlertMessage[]> {
    switch (announcement.kind) {
      case 'line':
        return reply(target, announcement);
      case 'receipt':
        return showOnReceipt(target, announcement);
      default:
        return post(target, announcement);
    }
  }

  async function record(facts: Parameters<AnnouncedAlerts['record']>[0]): Promise<void> {
    for (const retryMs of recordRetriesMs) {
      try {
        return await announced.record(facts);
      } catch (error) {
        log.warn({ err: error }, 'a message that Teams accepted could not be recorded; it is retried');
        await wait(retryMs);
      }
    }
    await announced.record(facts);
  }

  return async (target: DeliveryTarget, announcement: Announcement): Promise<void> => {
    const isOther = ({ messageId }: AlertMessage) =>
      announcement.kind !== 'line' || messageId !== announcement.on.messageId;
    const leavesEdits = ({ shown }: AlertUpdate) => shown.some(isOther);
    const sent = deliveryIdsOf(announcement.updates.filter((update) => !leavesEdits(update)));
    const toEdit = deliveryIdsOf(announcement.updates.filter(leavesEdits));
    try {
      const messages = await send(target, announcement);
      await record({ messages, sent, toEdit, at: now() });
      onOutcome('sent', sent.length);
    } catch (error) {
      if (!(error instanceof SendingError)) throw error;
      if (error.fault === 'messageGone' && announcement.kind === 'line')
        return forget(target, announcement.on.messageId, announcement.updates);
      if (error.fault === 'passing' || error.fault === 'closed') throw error;
      const fields = { err: error, subscriptionId: target.subscription.id, deliveries: sent.length };
      log.error(fields, 'Teams refuses an alert; it is dropped');
      await deliveries.settle(sent, 'dropped', now());
      await deliveries.setEvent(toEdit, 'changed');
      onOutcome('dropped', sent.length);
    }
  };
}

interface MessageEditor {
  /** Redraws a message with its alerts as they are now. False when Teams will never accept it; that is logged. */
  edit(target: DeliveryTarget, message: AlertMessage): Promise<boolean>;
  /**
   * Edits every message that shows these alerts, and settles their deliveries. Returns early when a message is gone: what is due
   * has changed then.
   */
  editAll(target: DeliveryTarget, updates: readonly AlertUpdate[]): Promise<void>;
  /** Forgets a message that is gone. Open alerts that no other message shows are posted anew. */
  forget(target: DeliveryTarget, messageId: string, updates: readonly AlertUpdate[]): Promise<void>;
}

export function createMessageEditor({
  runtime,
  repositories,
  messenger,
  views,
  onOutcome,
}: AnnounceParts): MessageEditor {
  const { alerts, deliveries, messages } = repositories;
  const { now, log } = runtime;

  async function draw(
    { subscription, conversation }: DeliveryTarget,
    { shared, why = 'burst', messageId }: AlertMessage,
    shown: readonly [Alert, ...Alert[]],
  ): Promise<CardMessage> {
    const { locale, timeZone } = subscription;
    if (!shared) {
      // Only a receipt's card can have more than one: of earlier failures, too.
      const alert = shown.reduce((newest, each) => (each.openedAt > newest.openedAt ? each : newest));
      return views.card({ alert, locale, timeZone, conversation, messageId });
    }
    const entries = shown.map((alert) => ({ alert }));
    return views.digest(
      { locale, now: now(), timeZone, conversationKind: conversation.kind, why, entries },
      conversation,
    );
  }

  async function edit(target: DeliveryTarget, message: AlertMessage): Promise<boolean> {
    const { subscription, conversation } = target;
    const { threadId, messageId } = message;
    const on = await messages.listOn(subscription.id, messageId);
    const ids = on.map(({ alertId }) => alertId);
    const [first, ...others] = await listMatching(alerts, subscription, ids);
    if (!first) return true;
    const edited = await draw(target, message, [first, ...others]);
    target.drawn.set(messageId, revisionsOf([first, ...others]));
    try {
      await target.send((signal) => messenger.edit(conversation, threadId, messageId, edited, signal));
      return true;
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault !== 'refused') throw error;
      log.error({ err: error, subscriptionId: subscription.id }, 'Teams refuses an edit of an alert');
      return false;
    }
  }

  async function settle(ids: readonly string[], outcome: 'sent' | 'dropped'): Promise<void> {
    await deliveries.settle(ids, outcome, now());
    onOutcome(outcome, ids.length);
  }

  async function forget(
    { subscription }: DeliveryTarget,
    messageId: string,
    updates: readonly AlertUpdate[],
  ): Promise<void> {
    await messages.forget(subscription.id, messageId);
    log.info({ subscriptionId: subscription.id }, 'a message that showed alerts is gone');
    const unshown = updates.filter(
      ({ shown }) => shown.length > 0 && shown.every((each) => each.messageId === messageId),
    );
    const isOpen = ({ alert }: AlertUpdate) => alert.endedAt === undefined;
    await settle(deliveryIdsOf(unshown.filter((update) => !isOpen(update))), 'sent');
    await deliveries.setEvent(deliveryIdsOf(unshown.filter(isOpen)), 'opened');
  }

  return {
    edit,
    forget,
    async editAll(target, updates) {
      const refused = new Set<string>();
      for (const { alert, shown, deliveryIds } of updates) {
        for (const message of shown) {
          if (isUpToDate(target, message, alert)) continue;
          try {
            if (!(await edit(target, message))) refused.add(message.messageId);
          } catch (error) {
            if (!(error instanceof SendingError) || error.fault !== 'messageGone') throw error;
            return forget(target, message.messageId, updates);
          }
        }
        await settle(deliveryIds, shown.some(({ messageId }) => refused.has(messageId)) ? 'dropped' : 'sent');
      }
    },
  };
}

const deliveryIdsOf = (updates: readonly AlertUpdate[]) => updates.flatMap(({ deliveryIds }) => deliveryIds);

const revisionsOf = (alerts: readonly Alert[]): ReadonlyMap<string, number> =>
  new Map(alerts.map(({ id, revision }) => [id, revision]));

/** True when this turn has drawn the message with the alert as it is now. */
export const isUpToDate = ({ drawn }: DeliveryTarget, { messageId }: AlertMessage, { id, revision }: Alert) =>
  (drawn.get(messageId)?.get(id) ?? -1) >= revision;
