import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { remember } from '../lib/remember.ts';
import { header, render } from './render.ts';

export type HelpTopic = keyof Texts['commands'];

export interface HelpCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** One command alone. */
  readonly topic?: HelpTopic;
}

/** It says the same to everybody, so it is drawn once in each form. */
export const helpCard = ({ locale, topic, conversationKind }: HelpCardData): CardContent =>
  draw(JSON.stringify({ locale, topic, conversationKind }));

const draw = remember(200, (form) => drawHelpCard(JSON.parse(form)));

function drawHelpCard(data: HelpCardData): CardContent {
  const { locale, topic, conversationKind } = data;
  const { commands, help, alerts } = textsFor(locale);
  const listed = topic ? [commands[topic]] : Object.values(commands);
  const more = topic === 'alertsOn' ? Object.values(alerts.change) : [];
  const hints = [...more, help.nameHint, ...(conversationKind === 'personal' ? [] : [help.mention]), help.setup];
  return render('help-card', locale, summaryOfHelpCard(data), {
    ...header(topic ? commands[topic].name : help.heading),
    intro: help.intro,
    commands: listed.map(({ usage, summary }) => ({ usage, summary })),
    hints: hints.map((text) => ({ text })),
  });
}

export const summaryOfHelpCard = ({ locale, topic }: HelpCardData): string => {
  const { commands, help } = textsFor(locale);
  return topic ? commands[topic].summary : help.summary;
};
