import { menuCardId } from '../domain/card-record.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { remember } from '../lib/remember.ts';
import { header, render } from './render.ts';

export type HelpTopic = keyof Texts['commands'];

export interface HelpCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  readonly isTargeted?: boolean;
  /** One command alone. */
  readonly topic?: HelpTopic;
}

/** It says the same to everybody, so it is drawn once in each form. */
export const helpCard = ({ locale, topic, conversationKind, isTargeted }: HelpCardData): CardContent =>
  draw(JSON.stringify({ locale, topic, conversationKind, isTargeted }));

const draw = remember(200, (form) => drawHelpCard(JSON.parse(form)));

function drawHelpCard(data: HelpCardData): CardContent {
  const { locale, topic, conversationKind, isTargeted } = data;
  const { commands, help, alerts } = textsFor(locale);
  const more = topic && groupOf[topic] === 'alerts' ? Object.values(alerts.change) : [];
  const mention = conversationKind === 'personal' ? [] : [help.mention];
  const hints = [...more, help.nameHint, ...mention, ...(topic ? [] : [help.setup])];
  const all = topic === undefined;
  const groups = all ? (Object.keys(help.group) as HelpGroup[]) : topic === 'alerts' ? (['alerts'] as const) : [];
  return render('help-card', locale, summaryOfHelpCard(data), {
    ...header(all ? help.heading : topic === 'alerts' ? help.group.alerts : commands[topic].name),
    intro: all ? [{ text: help.intro }] : [],
    commands: all || topic === 'alerts' ? [] : [describe(commands[topic])],
    groups: groups.map((group) => ({
      names: all ? [{ text: help.group[group] }] : [],
      rows: topicsIn(group).map((each) => helpRow(each, commands[each], isTargeted)),
    })),
    hints: hints.map((text) => ({ text })),
  });
}

/** A row that runs its command when it is tapped, or explains one that changes something at once. */
export const helpRow = (topic: HelpTopic, words: Parameters<typeof describe>[0], isTargeted = false) => ({
  ...describe(words),
  id: `${menuCardId('help', isTargeted)}.${helpTopics.indexOf(topic) + 1}`,
});

const describe = ({ usage, summary }: { readonly usage: string; readonly summary: string }) => ({ usage, summary });

type HelpGroup = keyof Texts['help']['group'];

const groupOf: Readonly<Record<HelpTopic, HelpGroup>> = {
  sync: 'tokens',
  status: 'tokens',
  list: 'tokens',
  apple: 'tokens',
  licenses: 'tokens',
  renew: 'upkeep',
  verify: 'upkeep',
  history: 'upkeep',
  alerts: 'alerts',
  alertsOpen: 'alerts',
  digest: 'alerts',
  alertsOn: 'alerts',
  alertsOff: 'alerts',
  alertsSettings: 'alerts',
  signIn: 'you',
  signOut: 'you',
  whoami: 'you',
  doctor: 'bot',
  help: 'bot',
};

/** A row's number on the card is its topic's place here, counted from 1. */
export const helpTopics = Object.keys(groupOf) as readonly HelpTopic[];

const topicsIn = (group: HelpGroup) => helpTopics.filter((topic) => groupOf[topic] === group);

export const summaryOfHelpCard = ({ locale, topic }: HelpCardData): string => {
  const { commands, help } = textsFor(locale);
  return topic ? commands[topic].summary : help.summary;
};

/** What people may tap instead of typing: nothing that changes anything. */
export function suggestionsIn(locale: Locale): readonly string[] {
  const { list, alerts, whoami, doctor, help } = textsFor(locale).commands;
  return [list.name, list.usage, `${help.name} ${alerts.name}`, whoami.name, doctor.name];
}
