import type { Alert, AlertEventKind } from '../domain/alert.ts';
import { type AlertMessage, type Conversations, listMatching } from '../domain/alert-repositories.ts';
import type { AlertDelivery, AlertSubscription } from '../domain/subscription.ts';
import { conversationRoot, isTargeted, SendingError } from '../domain/turn.ts';
import type { CardMessage } from './alert-messenger.ts';
import {
  type AnnounceParts,
  createAnnounce,
  createMessageEditor,
  type DeliveryTarget,
  isUpToDate,
} from './announce.ts';
import { type AlertUpdate, findReceipt, planMessages, type ReceiptOfAlert, receiptAgeMs } from './plan-messages.ts';
import type { HandleSendFailure } from './send-failures.ts';

interface DeliverParts extends DeliverDueParts {
  readonly conversations: Conversations;
  readonly handleSendFailure: HandleSendFailure;
}

/** A turn of this process at a subscription that it has leased. */
interface DeliveryTurn {
  readonly subscription: AlertSubscription;
  /** Throws ClaimLost when the turn must not go on. */
  checkLease(): Promise<void>;
  readonly signal: AbortSignal;
}

/** Ends a turn early: the process stops, or another process holds the subscription's lease by now. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';

  constructor() {
    super('The delivery to a conversation ends here or goes on in another process');
  }
}

/**
 * Delivers everything that is due to one conversation, as far as Teams accepts it. Resolves to false when there was nothing to do.
 * Rejects when the database fails.
 */
export type DeliverToSubscription = (turn: DeliveryTurn) => Promise<boolean>;

const longestWaitForRoomMs = 10_000;

export function createDeliverToSubscription(parts: DeliverParts): DeliverToSubscription {
  const { conversations, handleSendFailure, onOutcome } = parts;
  const { subscriptions, deliveries } = parts.repositories;
  const { now, wait, log } = parts.runtime;
  const deliverDue = createDeliverDue(parts);

  function sendIn({ checkLease, signal }: DeliveryTurn): DeliveryTarget['send'] {
    return async (call) => {
      for (;;) {
        await checkLease();
        try {
          return await call(signal);
        } catch (error) {
          if (!(error instanceof SendingError) || error.code !== 'noRoom') throw error;
          await wait(Math.min(error.retryAfterMs ?? longestWaitForRoomMs, longestWaitForRoomMs), signal);
        }
      }
    };
  }

  /** Read anew each time: alerts may have been switched off, or the conversation may have another service URL by now. */
  async function findTarget(turn: DeliveryTurn, drawn: DeliveryTarget['drawn']): Promise<DeliveryTarget | undefined> {
    const subscription = await subscriptions.find(turn.subscription.id);
    if (!subscription || subscription.suspended || subscription.removedAt !== undefined) return undefined;
    const known = await conversations.find(subscription.conversationId);
    if (!known) throw new SendingError('passing', 'noReference');
    return { subscription, conversation: known.reference, drawn, send: sendIn(turn) };
  }

  /** An unreadable delivery would make its subscription due again and again. */
  async function dropUnreadable(id: string): Promise<boolean> {
    const dropped = await deliveries.dropUnreadable(id, now());
    if (dropped === 0) return false;
    onOutcome('dropped', dropped);
    log.error({ subscriptionId: id, deliveries: dropped }, 'deliveries of alerts cannot be read and are dropped');
    return true;
  }

  async function deliverAll(turn: DeliveryTurn): Promise<boolean> {
    const { id } = turn.subscription;
    const drawn: DeliveryTarget['drawn'] = new Map();
    for (let rounds = 0; ; rounds += 1) {
      await turn.checkLease();
      const due = await deliveries.listDue(id, now());
      const held = await deliveries.listUnedited(id, now());
      if (due.length + held.length === 0) return rounds > 0 || dropUnreadable(id);
      const target = await findTarget(turn, drawn);
      if (!target) return true;
      if (due.length > 0) await deliverDue.deliver(target, due);
      else await deliverDue.editHeld(target, held);
    }
  }

  return async (turn) => {
    try {
      return await deliverAll(turn);
    } catch (error) {
      if (!(error instanceof ClaimLost)) await handleSendFailure(turn.subscription, error, turn.signal);
      return true;
    }
  };
}

const opens = (event: AlertEventKind): boolean => event === 'opened' || event === 'returned';

interface DeliverDueParts extends AnnounceParts {
  readonly drawWeekly: (target: DeliveryTarget) => Promise<CardMessage>;
}

interface DeliverDue {
  /** Delivers part of what is due: every announcement, or else some edits. The rest is still due. */
  deliver(target: DeliveryTarget, due: readonly AlertDelivery[]): Promise<void>;
  /** Shows on existing messages what will be announced when quiet hours end. Tried once. */
  editHeld(target: DeliveryTarget, held: readonly AlertDelivery[]): Promise<void>;
}

/** While an alert waits for a receipt. */
const askAgainMs = 1_000;

/** Edits are paced and take long, so alerts are read anew after so many. */
const mostEditsAtOnce = 20;

function createDeliverDue(parts: DeliverDueParts): DeliverDue {
  const { messenger, drawWeekly, onOutcome } = parts;
  const { alerts, deliveries, messages, runs } = parts.repositories;
  const { now, log } = parts.runtime;
  const editor = createMessageEditor(parts);
  const announce = createAnnounce(parts, editor);

  async function plan({ subscription }: DeliveryTarget, due: readonly AlertDelivery[]) {
    const ids = [...new Set(due.flatMap(({ body }) => (body.kind === 'alert' ? [body.alertId] : [])))];
    const matching = await listMatching(alerts, subscription, ids);
    const showing = await messages.listShowing(subscription.id, ids);
    const opened = new Set(
      due.flatMap(({ body }) => (body.kind === 'alert' && opens(body.event) ? [body.alertId] : [])),
    );
    const receipts = await findReceipts(
      subscription,
      matching.filter(({ id }) => opened.has(id)),
    );
    return planMessages(due, new Map(matching.map((alert) => [alert.id, alert])), showing, receipts);
  }

  /** The receipts in this conversation of the failed syncs that opened these alerts. */
  async function findReceipts({ conversationId }: AlertSubscription, opened: readonly Alert[]) {
    const receipts = new Map<string, ReceiptOfAlert>();
    for (const alert of opened) {
      if (alert.condition !== 'syncFailed' || alert.endedAt !== undefined) continue;
      const withCards = await runs.listWithCards(alert.tenantId, alert.tokenId, alert.openedAt - receiptAgeMs);
      const here = withCards.filter(
        // A receipt that one person alone sees is no news to the others.
        ({ conversation }) => conversationRoot(conversation.id) === conversationId && !isTargeted(conversation),
      );
      const receipt = findReceipt(alert, here, now());
      if (receipt) receipts.set(alert.id, receipt);
    }
    return receipts;
  }

  async function settle(ids: readonly string[], outcome: 'sent' | 'dropped'): Promise<void> {
    if (ids.length === 0) return;
    await deliveries.settle(ids, outcome, now());
    onOutcome(outcome, ids.length);
  }

  /**
   * A message sent during quiet hours shows its alerts as they are now, so their held deliveries have nothing to add in the
   * morning.
   */
  async function settleHeldOf({ subscription }: DeliveryTarget, updates: readonly AlertUpdate[]): Promise<void> {
    const announced = new Set(updates.map(({ alert }) => alert.id));
    const held = await deliveries.listHeld(subscription.id, now());
    const superseded = held.filter(
      ({ body, attempts }) => attempts === 0 && body.kind === 'alert' && announced.has(body.alertId),
    );
    await settle(
      superseded.map(({ id }) => id),
      'sent',
    );
  }

  async function postWeekly(target: DeliveryTarget, id: string): Promise<void> {
    const digest = await drawWeekly(target);
    try {
      await target.send((signal) => messenger.post(target.conversation, digest, signal));
      await settle([id], 'sent');
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault === 'passing' || error.fault === 'closed') throw error;
      log.error({ err: error, subscriptionId: target.subscription.id }, 'Teams refuses a weekly digest; it is dropped');
      await settle([id], 'dropped');
    }
  }

  async function editUnlessGone(target: DeliveryTarget, message: AlertMessage): Promise<void> {
    try {
      await editor.edit(target, message);
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault === 'closed') throw error;
      log.info({ err: error, subscriptionId: target.subscription.id }, 'an alert is not edited before quiet hours end');
    }
  }

  return {
    async deliver(target, due) {
      const planned = await plan(target, due);
      await settle(planned.nothing, 'sent');
      await settle(planned.lost, 'dropped');
      const weekly = due.filter(({ body }) => body.kind === 'weekly');
      for (const announcement of planned.announcements) {
        await announce(target, announcement);
        await settleHeldOf(target, announcement.updates);
      }
      for (const { id } of weekly) await postWeekly(target, id);
      if (planned.announcements.length + weekly.length > 0) return;
      if (planned.edits.length > 0) await editor.editAll(target, planned.edits.slice(0, mostEditsAtOnce));
      else await deliveries.postpone(planned.waiting, now() + askAgainMs);
    },
    async editHeld(target, held) {
      const { announcements, edits } = await plan(target, held);
      for (const each of announcements) if (each.kind === 'receipt') await announce(target, each);
      const updates = [...announcements.flatMap((each) => each.updates), ...edits];
      for (const { alert, shown } of updates) {
        for (const message of shown) {
          if (!isUpToDate(target, message, alert)) await editUnlessGone(target, message);
        }
      }
      await deliveries.markEdited(held.map(({ id }) => id));
    },
  };
}
