import { type Alert, chosenConditions } from '../domain/alert.ts';
import { pushId } from '../domain/connector.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { formats } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import { clockTime } from '../lib/time.ts';
import { alertsBand, openAlertsButton } from './alert-text.ts';
import {
  bandOf,
  buttonsOf,
  type CardRow,
  clientDateTime,
  header,
  line,
  lineWithSymbol,
  personName,
  render,
  rowOf,
  type Tone,
} from './render.ts';

export interface SubscriptionCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  readonly heading: keyof Texts['alerts']['heading'];
  /** Sentences about this answer. */
  readonly notices: readonly { readonly text: string; readonly tone: Tone }[];
  readonly subscription: AlertSubscription;
  /** Names of the listed tokens, in the order shown, as far as they are known. */
  readonly tokenNames: readonly string[];
  /** How many of the listed tokens are not in Intune any more. */
  readonly goneTokens: number;
  /** How its time zone is known. */
  readonly zoneFrom: keyof Texts['alerts']['zone'];
  /** Open alerts that it covers. */
  readonly open: readonly Alert[];
  /** Opaque id of the stored record behind every button. */
  readonly recordId: string;
}

const mostNames = 10;

/** A conversation's subscription: to what, when it is quiet, who set it up, and how to change it. */
export function subscriptionCard(data: SubscriptionCardData): CardContent {
  const { locale, conversationKind, heading, notices } = data;
  const { alerts } = textsFor(locale);
  const { what, quiet, weekly } = alerts.change;
  return render('subscription-card', locale, summaryOfSubscriptionCard(data), {
    ...header(alerts.heading[heading]),
    band: [bandFor(data)],
    notices: notices.map(({ text, tone }) => lineWithSymbol(tone, safeSentence(text))),
    rows: rowsOf(data),
    hints: [what, quiet, ...(conversationKind === 'personal' ? [weekly] : [])].map((text) => ({ text })),
    ...buttonsOf([...(data.open.length === 0 ? [] : openAlertsButton(data)), settingsButton(data)]),
  });
}

const settingsButton = ({ locale, recordId: id }: SubscriptionCardData) => ({
  title: textsFor(locale).buttons.settings,
  verb: 'alertSettings/show',
  id,
});

/** One line for toasts: that alerts are on, and for which tokens. */
export function summaryOfSubscriptionCard(data: SubscriptionCardData): string {
  const { locale, heading, subscription } = data;
  const { alerts } = textsFor(locale);
  const { scope: covers } = subscription;
  return alerts.summary(
    alerts.heading[heading],
    covers === 'all'
      ? alerts.allTokens
      : (countOf(covers, data) ?? data.tokenNames.map((name) => safeLine(name)).join(' · ')),
  );
}

function rowsOf(data: SubscriptionCardData): CardRow[] {
  const { locale, conversationKind, subscription, zoneFrom } = data;
  const { alerts } = textsFor(locale);
  const { label } = alerts;
  const { quiet, timeZone, weeklyAt, owner, createdAt, suspended } = subscription;
  const hours = quiet ? alerts.quiet(clockTime(quiet.from), clockTime(quiet.to)) : alerts.noQuiet;
  return [
    rowOf(label.tokens, line(tokensOf(data))),
    rowOf(label.events, line(eventsOf(data))),
    rowOf(label.quiet, line(hours)),
    ...(quiet || weeklyAt !== undefined ? [rowOf(label.zone, line(alerts.zone[zoneFrom](safeLine(timeZone))))] : []),
    ...(conversationKind === 'personal'
      ? [rowOf(label.weekly, line(weeklyAt === undefined ? alerts.off : alerts.weeklyOn))]
      : []),
    rowOf(label.by, line(personName(owner.name, locale)), [line(clientDateTime(createdAt))]),
    ...(suspended
      ? [rowOf(label.suspended, line(alerts.suspended(safeLine(suspended.why))), [line(clientDateTime(suspended.at))])]
      : []),
  ];
}

/** How many tokens are covered. The push certificate alone is none, and its name says all. */
function countOf(ids: readonly string[], { locale, tokenNames }: SubscriptionCardData): string | undefined {
  const isPush = ids.length === 1 && ids[0] === pushId && tokenNames.length === 1;
  return isPush ? undefined : textsFor(locale).alerts.someTokens(ids.length);
}

function tokensOf(data: SubscriptionCardData): string {
  const { locale, subscription, tokenNames, goneTokens: gone } = data;
  const { alerts } = textsFor(locale);
  const { scope: covers } = subscription;
  if (covers === 'all') return alerts.allTokens;
  const more = tokenNames.length - mostNames;
  const count = countOf(covers, data);
  return [
    ...(count === undefined ? [] : [count]),
    ...tokenNames.slice(0, mostNames).map((name) => safeLine(name)),
    ...(more > 0 ? [alerts.moreTokens(more)] : []),
    ...(gone > 0 ? [alerts.goneTokens(gone)] : []),
  ].join(' · ');
}

function eventsOf({ locale, subscription: { events } }: SubscriptionCardData): string {
  const { alerts, alert } = textsFor(locale);
  const isEvery = chosenConditions.every((condition) => events.includes(condition));
  // The last words name deletions in any case.
  const chosen = events.filter((condition) => condition !== 'tokenDeleted' || events.length === 1);
  const named = isEvery ? [alerts.everyEvent] : chosen.map((condition) => alert.name[condition]);
  return [formats[locale].and(named), alerts.alwaysBroken].join(' · ');
}

/** What is open, unless nothing arrives here any more. */
function bandFor({ locale, open, subscription }: SubscriptionCardData) {
  const { alerts, digest } = textsFor(locale);
  if (subscription.suspended) return bandOf('attention', alerts.label.suspended);
  const [band] = alertsBand(open, locale, (counts) => alerts.summary(alerts.label.open, counts));
  return band ?? bandOf('good', digest.weekly.noneOpen);
}
