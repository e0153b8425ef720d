import type { Alert, Condition } from '../domain/alert.ts';
import type { CardContent, Locale, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence, withoutMarkdown } from '../lib/text.ts';
import { snoozeInputs, takenLines, takingActions } from './alert-card.ts';
import { alertName, alertState, alertsBand, alertTitle, sortAlerts } from './alert-text.ts';
import { rowId } from './paging.ts';
import { buttonsOf, clientDateTime, header, line, lineWithSymbol, longestTitle, render, type Tone } from './render.ts';

export interface OpenAlertsCardData extends Reader {
  /** What the buttons of an earlier card have done. */
  readonly notice?: { readonly text: string; readonly tone: Tone };
  readonly page: OpenAlertsPage;
  /** Opaque id of the stored record behind every button. */
  readonly recordId: string;
}

/** A part of a conversation's open alerts, as a card shows it. */
export interface OpenAlertsPage {
  /** All that are open, the worst first, those of one condition together. */
  readonly alerts: readonly Alert[];
  /** Counted from 0. */
  readonly page: number;
  /**
   * What can be chosen on the card, in the order of its choices: `all`, a condition, or an alert's id. Conditions with one alert have no
   * choice of their own.
   */
  readonly which: readonly string[];
}

/**
 * So many that the choices stay at fifteen: all, nine alerts, and five conditions. Of those that show one alert alone, only the first and
 * the last can go on beyond the page.
 */
const rowsPerPage = 9;

/** The page that was asked for, or the last one where there are fewer by now. */
export function findOpenAlertsPage(open: readonly Alert[], asked: number, locale: Locale): OpenAlertsPage {
  const alerts = groupAlerts(open, locale);
  const page = Math.min(asked, Math.max(0, Math.ceil(alerts.length / rowsPerPage) - 1));
  const shown = listShown({ alerts, page });
  const conditions = [...new Set(shown.map(({ condition }) => condition))];
  const kinds = conditions.filter((each) => countOf(alerts, each) > 1 && countOf(alerts, each) < alerts.length);
  return { alerts, page, which: ['all', ...kinds, ...shown.map(({ id }) => id)] };
}

/** The condition of the worst alert comes first, with all of its alerts. */
function groupAlerts(open: readonly Alert[], locale: Locale): Alert[] {
  const sorted = sortAlerts(
    open.map((alert) => ({ alert })),
    locale,
  ).map(({ alert }) => alert);
  return [...Map.groupBy(sorted, ({ condition }) => condition).values()].flat();
}

const countOf = (alerts: readonly Alert[], condition: Condition): number =>
  alerts.filter((alert) => alert.condition === condition).length;

const firstOf = ({ page }: Pick<OpenAlertsPage, 'page'>): number => page * rowsPerPage;

/** The alerts of a page, in its order. */
export const listShown = ({ alerts, page }: Pick<OpenAlertsPage, 'alerts' | 'page'>): readonly Alert[] =>
  alerts.slice(firstOf({ page }), firstOf({ page }) + rowsPerPage);

/** What is open in a conversation, by condition, with a choice of what the buttons act on. */
export function openAlertsCard(data: OpenAlertsCardData): CardContent {
  const { locale, now, notice, page, recordId: id } = data;
  const { openAlerts, card, buttons } = textsFor(locale);
  const { alerts } = page;
  const actions = actionsOf(data).map((action) => ({ title: buttons[action], verb: `openAlerts/${action}`, id }));
  const turns = turnsOf(page).map((turn) => ({ title: buttons[turn], verb: `openAlerts/${turn}`, id }));
  return render('open-alerts-card', locale, summaryOfOpenAlertsCard(data), {
    ...header(summaryOfOpenAlertsCard(data)),
    band: alertsBand(alerts, locale),
    none: alerts.length === 0 ? [line(openAlerts.noneHint)] : [],
    notices: notice ? [lineWithSymbol(notice.tone, safeSentence(notice.text))] : [],
    groups: groupsOf(data),
    range: rangeOf(data),
    choices: alerts.length === 0 ? [] : [choicesOf(data)],
    snooze: snoozeInputs(actionsOf(data).includes('snooze'), locale),
    hint: alerts.length === 0 ? [] : [line(openAlerts.hint)],
    footer: [line(`${card.asOf} ${clientDateTime(now)}`)],
    ...buttonsOf(actions),
    turns,
  });
}

/** The heading: how many alerts are open. */
export function summaryOfOpenAlertsCard({ locale, page: { alerts } }: OpenAlertsCardData): string {
  const { openAlerts } = textsFor(locale);
  return alerts.length === 0 ? openAlerts.none : openAlerts.heading(alerts.length);
}

/** Only what at least one of the alerts can take, of all pages. */
function actionsOf({ page, now }: OpenAlertsCardData) {
  const possible = new Set<string>(page.alerts.flatMap((alert) => takingActions(alert, now)));
  return (['acknowledge', 'snooze', 'undo'] as const).filter((action) => possible.has(action));
}

function turnsOf(page: OpenAlertsPage) {
  return [
    ...(page.page > 0 ? (['previous'] as const) : []),
    ...(firstOf(page) + rowsPerPage < page.alerts.length ? (['next'] as const) : []),
  ];
}

function rangeOf({ page, locale }: OpenAlertsCardData) {
  const { alerts } = page;
  if (alerts.length <= rowsPerPage) return [];
  const from = firstOf(page) + 1;
  return [line(textsFor(locale).card.page(from, Math.min(alerts.length, from + rowsPerPage - 1), alerts.length))];
}

function groupsOf(data: OpenAlertsCardData) {
  const { page, locale, now, recordId } = data;
  const { openAlerts, card } = textsFor(locale);
  const numbered = listShown(page).map((alert, index) => ({ alert, position: firstOf(page) + index + 1 }));
  return [...Map.groupBy(numbered, ({ alert }) => alert.condition)].map(([condition, members]) => {
    const rows = members.map(({ alert, position }) => {
      const { tone, text } = alertState(alert, data);
      const { text: headline, color } = lineWithSymbol(tone, text);
      const name = safeLine(alertTitle(alert, locale), longestTitle);
      const index = position - 1 - firstOf(page);
      return {
        title: `${position}  ${name}`,
        headline,
        color,
        ...takenLines(alert, now, locale),
        open: withoutMarkdown(card.openRow(name, safeLine(text, longestTitle))),
        id: rowId({ recordId }, index),
      };
    });
    // Monitoring itself has no token whose status a tap could show.
    const isOfTokens = condition !== 'monitoringBroken';
    return {
      name: openAlerts.group(alertName({ condition }, locale), countOf(page.alerts, condition)),
      rows: isOfTokens ? rows : [],
      others: isOfTokens ? [] : rows,
    };
  });
}

/** The one open alert is chosen already. */
function choicesOf({ page, locale }: OpenAlertsCardData) {
  const { openAlerts } = textsFor(locale);
  const titles = page.which.map((which) => withoutMarkdown(choiceTitle(which, page, locale)));
  return {
    label: openAlerts.which,
    placeholder: openAlerts.placeholder,
    required: openAlerts.choose,
    value: page.alerts.length === 1 ? '1' : '',
    choices: titles.map((title, index) => ({ title, value: `${index + 1}` })),
  };
}

function choiceTitle(which: string, { alerts }: OpenAlertsPage, locale: Locale): string {
  const { choice } = textsFor(locale).openAlerts;
  if (which === 'all') return choice.all(alerts.length);
  const index = alerts.findIndex(({ id }) => id === which);
  const alert = alerts[index];
  if (alert) {
    const title = safeLine(alertTitle(alert, locale), longestTitle);
    return `${index + 1} – ${title} · ${alertName(alert, locale)}`;
  }
  const condition = which as Condition;
  return choice.condition(alertName({ condition }, locale), countOf(alerts, condition));
}
