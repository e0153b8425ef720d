import type { AlertRepositories, Conversations, InAlertTransaction } from '../domain/alert-repositories.ts';
import { type AlertSubscription, planDeliveries } from '../domain/subscription.ts';
import { type ConversationReference, type Person, SendingError } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import type { AlertMessenger } from './alert-messenger.ts';
import { createGetPersonalChat } from './personal-chat.ts';

interface SuspendParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly conversations: Conversations;
  readonly messenger: AlertMessenger;
}

/** `code` is Teams' reason to refuse everything in the subscription's conversation. */
export type Suspend = (subscription: AlertSubscription, code: string, signal: AbortSignal) => Promise<void>;

/** Pauses before the owner is notified again. */
const notifyRetriesMs = [2_000, 10_000] as const;
/** The subscription is leased meanwhile. */
const longestWaitMs = minuteMs;

/**
 * Suspends a subscription whose conversation accepts nothing from the bot, until an activity arrives from there. Its owner is
 * notified once, in their personal chat, if that can be opened; a process that ends right then leaves them unnotified.
 */
export function createSuspend({ runtime, repositories, conversations, messenger }: SuspendParts): Suspend {
  const { now, wait, log } = runtime;
  const getPersonalChat = createGetPersonalChat({ conversations, messenger, runtime });

  async function notify(owner: Person, closed: ConversationReference, text: string): Promise<void> {
    const chat = await getPersonalChat(owner, closed);
    await messenger.reply(chat, chat.id, text);
  }

  async function retry(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (const retryMs of notifyRetriesMs) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SendingError) || error.fault !== 'passing' || signal.aborted) throw error;
        await wait(Math.min(Math.max(retryMs, error.retryAfterMs ?? 0), longestWaitMs), signal);
      }
    }
    await work();
  }

  return async (subscription, code, signal) => {
    const { id, conversationId, owner, locale, createdAt, scope } = subscription;
    if (!(await repositories.subscriptions.suspend(id, code, now()))) return;
    log.warn({ subscriptionId: id, code }, 'Teams accepts no alerts in a conversation; its subscription is suspended');
    const closed = await conversations.find(conversationId);
    if (!closed || closed.reference.kind === 'personal') return;
    // Teams gives no name of the conversation, but its owner may know it by the date and the number of tokens.
    const tokens = scope === 'all' ? undefined : scope.length;
    const text = textsFor(locale).suspended[closed.reference.kind](code, createdAt, tokens);
    await retry(() => notify(owner, closed.reference, text), signal).catch((error: unknown) =>
      log.warn({ err: error, subscriptionId: id }, 'the owner of a suspended subscription could not be notified'),
    );
  };
}

interface ResumeParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly inAlertTransaction: InAlertTransaction;
  readonly onQueued: () => void;
}

/** Called with the conversation's id, without its thread, for every activity that arrives. */
export type Resume = (conversationId: string) => Promise<void>;

/**
 * Resumes a suspended subscription when an activity arrives from its conversation: one digest shows what is open, and what ended
 * meanwhile is edited on its messages. For all others this is one query.
 */
export function createResume({ runtime, repositories, inAlertTransaction, onQueued }: ResumeParts): Resume {
  return async (conversationId) => {
    const found = await repositories.subscriptions.findByConversation(conversationId);
    if (!found?.suspended || found.removedAt !== undefined) return;
    const { suspended, ...subscription } = found;
    const isResumed = await inAlertTransaction(async ({ tenants, alerts, deliveries, subscriptions }) => {
      // A pass may be opening an alert: with the lock either it finds this subscription active, or its alert is found here.
      await tenants.lock(subscription.tenantId);
      const known = await alerts.listOfTenant(subscription.tenantId, suspended.at);
      const events = known.map(
        (alert) => ({ kind: alert.endedAt === undefined ? 'alreadyOpen' : 'changed', alert }) as const,
      );
      const planned = planDeliveries(events, [subscription], runtime.now(), newOpaqueId);
      // The same revision may have been delivered or dropped before the suspension, under the usual key.
      await deliveries.addAll(
        planned.map((delivery) => ({ ...delivery, key: `${delivery.key} after ${suspended.at}` })),
      );
      return subscriptions.resume(conversationId);
    });
    if (!isResumed) return;
    runtime.log.info({ subscriptionId: subscription.id }, 'a suspended subscription is resumed');
    onQueued();
  };
}
