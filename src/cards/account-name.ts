import type { ConversationKind } from '../domain/turn.ts';
import { plain } from '../lib/text.ts';

/** Whom a person is signed in as: their sign-in name in a personal chat, elsewhere the name that everybody there sees anyway. */
export function accountName(kind: ConversationKind, userName: string | undefined, name: string): string {
  return plain(kind === 'personal' ? (userName ?? name) : name);
}
