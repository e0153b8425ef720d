import type { ConversationReference } from '../domain/turn.ts';
import type { OutboundActivity } from './connector-client.ts';

/** An activity with who it is from, where it belongs, and what it answers. */
export function addressed(
  conversation: ConversationReference,
  activity: OutboundActivity,
  replyToId?: string,
): OutboundActivity {
  return {
    ...activity,
    channelId: 'msteams',
    serviceUrl: conversation.serviceUrl,
    from: conversation.bot,
    conversation: { id: conversation.id },
    ...(replyToId && { replyToId }),
  };
}
