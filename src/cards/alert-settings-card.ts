import { type ChosenCondition, chosenConditions } from '../domain/alert.ts';
import type { QuietHours } from '../domain/subscription.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { withoutMarkdown } from '../lib/text.ts';
import { clockTime } from '../lib/time.ts';
import { cardLimits, header, line, render } from './render.ts';

export interface AlertSettingsCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** Those to choose from, in the order shown, each by a name of its own. */
  readonly tokens: readonly { readonly name: string; readonly isCovered: boolean }[];
  readonly coversAll: boolean;
  /** How many covered tokens the form does not show. */
  readonly unshown: number;
  /** There are more tokens than those, which can be typed. */
  readonly hasMore: boolean;
  readonly events: readonly ChosenCondition[];
  readonly quiet?: QuietHours;
  /** IANA name. */
  readonly timeZone: string;
  readonly weekly: boolean;
  /** Alerts are on already, so that there is a card to go back to. */
  readonly isOn: boolean;
  /** Opaque id of the stored record behind the buttons. */
  readonly recordId: string;
}

/** The value of the choice that means every token; the others' is their number. */
export const allTokensChoice = 'all';

/** So many tokens fit beside “all” into the choices that a card may have. */
export const mostTokenChoices = cardLimits.choices - 1;

/** Shown where no quiet hours are set, so that switching them on is enough. */
const usualQuiet: QuietHours = { from: 22 * 60, to: 7 * 60 };

/** What the alerts of a conversation cover and when they are quiet, as a form. */
export function alertSettingsCard(data: AlertSettingsCardData): CardContent {
  const { locale, conversationKind, unshown, hasMore, events, quiet, timeZone, weekly, isOn, recordId: id } = data;
  const { alertSettings: words, alert, buttons } = textsFor(locale);
  const { label } = words;
  const { from, to } = quiet ?? usualQuiet;
  return render('alert-settings-card', locale, summaryOfAlertSettingsCard(data), {
    ...header(words.heading),
    tokens: [tokenInput(data)],
    unshown: unshown > 0 ? [line(words.unshown(unshown))] : [],
    add: hasMore ? [{ label: label.add, placeholder: words.names }] : [],
    events: [
      {
        label: label.events,
        value: events.join(','),
        choices: chosenConditions.map((condition) => ({ title: alert.name[condition], value: condition })),
      },
    ],
    quiet: [{ label: label.quiet, title: words.quietOn, value: String(quiet !== undefined) }],
    from: [{ label: label.from, value: clockTime(from) }],
    until: [{ label: label.until, value: clockTime(to) }],
    zone: [{ label: label.zone, value: timeZone }],
    weekly:
      conversationKind === 'personal' ? [{ label: label.weekly, title: words.weeklyOn, value: String(weekly) }] : [],
    save: buttons.save,
    id,
    cancel: isOn ? [{ title: buttons.cancel, id }] : [],
  });
}

function tokenInput({ locale, tokens, coversAll }: AlertSettingsCardData) {
  const { alertSettings: words } = textsFor(locale);
  const covered = tokens.flatMap(({ isCovered }, index) => (isCovered ? [String(index + 1)] : []));
  return {
    label: words.label.tokens,
    value: coversAll ? allTokensChoice : covered.join(','),
    choices: [
      { title: words.all, value: allTokensChoice },
      ...tokens.map(({ name }, index) => ({ title: withoutMarkdown(name), value: String(index + 1) })),
    ],
  };
}

export const summaryOfAlertSettingsCard = ({ locale }: Pick<AlertSettingsCardData, 'locale'>): string =>
  textsFor(locale).alertSettings.heading;
