import { toJsonObject } from '../lib/json.ts';
import { cleanText } from '../lib/text.ts';

/** The parts of an activity that a message's words are read from. */
interface WrittenMessage {
  readonly text?: string;
  readonly recipient?: { readonly id?: string; readonly name?: string };
  readonly entities?: readonly unknown[];
  readonly attachments?: readonly unknown[];
}

export interface MessageText {
  /** May hold HTML entities. */
  readonly text: string;
  /** Id of the message that this one quotes. */
  readonly quotedId?: string;
}

export const mostEntities = 50;
const mostAttachments = 20;

/**
 * Reads the words that a person typed. Clients put mark-up of their own around them: mentions, a `<quoted>` tag in a quoted reply,
 * a forwarded message after the words, a quoted one before them. Accepts any: what is missing or odd is left out.
 */
export function readMessageText(activity: WrittenMessage): MessageText {
  const html = findHtml(activity);
  const named = (text: string) => withoutMentions(text, activity);
  const text = (activity.text ?? '').replace(quotedTag, ' ');
  const own = html !== undefined && othersStart.test(html) ? ownWordsOf(html, text, named) : named(text);
  const quotedId = findQuotedId(activity, html);
  return { text: withoutTags(own), ...(quotedId !== undefined && { quotedId }) };
}

function findHtml({ attachments }: WrittenMessage): string | undefined {
  return (attachments ?? [])
    .slice(0, mostAttachments)
    .map(toJsonObject)
    .flatMap(({ contentType, content }) =>
      contentType === 'text/html' && typeof content === 'string' ? [content] : [],
    )[0];
}

const quotedTag = /<quoted\b[^<>]{0,500}>(?:[^<]{0,5000}<\/quoted\s*>)?/gi;
const quotedIdIn = /<quoted\b[^<>]{0,400}?\smessageId\s*=\s*["']?([\w.:-]{1,200})/i;
const replyIdIn =
  /<blockquote\b(?=[^<>]{0,500}schema\.skype\.com\/Reply)[^<>]{0,500}?\sitemid\s*=\s*["']?([\w.:-]{1,200})/i;

/** Clients of different ages name the quoted message in the text, in an entity or in the HTML part. */
function findQuotedId({ text, entities }: WrittenMessage, html: string | undefined): string | undefined {
  const inText = quotedIdIn.exec(text ?? '')?.[1];
  if (inText !== undefined) return inText;
  for (const entity of (entities ?? []).slice(0, mostEntities).map(toJsonObject)) {
    if (entity.type !== 'quotedReply') continue;
    const id = toJsonObject(entity.quotedReply).messageId ?? entity.messageId;
    if (typeof id === 'string' && id !== '') return id;
  }
  return replyIdIn.exec(html ?? '')?.[1];
}

/** A forwarded message, or the message that an older client's reply quotes. */
const othersStart = /<blockquote\b[^<>]{0,500}schema\.skype\.com\/(Forward|Reply)\b/i;
const blockquoteEnd = '</blockquote>';
const mentionSpan = /<span\b[^<>]{0,500}schema\.skype\.com\/Mention[^<>]{0,500}>([^<>]{0,200})<\/span>/gi;

/**
 * The words that somebody put beside a message that they forward or quote. A message's text may hold both, so the HTML part
 * decides: the other message is a block quote there. Empty for a forward without words of its own.
 */
function ownWordsOf(html: string, text: string, named: (text: string) => string): string {
  const start = html.search(othersStart);
  const end = html.toLowerCase().lastIndexOf(blockquoteEnd);
  const [body, after] =
    end < start ? [html.slice(start), ''] : [html.slice(start, end), html.slice(end + blockquoteEnd.length)];
  const own = named(`${html.slice(0, start)} ${after}`.replace(mentionSpan, '<at>$1</at>'));
  if (plain(own) !== '') return own;
  // Some clients put the own words into the text alone.
  const [whole, others] = [plain(named(text)), plain(body)];
  if (othersStart.exec(html)?.[1]?.toLowerCase() === 'reply') {
    return whole.startsWith(others) ? whole.slice(others.length) : whole;
  }
  return whole.endsWith(others) ? whole.slice(0, whole.length - others.length) : '';
}

const plain = (markup: string) => cleanText(withoutTags(markup));

const tag = /<(\/?)([a-z][a-z\d:]{0,40})((?:\s[^<>]{0,2000})?)(\/?)>/gi;
const insideWords: ReadonlySet<string> = new Set([
  'a',
  'b',
  'code',
  'del',
  'em',
  'emoji',
  'font',
  'i',
  'ins',
  'mark',
  's',
  'span',
  'strike',
  'strong',
  'sub',
  'sup',
  'u',
]);
const betweenWords: ReadonlySet<string> = new Set([
  'at',
  'attachment',
  'blockquote',
  'br',
  'div',
  'hr',
  'img',
  'li',
  'ol',
  'p',
  'pre',
  'quoted',
  'table',
  'td',
  'tr',
  'ul',
]);

/** Drops a client's tags and keeps their content. Somebody may type `<name>` as help pages write it: that is no tag. */
function withoutTags(text: string): string {
  return text.replace(tag, (whole, closing: string, name: string, attributes: string, selfClosing: string) => {
    const known = name.toLowerCase();
    if (insideWords.has(known)) return '';
    const isTag = betweenWords.has(known) || closing + selfClosing !== '' || /[=/]/.test(attributes);
    return isTag ? ' ' : whole;
  });
}

const mentionTag = /<at(?:\s[^<>]{0,200})?>([^<>]{0,200})<\/at>/gi;

/**
 * A text without any mention of this bot, wherever it is. A mention of somebody else becomes `@name`, which begins
 * no command whatever they are called. Botbuilder's own `removeRecipientMention` removes one mention alone, and throws on
 * entities that lack a part.
 */
function withoutMentions(text: string, { entities, recipient }: WrittenMessage): string {
  const mentions = (entities ?? []).slice(0, mostEntities).flatMap(findMention);
  const own = mentions.filter(({ id }) => id !== undefined && id === recipient?.id);
  let left = text;
  for (const mention of own) if (mention.text) left = left.split(mention.text).join(' ');
  const ownNames = new Set(
    [recipient?.name, ...own.map(({ name }) => name)].flatMap((name) => (name ? [fold(name)] : [])),
  );
  const otherNames = new Set(
    mentions.flatMap(({ id, text: shown }) => (shown && id !== recipient?.id ? [fold(withoutTag(shown))] : [])),
  );
  // In a shared chat the bot gets a message only when mentioned, so a first tag that is nobody else's is its own.
  let isFirst = own.every(({ text: shown }) => !shown);
  return left.replace(mentionTag, (_, name: string) => {
    const folded = fold(name);
    const isOwn = ownNames.has(folded) || (isFirst && !otherNames.has(folded));
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
  const { type, text, mentioned } = toJsonObject(entity);
  if (type !== 'mention') return [];
  const { id, name } = toJsonObject(mentioned);
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
