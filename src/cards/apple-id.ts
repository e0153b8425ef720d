import type { ConversationKind } from '../domain/turn.ts';
import { plain } from '../lib/text.ts';

/** The Apple ID as this conversation may see it: whole in a personal chat, elsewhere `j•••@contoso.com`. */
export function appleIdFor(appleId: string, kind: ConversationKind): string {
  const whole = plain(appleId);
  if (kind === 'personal') return whole;
  const at = whole.lastIndexOf('@');
  const [first = ''] = at === 0 ? [] : whole;
  return `${first}•••${at < 0 ? '' : whole.slice(at)}`;
}
