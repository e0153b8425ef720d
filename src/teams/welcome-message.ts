import { type FormerAlerts, summaryOfWelcomeCard, welcomeCard } from '../cards/welcome-card.ts';
import type { ConversationKind, Locale, Person } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { OutboundActivity } from './connector-client.ts';
import { mentionOf } from './mention.ts';
import { cardActivity } from './to-activity.ts';

export interface WelcomeMessageData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** Who added the bot, where others are told. */
  readonly addedBy?: Pick<Person, 'teamsId' | 'name'>;
  readonly former?: FormerAlerts;
}

/** The welcome card, under a line that mentions who added the bot. One message, so that it is one notification. */
export function welcomeMessage({ locale, conversationKind, addedBy, former }: WelcomeMessageData): OutboundActivity {
  const data = { locale, conversationKind, ...(former && { former }) };
  const card = cardActivity(welcomeCard(data), summaryOfWelcomeCard(data));
  if (!addedBy) return card;
  const { text, entity } = mentionOf(addedBy);
  return { ...card, text: textsFor(locale).welcome.addedBy(text), textFormat: 'xml', entities: [entity] };
}
