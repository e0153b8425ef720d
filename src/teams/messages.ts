import type { CardContent, Locale, Person, Reply, SignInReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import type { OutboundActivity } from './connector.ts';

export const cardContentType = 'application/vnd.microsoft.card.adaptive';

/** The part of the configuration that sign-in cards name. */
export interface SignInConfig {
  /** `idUri`: the resource that silent single sign-on asks a token for. */
  readonly app: { readonly idUri: string };
  readonly publicUrl: string;
}

/** A reply as the message that Teams shows. */
export function toActivity(reply: Reply, locale: Locale, config: SignInConfig): OutboundActivity {
  switch (reply.kind) {
    case 'text':
      return plainMessage(reply.text);
    case 'card':
    case 'refusal':
      return cardMessage(reply.card, reply.summary);
    case 'signIn':
      return {
        type: 'message',
        attachments: [
          { contentType: 'application/vnd.microsoft.card.oauth', content: signInContent(reply, locale, config) },
        ],
      };
  }
}

export function plainMessage(text: string): OutboundActivity {
  return { type: 'message', text, textFormat: 'plain' };
}

export function cardMessage(card: CardContent, summary: string): OutboundActivity {
  return { type: 'message', summary, attachments: [{ contentType: cardContentType, content: card }] };
}

/** Clients ignore a sign-in whose connection has no name. The bot has no connection at Azure's token service. */
const connectionName = 'vpp-sync';

/** The content of an OAuthCard, and of a card action's `loginRequest`. Source: Bot Framework `OAuthCard`, Universal Action Model. */
export function signInContent(
  { requestId, text, how }: Pick<SignInReply, 'requestId' | 'text' | 'how'>,
  locale: Locale,
  { app, publicUrl }: SignInConfig,
) {
  const title = textsFor(locale).buttons.signIn;
  const value = `${publicUrl}/auth/start?request=${encodeURIComponent(requestId)}`;
  return {
    text,
    connectionName,
    ...(how === 'silent' && { tokenExchangeResource: { id: requestId, uri: app.idUri } }),
    buttons: [{ type: 'signin', title, text: title, value }],
  };
}

interface Mention {
  /** Belongs in a text whose format is `xml`. */
  readonly text: string;
  /** Belongs in the activity's `entities`; Teams compares its text with the message's. */
  readonly entity: object;
}

/** A mention that Teams draws as one and notifies the person of. */
export function mentionOf({ teamsId, name }: Pick<Person, 'teamsId' | 'name'>): Mention {
  const shown = safeLine(name);
  const text = `<at>${escapeXml(shown)}</at>`;
  return { text, entity: { type: 'mention', text, mentioned: { id: teamsId, name: shown } } };
}

/** One plain line that begins with a mention. */
export function mentionMessage(person: Person, line: string): OutboundActivity {
  const { text, entity } = mentionOf(person);
  return { type: 'message', text: `${text} ${escapeXml(line)}`, textFormat: 'xml', entities: [entity] };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
