import type { CardContent, ConversationKind, Locale, Person } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, withoutMarkdown } from '../lib/text.ts';
import { helpRow } from './help-card.ts';
import { header, personName, render } from './render.ts';

export interface WelcomeCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** Who added the bot: mentioned in a team or group chat, as Teams' rules ask. */
  readonly addedBy?: Pick<Person, 'teamsId' | 'name'>;
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
  const mentions = shared && addedBy ? [mentionOf(addedBy)] : [];
  return render('welcome-card', locale, summaryOfWelcomeCard(data), {
    ...header(welcome.heading),
    mentions,
    addedBy: mentions.map(({ text }) => ({ text: welcome.addedBy(text) })),
    what: welcome.what,
    rights: welcome.rights,
    tryHeading: welcome.tryHeading,
    tries: (['status', 'sync', 'help'] as const).map((topic) => helpRow(topic, commands[topic])),
    former: former ? [formerBlock(former, locale)] : [],
    hints: [...(shared ? [welcome.mention] : []), welcome.setup].map((text) => ({ text })),
  });
}

export const summaryOfWelcomeCard = ({ locale }: WelcomeCardData): string => textsFor(locale).welcome.summary;

/** Teams draws the text as a mention where it stands in a TextBlock; elsewhere it is read as Markdown, and must not be any. */
function mentionOf({ teamsId, name }: Pick<Person, 'teamsId' | 'name'>) {
  const shown = safeLine(name);
  return { text: `<at>${withoutMarkdown(shown)}</at>`, id: teamsId, name: shown };
}

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
