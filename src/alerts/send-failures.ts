import type {
  AlertDeliveries,
  AlertMessages,
  AlertSubscriptions,
  Alerts,
  AnnouncedAlerts,
  Conversations,
  DeliveryOutcome,
} from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { type ConversationReference, type Locale, type Person, SendingError } from '../domain/turn.ts';
import { mostAttempts, retryDelayMs } from '../lib/retry.ts';
import type { AlertDrawings, AlertMessenger, CardMessage } from './views.ts';

/** One conversation, while this process tells it of its alerts. */
export interface DeliveryTarget {
  readonly subscription: AlertSubscription;
  /** Where messages go now, without a thread. */
  readonly conversation: ConversationReference;
  /** By message: the revision of each alert that this turn has drawn on it. What it shows already needs no edit. */
  readonly drawn: Map<string, ReadonlyMap<string, number>>;
  /** Calls the wall once there is room under Teams' limits. Throws ClaimLost when the turn is over before that. */
  send<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface DeliveryParts {
  readonly alerts: Pick<Alerts, 'list'>;
  readonly deliveries: AlertDeliveries;
  readonly messages: AlertMessages;
  readonly told: AnnouncedAlerts;
  readonly wall: AlertMessenger;
  readonly draw: AlertDrawings;
  readonly drawWeekly: (place: DeliveryTarget) => Promise<CardMessage>;
  readonly onOutcome: (outcome: DeliveryOutcome, count: number) => void;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: DeliveryLog;
}

export interface DeliveryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

interface SendFailureParts extends Pick<DeliveryParts, 'deliveries' | 'onOutcome' | 'now' | 'log'> {
  readonly suspend: (subscription: AlertSubscription, why: string, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** After a conversation could not be told: puts off what is due, drops what was tried for a day, or suspends the subscription. */
export type HandleSendFailure = (subscription: AlertSubscription, error: unknown, signal: AbortSignal) => Promise<void>;

export function createHandleSendFailure({
  deliveries,
  suspend,
  random,
  onOutcome,
  now,
  log,
}: SendFailureParts): HandleSendFailure {
  return async (subscription, error, signal) => {
    const { id } = subscription;
    const due = await deliveries.listDue(id, now());
    if (error instanceof SendingError && error.fault === 'closed') {
      onOutcome('dropped', due.length);
      return suspend(subscription, error.code, signal);
    }
    const retryAfterMs = error instanceof SendingError ? error.retryAfterMs : undefined;
    const isLast = (attempts: number) => attempts + 1 >= mostAttempts;
    const [later, last] = [due.filter((each) => !isLast(each.attempts)), due.filter((each) => isLast(each.attempts))];
    const delayMs = retryDelayMs(Math.max(0, ...due.map(({ attempts }) => attempts)), retryAfterMs, random);
    // Edits before the end of quiet hours are a courtesy: they are not tried again.
    await deliveries.markEdited((await deliveries.listUnedited(id, now())).map((held) => held.id));
    await deliveries.putOff(
      later.map((each) => each.id),
      now() + delayMs,
    );
    await deliveries.settle(
      last.map((each) => each.id),
      'dropped',
      now(),
    );
    onOutcome('putOff', later.length);
    onOutcome('dropped', last.length);
    const fields = { err: error, subscriptionId: id, deliveries: later.length, delayMs };
    if (error instanceof SendingError) log.warn(fields, 'alerts are told later');
    else log.error(fields, 'telling alerts failed; it is tried again');
    if (last.length > 0)
      log.error({ subscriptionId: id, deliveries: last.length }, 'alerts are dropped after a day of trying');
  };
}

interface SuspendParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'suspend'>;
  readonly conversations: Pick<Conversations, 'find' | 'findPersonal' | 'record'>;
  readonly wall: Pick<AlertMessenger, 'reply' | 'openPersonal'>;
  /** What the owner is told. */
  readonly draw: (told: {
    readonly locale: Locale;
    readonly kind: 'groupChat' | 'channel';
    readonly code: string;
    /** Of which subscription: Teams tells no name of the place, but the owner may know it by these. */
    readonly of: Pick<AlertSubscription, 'createdAt' | 'scope'>;
  }) => string;
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: DeliveryLog;
}

type Suspend = (subscription: AlertSubscription, code: string, signal: AbortSignal) => Promise<void>;

/** Waits before the owner is tried again; it is not worth more. */
const tellAgainMs = [2_000, 10_000] as const;

/**
 * Teams takes nothing of the bot in a conversation: its subscription rests until something comes in from there. Whoever subscribed
 * is told once, in their own chat, as far as that can be had; a process that ends right then leaves them untold.
 */
export function createSuspend(parts: SuspendParts): Suspend {
  const { subscriptions, conversations, wall, now, log } = parts;

  async function findChat(owner: Person, through: ConversationReference): Promise<ConversationReference> {
    const known = await conversations.findPersonal(owner.tenantId, owner.aadObjectId);
    if (known) return known.reference;
    const reference = await wall.openPersonal(owner, through);
    await conversations.record({ reference, personId: owner.aadObjectId, seenAt: now() });
    return reference;
  }

  async function tellOwner(owner: Person, closed: ConversationReference, text: string): Promise<void> {
    const chat = await findChat(owner, closed);
    await wall.reply(chat, chat.id, text);
  }

  async function tryTelling(tell: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (const againMs of tellAgainMs) {
      try {
        return await tell();
      } catch (error) {
        if (!(error instanceof SendingError) || error.fault !== 'passing' || signal.aborted) throw error;
        await parts.wait(Math.max(againMs, error.retryAfterMs ?? 0), signal);
      }
    }
    await tell();
  }

  return async (subscription, code, signal) => {
    const { id, conversationId, owner, locale } = subscription;
    if (!(await subscriptions.suspend(id, code, now()))) return;
    log.warn({ subscriptionId: id, code }, 'Teams takes no alerts in a conversation; its subscription is suspended');
    const closed = await conversations.find(conversationId);
    if (!closed) return;
    const { reference } = closed;
    const { kind } = reference;
    if (kind === 'personal') return;
    const text = parts.draw({ locale, kind, code, of: subscription });
    await tryTelling(() => tellOwner(owner, reference, text), signal).catch((error: unknown) =>
      log.warn({ err: error, subscriptionId: id }, 'who subscribed could not be told that their alerts are suspended'),
    );
  };
}
