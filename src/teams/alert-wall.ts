import type { AlertWall } from '../alerts/views.ts';
import { type ConversationReference, SendingError, withoutThread } from '../domain/turn.ts';
import { addressed } from './addressed.ts';
import type { ConnectorClient, OutboundActivity, PersonalChats, Sending } from './connector-client.ts';
import { ConnectorError } from './connector-error.ts';
import { cardActivity } from './to-activity.ts';

/** Short against the lease of a subscription, which whoever waits for room must go on holding. */
const roomWithinMs = 15_000;

/** Alerts as Teams' messages. Whatever is sent goes to the reference given, if its address is one of Teams' still. */
export function createAlertWall({ connector }: { readonly connector: ConnectorClient & PersonalChats }): AlertWall {
  const how = ({ tenantId }: ConversationReference, signal: AbortSignal | undefined): Sending => ({
    ...{ tenantId, isTriedOnce: true, roomWithinMs, signal },
  });

  function send(conversation: ConversationReference, activity: OutboundActivity, signal: AbortSignal | undefined) {
    const { serviceUrl, id } = conversation;
    return connector.send(serviceUrl, id, addressed(conversation, activity), how(conversation, signal));
  }

  return {
    async post(conversation, { card, summary }, signal) {
      // Sent to a channel and to none of its threads, a message begins a thread that is named for it.
      const id = withoutThread(conversation.id);
      const messageId = await send({ ...conversation, id }, cardActivity(card, summary), signal);
      if (messageId === undefined) return undefined;
      return { messageId, threadId: conversation.kind === 'channel' ? `${id};messageid=${messageId}` : id };
    },
    async edit(conversation, threadId, messageId, { card, summary }, signal) {
      const place = { ...conversation, id: threadId };
      const activity = addressed(place, cardActivity(card, summary));
      await connector
        .update(conversation.serviceUrl, threadId, messageId, activity, how(conversation, signal))
        .catch((error: unknown) => rethrow(error, threadId));
    },
    async reply(conversation, threadId, text, signal) {
      const line = { type: 'message', text, textFormat: 'plain' };
      await send({ ...conversation, id: threadId }, line, signal).catch((error: unknown) => rethrow(error, threadId));
    },
    async openPersonal({ teamsId, tenantId }, through) {
      const { serviceUrl, bot } = through;
      const chat = { botId: bot.id, teamsId, tenantId };
      const id = await connector.openPersonal(serviceUrl, chat, how({ ...through, tenantId }, undefined));
      if (id === undefined) throw new SendingError('refused', 'noConversation');
      return { serviceUrl, id, kind: 'personal', tenantId, bot };
    },
  };
}

/** A thread may be gone while its channel is there. */
function rethrow(error: unknown, threadId: string): never {
  const isThreadGone =
    error instanceof ConnectorError && error.code === 'ConversationNotFound' && withoutThread(threadId) !== threadId;
  throw isThreadGone ? new SendingError('messageGone', error.code, { cause: error }) : error;
}
