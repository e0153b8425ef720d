import type { InboundActivity } from './inbound-activity.ts';

export type BotMove = 'came' | 'left';

/**
 * Whether by this activity the bot itself came into its conversation or left it. Teams tells of either in two ways, often in both;
 * `add-upgrade` and `remove-upgrade` are a new version of what is there already.
 */
export function botMoveOf(activity: InboundActivity): BotMove | undefined {
  const { type, action, membersAdded, membersRemoved, recipient } = activity;
  if (type === 'installationUpdate') return action === 'add' ? 'came' : action === 'remove' ? 'left' : undefined;
  if (type !== 'conversationUpdate') return undefined;
  const isBot = (member: { readonly id?: string } | null) => !!member?.id && member.id === recipient?.id;
  if (membersRemoved?.some(isBot)) return 'left';
  return membersAdded?.some(isBot) ? 'came' : undefined;
}
