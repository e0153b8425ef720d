import type { AlertDeliveries, AlertSubscriptions, Conversations } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { SendingError } from '../domain/turn.ts';
import { TurnOver } from '../lib/worker.ts';
import type { GiveWay } from './give-way.ts';
import type { TellDue } from './tell-due.ts';
import type { TellingParts, TellingPlace } from './telling-place.ts';

export interface TellSubscriptionParts extends Pick<TellingParts, 'onOutcome' | 'log'> {
  readonly subscriptions: Pick<AlertSubscriptions, 'find'>;
  readonly deliveries: Pick<AlertDeliveries, 'listDue' | 'listUnedited' | 'dropUnreadable'>;
  readonly conversations: Pick<Conversations, 'find'>;
  readonly tellDue: TellDue;
  readonly giveWay: GiveWay;
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** A claimed subscription's turn. */
export interface TellingTurn {
  readonly subscription: AlertSubscription;
  /** Throws TurnOver when the turn must not go on. */
  hold(): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Tells one conversation everything that is due, as far as Teams takes it. Resolves to whether there was anything to do. Rejects when
 * the store does not do as it is told.
 */
export type TellSubscription = (turn: TellingTurn) => Promise<boolean>;

const longestWaitForRoomMs = 10_000;

export function createTellSubscription(parts: TellSubscriptionParts): TellSubscription {
  const { deliveries, now } = parts;

  function sendIn({ hold, signal }: TellingTurn): TellingPlace['send'] {
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
  async function findPlace(turn: TellingTurn, drawn: TellingPlace['drawn']): Promise<TellingPlace | undefined> {
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

  async function tellAll(turn: TellingTurn): Promise<boolean> {
    const { id } = turn.subscription;
    const drawn: TellingPlace['drawn'] = new Map();
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
      if (!(error instanceof TurnOver)) await parts.giveWay(turn.subscription, error, turn.signal);
      return true;
    }
  };
}
