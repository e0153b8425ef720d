import type { InboundActivity } from './inbound-activity.ts';

const mostEntities = 50;

/**
 * A message's text without the mentions of this bot, wherever and however often they stand. Other people's mentions keep
 * their name. Entities may lack any part. Source: facts of `removeRecipientMention`, which removes one and throws.
 */
export function messageText(activity: Pick<InboundActivity, 'text' | 'entities' | 'recipient'>): string {
  let text = activity.text ?? '';
  const botId = activity.recipient?.id;
  for (const entity of (activity.entities ?? []).slice(0, mostEntities)) {
    const mention = entity as { type?: unknown; text?: unknown; mentioned?: { id?: unknown } | null } | null;
    if (!botId || mention?.type !== 'mention' || mention.mentioned?.id !== botId) continue;
    if (typeof mention.text === 'string' && mention.text !== '') text = text.split(mention.text).join(' ');
  }
  const name = activity.recipient?.name;
  if (name) text = text.split(`<at>${name}</at>`).join(' ');
  return text.replace(/<\/?at(?:\s[^>]{0,200})?>/gi, ' ');
}
