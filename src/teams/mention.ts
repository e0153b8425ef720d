import type { Person } from '../domain/turn.ts';
import { plain } from '../lib/text.ts';

export interface Mention {
  /** Goes into a text whose format is `xml`. */
  readonly text: string;
  /** Goes into the activity's `entities`; Teams compares its text with the message's. */
  readonly entity: object;
}

/** A mention that Teams draws as one and notifies the person of. */
export function mentionOf({ teamsId, name }: Pick<Person, 'teamsId' | 'name'>): Mention {
  const shown = plain(name);
  const text = `<at>${escapeXml(shown)}</at>`;
  return { text, entity: { type: 'mention', text, mentioned: { id: teamsId, name: shown } } };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
