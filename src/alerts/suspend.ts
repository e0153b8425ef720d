import type { AlertSubscriptions, Conversations } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { type ConversationReference, type Locale, type Person, SendingError } from '../domain/turn.ts';
import type { TellingLog } from './telling-place.ts';
import type { AlertWall } from './wall.ts';

export interface SuspendParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'suspend'>;
  readonly conversations: Pick<Conversations, 'find' | 'findPersonal' | 'note'>;
  readonly wall: Pick<AlertWall, 'reply' | 'openPersonal'>;
  /** What the owner is told. */
  readonly draw: (told: {
    readonly locale: Locale;
    readonly kind: 'groupChat' | 'channel';
    readonly code: string;
    /** Of which subscription: Teams tells no name of the place, but the owner may know it by these. */
    readonly of: Pick<AlertSubscription, 'createdAt' | 'covers'>;
  }) => string;
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: TellingLog;
}

export type Suspend = (subscription: AlertSubscription, code: string, signal: AbortSignal) => Promise<void>;

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
    await conversations.note({ reference, personId: owner.aadObjectId, seenAt: now() });
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
