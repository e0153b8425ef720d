import type { InboundActivity } from './inbound-activity.ts';

const mostEntities = 50;
const tag = /<at(?:\s[^<>]{0,200})?>([^<>]{0,200})<\/at>/gi;

/**
 * A message's text without the mentions of this bot, wherever and however often they stand, and however little is said of
 * them. Somebody else's mention becomes `@name`, which begins no command, whatever they are called.
 * Source: facts of `removeRecipientMention`, which removes one mention and throws on entities that lack a part.
 */
export function messageText(activity: Pick<InboundActivity, 'text' | 'entities' | 'recipient'>): string {
  const { recipient } = activity;
  const mentions = (activity.entities ?? []).slice(0, mostEntities).flatMap(findMention);
  const own = mentions.filter(({ id }) => id !== undefined && id === recipient?.id);
  let text = activity.text ?? '';
  for (const said of own) if (said.text) text = text.split(said.text).join(' ');
  const names = new Set(
    [recipient?.name, ...own.map(({ name }) => name)].flatMap((name) => (name ? [fold(name)] : [])),
  );
  const others = new Set(
    mentions.flatMap(({ id, text: said }) => (said && id !== recipient?.id ? [fold(withoutTag(said))] : [])),
  );
  // In a chat of several the bot is only spoken to when it is mentioned: a first tag that is nobody else's is its own.
  let isFirst = own.every(({ text: said }) => !said);
  return text.replace(tag, (_, name: string) => {
    const folded = fold(name);
    const isOwn = names.has(folded) || (isFirst && !others.has(folded));
    isFirst = false;
    return isOwn ? ' ' : ` @${name} `;
  });
}

interface Mention {
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
}

function findMention(entity: unknown): Mention[] {
  const { type, text, mentioned } = (typeof entity === 'object' && entity !== null ? entity : {}) as Record<
    string,
    unknown
  >;
  if (type !== 'mention') return [];
  const { id, name } = (typeof mentioned === 'object' && mentioned !== null ? mentioned : {}) as Record<
    string,
    unknown
  >;
  return [
    {
      ...(typeof id === 'string' && { id }),
      ...(typeof name === 'string' && { name }),
      ...(typeof text === 'string' && text.trim() !== '' && { text }),
    },
  ];
}

const withoutTag = (text: string) => text.replace(/<\/?at[^<>]{0,200}>/gi, '');
const fold = (name: string) =>
  name
    .replace(/&nbsp;/gi, ' ')
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
