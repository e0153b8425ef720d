import type { CardContent, Locale, Reply, SignInReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { OutboundActivity } from './connector-client.ts';

export interface SignInAddresses {
  /** What silent single sign-on is asked for. */
  readonly idUri: string;
  readonly publicUrl: string;
}

/** Receivers ignore a sign-in whose connection has no name; ours is not one of Azure's. */
const connectionName = 'vpp-sync';

export const cardContentType = 'application/vnd.microsoft.card.adaptive';

/** A reply as the message that Teams is sent. */
export function toActivity(reply: Reply, locale: Locale, addresses: SignInAddresses): OutboundActivity {
  switch (reply.kind) {
    case 'text':
      return { type: 'message', text: reply.text, textFormat: 'plain' };
    case 'card':
    case 'refusal':
      return cardActivity(reply.card, reply.summary);
    case 'signIn':
      return {
        type: 'message',
        attachments: [
          { contentType: 'application/vnd.microsoft.card.oauth', content: signInContent(reply, locale, addresses) },
        ],
      };
  }
}

export function cardActivity(card: CardContent, summary: string): OutboundActivity {
  return { type: 'message', summary, attachments: [{ contentType: cardContentType, content: card }] };
}

/** The same for an OAuthCard and for a card action's `loginRequest`. Source: DESIGN §8 "OAuthCard", "Card actions". */
export function signInContent(
  reply: Pick<SignInReply, 'requestId' | 'text' | 'how'>,
  locale: Locale,
  addresses: SignInAddresses,
) {
  const { requestId: id, text, how } = reply;
  const title = textsFor(locale).buttons.signIn;
  const value = `${addresses.publicUrl}/auth/start?request=${encodeURIComponent(id)}`;
  return {
    text,
    connectionName,
    ...(how === 'silent' && { tokenExchangeResource: { id, uri: addresses.idUri } }),
    buttons: [{ type: 'signin', title, text: title, value }],
  };
}
