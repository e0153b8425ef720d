import { textsFor } from '../i18n/texts.ts';
import type { ConversationKind, Locale } from '../turn.ts';
import type { CardContent } from './card-content.ts';
import { plain } from './plain.ts';
import { render } from './render.ts';

export interface WelcomeCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** Name of who added the bot. In a team or group chat it is said; Teams' rules ask for it. */
  readonly addedBy?: string;
}

/** Sent once per installation and conversation. Promises nothing that needs signing in first. */
export function welcomeCard(data: WelcomeCardData): CardContent {
  const { locale, conversationKind, addedBy } = data;
  const { welcome, help } = textsFor(locale);
  const shared = conversationKind !== 'personal';
  const { status, sync, help: helping } = help.commands;
  return render('welcome-card', locale, summaryOfWelcomeCard(data), {
    heading: welcome.heading,
    addedBy: shared && addedBy ? [{ text: welcome.addedBy(plain(addedBy)) }] : [],
    what: welcome.what,
    rights: welcome.rights,
    tryHeading: welcome.tryHeading,
    tries: [status, sync, helping].map(({ usage, summary }) => ({ usage, summary })),
    hints: [...(shared ? [welcome.mention] : []), welcome.setup].map((text) => ({ text })),
  });
}

export const summaryOfWelcomeCard = ({ locale }: WelcomeCardData): string => textsFor(locale).welcome.summary;
