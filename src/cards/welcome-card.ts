import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { personName, render } from './render.ts';

export interface WelcomeCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** The name of the person who added the bot. Teams' rules ask for it in a team or group chat. */
  readonly addedBy?: string;
  /** Alerts that were on before the bot was removed from there. */
  readonly former?: FormerAlerts;
}

export interface FormerAlerts {
  /** The name of the person who had set them up. */
  readonly by: string;
  /** Commands that bring them back, a line each. */
  readonly lines: readonly string[];
  /** How many tokens there were, where the lines do not name each. */
  readonly tokens?: number;
}

/** Sent once per installation and conversation. Promises nothing that needs signing in first. */
export function welcomeCard(data: WelcomeCardData): CardContent {
  const { locale, conversationKind, addedBy, former } = data;
  const { welcome, commands } = textsFor(locale);
  const shared = conversationKind !== 'personal';
  const { status, sync, help } = commands;
  return render('welcome-card', locale, summaryOfWelcomeCard(data), {
    heading: welcome.heading,
    addedBy: shared && addedBy ? [{ text: welcome.addedBy(safeLine(addedBy)) }] : [],
    what: welcome.what,
    rights: welcome.rights,
    tryHeading: welcome.tryHeading,
    tries: [status, sync, help].map(({ usage, summary }) => ({ usage, summary })),
    former: former ? [formerBlock(former, locale)] : [],
    hints: [...(shared ? [welcome.mention] : []), welcome.setup].map((text) => ({ text })),
  });
}

export const summaryOfWelcomeCard = ({ locale }: WelcomeCardData): string => textsFor(locale).welcome.summary;

function formerBlock({ by, lines, tokens }: FormerAlerts, locale: Locale) {
  const { alerts } = textsFor(locale);
  const { heading, what, more } = alerts.again;
  return {
    heading,
    what: what(personName(by, locale)),
    lines: lines.map((line) => ({ text: safeLine(line, 300) })),
    more: tokens === undefined ? [] : [{ text: more(tokens) }],
  };
}
