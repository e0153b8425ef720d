import type { AlertEvent } from '../domain/alert.ts';
import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { brokenReason } from './alert-advice.ts';
import { alertName, alertTitle, alertWhat } from './alert-what.ts';

export interface AlertLineData {
  readonly locale: Locale;
  readonly now: number;
  readonly event: AlertEvent;
}

/** What became of an alert, as one plain line for the thread of its card. */
export function alertLine({ locale, now, event: { kind, alert } }: AlertLineData): string {
  const { line } = textsFor(locale).alert;
  const title = alertTitle(alert, locale);
  const lastedMs = Math.max(0, (alert.endedAt ?? now) - alert.openedAt);
  switch (kind) {
    case 'resolved':
      return line.resolved(title, alertName(alert, locale), lastedMs);
    case 'deleted':
    case 'superseded':
      return line[kind](title, alertName(alert, locale));
    case 'escalated': {
      const what = alertWhat(alert, now, locale);
      if (alert.condition !== 'monitoringBroken') return line.escalated(title, what);
      const { cause, who } = brokenReason(alert, locale);
      return line.mustBeMended(title, what, cause, who);
    }
    default:
      return line[kind](title, alertWhat(alert, now, locale));
  }
}

const mostLines = 5;

/** The same for several at once, one below the other; those after the fifth are only counted. */
export function alertLines({
  locale,
  now,
  events,
}: Omit<AlertLineData, 'event'> & { readonly events: readonly AlertEvent[] }): string {
  const more = events.length - mostLines;
  const lines = events.slice(0, mostLines).map((event) => alertLine({ locale, now, event }));
  return [...lines, ...(more > 0 ? [textsFor(locale).alert.moreLines(more)] : [])].join('\n');
}
