import type { Alert } from '../domain/alert.ts';
import {
  type AlertDeliveries,
  type AlertMessage,
  type AlertSubscriptions,
  type AnnouncedAlerts,
  type Conversations,
  listMatching,
} from '../domain/alert-repositories.ts';
import type { AlertDelivery, AlertSubscription } from '../domain/subscription.ts';
import { SendingError } from '../domain/turn.ts';
import { type AnnouncementStep, planMessages, type Work } from './plan-messages.ts';
import type { DeliveryParts, DeliveryTarget, HandleSendFailure } from './send-failures.ts';
import type { CardMessage } from './views.ts';

interface DeliverToSubscriptionParts extends Pick<DeliveryParts, 'onOutcome' | 'log'> {
  readonly subscriptions: Pick<AlertSubscriptions, 'find'>;
  readonly deliveries: Pick<AlertDeliveries, 'listDue' | 'listUnedited' | 'dropUnreadable'>;
  readonly conversations: Pick<Conversations, 'find'>;
  readonly tellDue: DeliverDue;
  readonly giveWay: HandleSendFailure;
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Ends a turn early: the process stops, or another process holds the subscription's lease by now. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';

  constructor() {
    super('The delivery to a conversation ends here or goes on in another process');
  }
}

/** A claimed subscription's turn. */
interface DeliveryTurn {
  readonly subscription: AlertSubscription;
  /** Throws ClaimLost when the turn must not go on. */
  hold(): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Tells one conversation everything that is due, as far as Teams takes it. Resolves to whether there was anything to do. Rejects when
 * the store does not do as it is told.
 */
export type DeliverToSubscription = (turn: DeliveryTurn) => Promise<boolean>;

const longestWaitForRoomMs = 10_000;

export function createDeliverToSubscription(parts: DeliverToSubscriptionParts): DeliverToSubscription {
  const { deliveries, now } = parts;

  function sendIn({ hold, signal }: DeliveryTurn): DeliveryTarget['send'] {
    return async (call) => {
      for (;;) {
        await hold();
        try {
          return await call(signal);
        } catch (error) {
          if (!(error instanceof SendingError) || error.code !== 'noRoom') throw error;
          await parts.wait(Math.min(error.retryAfterMs ?? longestWaitForRoomMs, longestWaitForRoomMs), signal);
        }
      }
    };
  }

  /** Read anew every time: it may have been switched off, or have moved to another address. */
  async function findPlace(turn: DeliveryTurn, drawn: DeliveryTarget['drawn']): Promise<DeliveryTarget | undefined> {
    const subscription = await parts.subscriptions.find(turn.subscription.id);
    if (!subscription || subscription.suspended || subscription.removedAt !== undefined) return undefined;
    const known = await parts.conversations.find(subscription.conversationId);
    if (!known) throw new SendingError('passing', 'noReference');
    return { subscription, conversation: known.reference, drawn, send: sendIn(turn) };
  }

  /** What made it due may be a delivery that cannot be read: it would be taken up for it again and again. */
  async function dropUnreadable(id: string): Promise<boolean> {
    const dropped = await deliveries.dropUnreadable(id, now());
    if (dropped === 0) return false;
    parts.onOutcome('dropped', dropped);
    parts.log.error({ subscriptionId: id, deliveries: dropped }, 'alerts to tell cannot be read and are dropped');
    return true;
  }

  async function tellAll(turn: DeliveryTurn): Promise<boolean> {
    const { id } = turn.subscription;
    const drawn: DeliveryTarget['drawn'] = new Map();
    for (let rounds = 0; ; rounds += 1) {
      await turn.hold();
      const due = await deliveries.listDue(id, now());
      const held = await deliveries.listUnedited(id, now());
      if (due.length + held.length === 0) return rounds > 0 || dropUnreadable(id);
      const place = await findPlace(turn, drawn);
      if (!place) return true;
      if (due.length > 0) await parts.tellDue.tell(place, due);
      else await parts.tellDue.editHeld(place, held);
    }
  }

  return async (turn) => {
    try {
      return await tellAll(turn);
    } catch (error) {
      if (!(error instanceof ClaimLost)) await parts.giveWay(turn.subscription, error, turn.signal);
      return true;
    }
  };
}

interface DeliverDue {
  /** Does part of what is due: everything that is told aloud, else some edits. What is left is still due. */
  tell(place: DeliveryTarget, due: readonly AlertDelivery[]): Promise<void>;
  /** Shows on messages that stand there already what will be told aloud when quiet hours end. Tried once. */
  editHeld(place: DeliveryTarget, held: readonly AlertDelivery[]): Promise<void>;
}

/** Edits are paced, so alerts are read anew after so many. */
const mostEditsAtOnce = 20;

export function createDeliverDue(parts: DeliveryParts): DeliverDue {
  const { deliveries, messages, now, log } = parts;
  const edits = createEditMessages(parts);
  const tellAloud = createAnnounce(parts, edits);

  async function plan({ subscription }: DeliveryTarget, due: readonly AlertDelivery[]) {
    const ids = [...new Set(due.flatMap(({ body }) => (body.kind === 'alert' ? [body.alertId] : [])))];
    const covered = await listMatching(parts.alerts, subscription, ids);
    const alerts = new Map(covered.map((alert) => [alert.id, alert]));
    return planMessages(due, alerts, await messages.listShowing(subscription.id, ids));
  }

  async function settle(ids: readonly string[], outcome: 'sent' | 'dropped'): Promise<void> {
    if (ids.length === 0) return;
    await deliveries.settle(ids, outcome, now());
    parts.onOutcome(outcome, ids.length);
  }

  /** What passes through quiet hours tells an alert as it is now: what is held of it has nothing to add in the morning. */
  async function settleHeldOf({ subscription }: DeliveryTarget, works: readonly Work[]): Promise<void> {
    const told = new Set(works.map(({ alert }) => alert.id));
    const held = await deliveries.listHeld(subscription.id, now());
    const said = held.filter(({ body, attempts }) => attempts === 0 && body.kind === 'alert' && told.has(body.alertId));
    await settle(
      said.map(({ id }) => id),
      'sent',
    );
  }

  async function tellWeekly(place: DeliveryTarget, id: string): Promise<void> {
    const poster = await parts.drawWeekly(place);
    try {
      await place.send((signal) => parts.wall.post(place.conversation, poster, signal));
      await settle([id], 'sent');
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault === 'passing' || error.fault === 'closed') throw error;
      log.error({ err: error, subscriptionId: place.subscription.id }, 'Teams refuses a weekly digest; it is dropped');
      await settle([id], 'dropped');
    }
  }

  return {
    async tell(place, due) {
      const planned = await plan(place, due);
      await settle(planned.nothing, 'sent');
      await settle(planned.lost, 'dropped');
      const weekly = due.filter(({ body }) => body.kind === 'weekly');
      for (const step of planned.aloud) {
        await tellAloud(place, step);
        await settleHeldOf(place, step.works);
      }
      for (const { id } of weekly) await tellWeekly(place, id);
      if (planned.aloud.length + weekly.length === 0)
        await edits.editAll(place, planned.edits.slice(0, mostEditsAtOnce));
    },
    async editHeld(place, held) {
      const { aloud, edits: silent } = await plan(place, held);
      const works = [...aloud.flatMap((step) => step.works), ...silent];
      for (const [message, alert] of works.flatMap((work) => work.shown.map((each) => [each, work.alert] as const))) {
        if (isDrawn(place, message, alert)) continue;
        try {
          await edits.edit(place, message);
        } catch (error) {
          if (!(error instanceof SendingError) || error.fault === 'closed') throw error;
          log.info(
            { err: error, subscriptionId: place.subscription.id },
            'an alert is not edited before quiet hours end',
          );
        }
      }
      await deliveries.markEdited(held.map(({ id }) => id));
    },
  };
}

/** Waits before what Teams has taken is tried to be remembered again. */
const rememberAgainMs = [500, 2_000] as const;

/** Tells one step aloud, and remembers it right after. What is left to edit stays due, as an edit. */
type TellAloud = (place: DeliveryTarget, step: AnnouncementStep) => Promise<void>;

/**
 * Delivery is at least once: when the process ends between Teams' answer and the one transaction that remembers it, or the store
 * is away for longer than this keeps trying, the message is sent again by whoever comes next.
 */
function createAnnounce(parts: DeliveryParts, { edit, forget }: EditMessages): TellAloud {
  const { deliveries, wall, draw, now, wait, log } = parts;

  async function post(
    place: DeliveryTarget,
    step: Exclude<AnnouncementStep, { kind: 'line' }>,
  ): Promise<readonly AlertMessage[]> {
    const { subscription, conversation } = place;
    const { locale, id: subscriptionId } = subscription;
    const { works } = step;
    const poster =
      step.kind === 'card'
        ? await draw.single({ alert: step.works[0].alert, locale, conversation })
        : draw.digest({
            ...{ locale, now: now(), conversationKind: conversation.kind, why: step.why },
            entries: works.map(({ alert, event }) => ({ alert, ...(event && { event }) })),
          });
    const posted = await place.send((signal) => wall.post(conversation, poster, signal));
    if (!posted) return [];
    place.drawn.set(posted.messageId, revisionsOf(works.map(({ alert }) => alert)));
    const how = step.kind === 'card' ? { shared: false } : { shared: true, why: step.why };
    return works.map(({ alert }) => ({ subscriptionId, alertId: alert.id, ...posted, ...how, at: now() }));
  }

  async function answer(
    place: DeliveryTarget,
    { on, works }: Extract<AnnouncementStep, { kind: 'line' }>,
  ): Promise<void> {
    await edit(place, on);
    const { locale } = place.subscription;
    const events = works.flatMap(({ alert, event }) => (event ? [{ kind: event, alert }] : []));
    const text = draw.lines({ locale, now: now(), events });
    await place.send((signal) => wall.reply(place.conversation, on.threadId, text, signal));
  }

  async function remember(told: Parameters<AnnouncedAlerts['record']>[0]): Promise<void> {
    for (const againMs of rememberAgainMs) {
      try {
        return await parts.told.record(told);
      } catch (error) {
        log.warn({ err: error }, 'what Teams was told could not be remembered; it is tried again');
        await wait(againMs);
      }
    }
    await parts.told.record(told);
  }

  return async (place, step) => {
    const isOther = ({ messageId }: AlertMessage) => step.kind !== 'line' || messageId !== step.on.messageId;
    const leavesEdits = ({ shown }: Work) => shown.some(isOther);
    const idsOf = (works: readonly Work[]) => works.flatMap(({ deliveryIds }) => deliveryIds);
    const done = idsOf(step.works.filter((work) => !leavesEdits(work)));
    const toEdit = idsOf(step.works.filter(leavesEdits));
    try {
      const messages = step.kind === 'line' ? await answer(place, step).then(() => []) : await post(place, step);
      await remember({ messages, sent: done, toEdit, at: now() });
      parts.onOutcome('sent', done.length);
    } catch (error) {
      if (!(error instanceof SendingError)) throw error;
      if (error.fault === 'messageGone' && step.kind === 'line') return forget(place, step.on.messageId, step.works);
      if (error.fault === 'passing' || error.fault === 'closed') throw error;
      const fields = { err: error, subscriptionId: place.subscription.id, deliveries: done.length };
      log.error(fields, 'Teams refuses to take an alert; it is dropped');
      await deliveries.settle(done, 'dropped', now());
      await deliveries.setEvent(toEdit, 'changed');
      parts.onOutcome('dropped', done.length);
    }
  };
}

interface EditMessages {
  /** Writes a message anew as its alerts are now. False when Teams will never take it; that is logged. */
  edit(place: DeliveryTarget, message: AlertMessage): Promise<boolean>;
  /** Edits whatever shows these alerts, and settles their deliveries. Stops early when a message is gone: what is due has changed then. */
  editAll(place: DeliveryTarget, works: readonly Work[]): Promise<void>;
  /** A message is gone. Alerts that nothing shows any more are posted anew while they are open. */
  forget(place: DeliveryTarget, messageId: string, works: readonly Work[]): Promise<void>;
}

function createEditMessages(parts: DeliveryParts): EditMessages {
  const { alerts, deliveries, messages, wall, draw, now, log } = parts;

  function drawAnew(
    { subscription, conversation }: DeliveryTarget,
    { shared, why }: AlertMessage,
    shown: Shown,
  ): Promise<CardMessage> {
    const { locale } = subscription;
    if (!shared) return draw.single({ alert: shown[0], locale, conversation });
    const entries = shown.map((alert) => ({ alert }));
    const { kind: conversationKind } = conversation;
    return Promise.resolve(draw.digest({ locale, now: now(), conversationKind, why: why ?? 'burst', entries }));
  }

  async function edit(place: DeliveryTarget, message: AlertMessage): Promise<boolean> {
    const { threadId, messageId } = message;
    const on = await messages.listOn(place.subscription.id, messageId);
    const ids = on.map(({ alertId }) => alertId);
    const [first, ...others] = await listMatching(alerts, place.subscription, ids);
    if (!first) return true;
    const shown: Shown = [first, ...others];
    const poster = await drawAnew(place, message, shown);
    place.drawn.set(messageId, revisionsOf(shown));
    try {
      await place.send((signal) => wall.edit(place.conversation, threadId, messageId, poster, signal));
      return true;
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault !== 'refused') throw error;
      log.error({ err: error, subscriptionId: place.subscription.id }, 'Teams refuses an edit of an alert');
      return false;
    }
  }

  async function settle(ids: readonly string[], outcome: 'sent' | 'dropped'): Promise<void> {
    await deliveries.settle(ids, outcome, now());
    parts.onOutcome(outcome, ids.length);
  }

  async function forget({ subscription }: DeliveryTarget, messageId: string, works: readonly Work[]): Promise<void> {
    await messages.forget(subscription.id, messageId);
    log.info({ subscriptionId: subscription.id }, 'a message that showed alerts is gone');
    const bare = works.filter(({ shown }) => shown.length > 0 && shown.every((each) => each.messageId === messageId));
    const idsOf = (list: readonly Work[]) => list.flatMap(({ deliveryIds }) => deliveryIds);
    const isOpen = ({ alert }: Work) => alert.endedAt === undefined;
    await settle(idsOf(bare.filter((work) => !isOpen(work))), 'sent');
    await deliveries.setEvent(idsOf(bare.filter(isOpen)), 'opened');
  }

  return {
    edit,
    forget,
    async editAll(place, works) {
      const refused = new Set<string>();
      for (const { alert, shown, deliveryIds } of works) {
        for (const message of shown) {
          if (isDrawn(place, message, alert)) continue;
          try {
            if (!(await edit(place, message))) refused.add(message.messageId);
          } catch (error) {
            if (!(error instanceof SendingError) || error.fault !== 'messageGone') throw error;
            return forget(place, message.messageId, works);
          }
        }
        await settle(deliveryIds, shown.some(({ messageId }) => refused.has(messageId)) ? 'dropped' : 'sent');
      }
    },
  };
}

type Shown = readonly [Alert, ...Alert[]];

const revisionsOf = (alerts: readonly Alert[]): ReadonlyMap<string, number> =>
  new Map(alerts.map(({ id, revision }) => [id, revision]));

/** Whether this turn has drawn the message with that alert as it is now. */
const isDrawn = ({ drawn }: DeliveryTarget, { messageId }: AlertMessage, { id, revision }: Alert) =>
  (drawn.get(messageId)?.get(id) ?? -1) >= revision;
