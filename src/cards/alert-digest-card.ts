import type { Alert, AlertEventKind } from '../domain/alert.ts';
import type { DigestReason } from '../domain/alert-repositories.ts';
import type { CardContent, ConversationKind, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import {
  alertName,
  alertState,
  alertsBand,
  alertTitle,
  countAlerts,
  openAlertsButton,
  sortAlerts,
} from './alert-text.ts';
import {
  appleIdFor,
  clientDateTime,
  header,
  line,
  lineWithSymbol,
  longestDetail,
  longestTitle,
  personName,
  render,
} from './render.ts';
import { tokenNames } from './token-parts.ts';

export interface DigestEntry {
  /** In its current state. */
  readonly alert: Alert;
  /** The event that brought it here, when it is reported here for the first time. */
  readonly event?: AlertEventKind;
}

export interface AlertDigestCardData extends Reader {
  /** Opaque id of the record behind the button that leads to what is open; without one there is none. */
  readonly recordId?: string;
  readonly conversationKind: ConversationKind;
  readonly why: DigestReason;
  /** In any order; after the fifteenth worst they are only counted. */
  readonly entries: readonly DigestEntry[];
}

const mostRows = 15;

/** Many alerts as one card, the worst first: what is wrong with which token, and who acknowledged it. */
export function alertDigestCard(data: AlertDigestCardData): CardContent {
  const { locale, now, entries } = data;
  const { digest, card } = textsFor(locale);
  const more = entries.length - mostRows;
  return render('alert-digest-card', locale, summaryOfAlertDigestCard(data), {
    ...header(headingOf(data)),
    band: alertsBand(
      entries.map(({ alert }) => alert),
      locale,
    ),
    rows: sortAlerts(entries, locale)
      .slice(0, mostRows)
      .map((entry) => alertRow(entry, data)),
    more: more > 0 ? [line(digest.more(more))] : [],
    hint: digest.hint,
    footer: [line(`${card.asOf} ${clientDateTime(now)}`)],
    actions: openAlertsButton(data),
  });
}

/** One line for toasts: how many alerts, and how serious they are. */
export function summaryOfAlertDigestCard(data: AlertDigestCardData): string {
  const { card, list } = textsFor(data.locale);
  return card.summary(headingOf(data), countsOf(data).join(list.separator));
}

function headingOf({ locale, why, entries }: AlertDigestCardData): string {
  const { heading, openEarlier } = textsFor(locale).digest;
  const isAllOpen = entries.every(({ alert }) => alert.endedAt === undefined);
  return why === 'alreadyOpen' && !isAllOpen ? openEarlier(entries.length) : heading[why](entries.length);
}

function countsOf({ locale, entries }: AlertDigestCardData): string[] {
  const { count } = textsFor(locale).digest;
  return countAlerts(entries.map(({ alert }) => alert)).map(({ what, count: found }) => count[what](found));
}

function alertRow({ alert, event }: DigestEntry, data: AlertDigestCardData) {
  const { locale } = data;
  const { text, tone } = alertState(alert, data);
  const isOpen = alert.endedAt === undefined;
  const { text: headline, color } = lineWithSymbol(tone, isOpen ? text : `${text} · ${alertName(alert, locale)}`);
  const details = safeLine(detailsOf(alert, event, data).join(' · '), longestDetail);
  return {
    headline,
    color,
    title: safeLine(alertTitle(alert, locale), longestTitle),
    details: details === '' ? [] : [line(details)],
  };
}

function detailsOf(
  { token, acknowledged, snoozed, endedAt }: Alert,
  event: AlertEventKind | undefined,
  { locale, now, conversationKind }: Pick<AlertDigestCardData, 'locale' | 'now' | 'conversationKind'>,
): string[] {
  const { digest } = textsFor(locale);
  const isOpen = endedAt === undefined;
  const others = token ? tokenNames(token, locale).others : [];
  const account = token?.appleId && others.length === 0 ? [appleIdFor(token.appleId, conversationKind)] : [];
  return [
    ...(isOpen && (event === 'escalated' || event === 'reminded' || event === 'cameBack') ? [digest.event[event]] : []),
    ...(isOpen && acknowledged ? [digest.acknowledgedBy(personName(acknowledged.by, locale, 40))] : []),
    ...(isOpen && snoozed && snoozed.until > now ? [digest.snoozed] : []),
    ...account,
    ...others,
  ];
}
