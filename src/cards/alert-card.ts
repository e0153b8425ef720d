import type { CardContent } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { clientDateTime } from '../lib/time.ts';
import { actionsOf, alertVerbs } from './alert-actions.ts';
import { alertAdvice } from './alert-advice.ts';
import { type AlertRowsData, alertRows, licensesBlock } from './alert-rows.ts';
import { alertName, alertState, alertTitle, alertWhat } from './alert-what.ts';
import { render } from './render.ts';
import { tokenNames } from './token-names.ts';
import { toned } from './tone.ts';

export interface AlertCardData extends AlertRowsData {
  /** Opaque id of the stored record behind every button; without one there are no buttons. */
  readonly pressId?: string;
}

/** One alert as it is now: what is wrong, why and what to do, who is at it; or that it is over, and how long it lasted. */
export function alertCard(data: AlertCardData): CardContent {
  const { locale, now, alert, pressId } = data;
  const { alert: words, buttons, card } = textsFor(locale);
  const isOpen = alert.endedAt === undefined;
  const others = alert.token ? tokenNames(alert.token, locale).others : [];
  const { tone, text } = alertState(alert, now, locale);
  const { text: headline, color } = toned(tone, text);
  const actions = pressId === undefined ? [] : actionsOf(alert).map((action) => ({ action, id: pressId }));
  return render('alert-card', locale, summaryOfAlertCard(data), {
    title: alertTitle(alert, locale),
    subtitle: others.length === 0 ? [] : [{ text: others.join(' · ') }],
    ...{ headline, color },
    notes: notesOf(data).map((note) => ({ text: note })),
    advice: isOpen ? alertAdvice(alert, locale) : [],
    licenses: licensesBlock(data),
    rows: alertRows(data),
    snooze: actions.some(({ action }) => action === 'snooze')
      ? [{ label: words.label.snoozeFor, ...words.snoozeFor }]
      : [],
    asOf: `${card.asOf} ${clientDateTime(now)}`,
    actions: actions.map(({ action, id }) => ({ title: buttons[action], verb: alertVerbs[action], id })),
  });
}

/** One line for toasts, such as "Contoso Berlin: Expires in 7 days". */
export function summaryOfAlertCard({ locale, now, alert }: AlertCardData): string {
  const { card } = textsFor(locale);
  const title = alertTitle(alert, locale);
  return alert.endedAt === undefined
    ? card.summary(title, alertWhat(alert, now, locale))
    : card.summary(title, alertState(alert, now, locale).text);
}

function notesOf({ locale, alert }: AlertCardData): string[] {
  const words = textsFor(locale).alert;
  if (alert.endedAt !== undefined) return [words.was(alertName(alert, locale))];
  return alert.condition === 'monitoringBroken' ? [words.monitoringMeans[alert.detail.failure?.part ?? 'tokens']] : [];
}
