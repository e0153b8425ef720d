import type { Alert } from '../domain/alert.ts';
import type { EndedSyncs } from '../domain/alert-repositories.ts';
import type { RunsOut } from '../domain/licenses.ts';
import { findExpiry, troubleOf, troubles, type VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { alertState, alertTitle, openAlertsButton, sortAlerts } from './alert-text.ts';
import {
  appleIdFor,
  bandOf,
  clientDateTime,
  colored,
  header,
  line,
  lineWithSymbol,
  longestDetail,
  longestTitle,
  render,
  type Tone,
} from './render.ts';
import { daysLeftLine, tokenNames, worstToneOf } from './token-parts.ts';

export interface WeeklyCardData extends Reader {
  /** Opaque id of the record behind the button that leads to what is open; without one there is none. */
  readonly recordId?: string;
  readonly conversationKind: ConversationKind;
  /** Those that the subscription covers, in any order. */
  readonly tokens: readonly VppToken[];
  /** Those still open, in any order. */
  readonly alerts: readonly Alert[];
  /** Apps of these tokens whose licences run out soon, the soonest first. */
  readonly runsOut: readonly (RunsOut & { readonly tokenId: string })[];
  /** Ended in the last seven days. */
  readonly syncs: EndedSyncs;
}

const aheadDays = 60;
const mostRows = 10;

/** The week as one card: what is the matter with tokens, which alerts are open, which tokens expire next. */
export function weeklyCard(data: WeeklyCardData): CardContent {
  const { locale, now, alerts } = data;
  const { card } = textsFor(locale);
  const { weekly } = textsFor(locale).digest;
  const expiring = listExpiring(data);
  const open = sortAlerts(
    alerts.map((alert) => ({ alert })),
    locale,
  );
  const more = (count: number) => (count > mostRows ? [line(weekly.more(count - mostRows))] : []);
  return render('weekly-card', locale, summaryOfWeeklyCard(data), {
    ...header(headingOf(data)),
    band: [bandOf(toneOf(data), countsOf(data).join(' · ') || weekly.noTokens)],
    syncs: [line(syncsOf(data))],
    openHeading: open.length === 0 ? weekly.noneOpen : weekly.openHeading(open.length),
    open: open.slice(0, mostRows).map(({ alert }) => alertRow(alert, data)),
    openMore: more(open.length),
    expiryHeading: expiring.length === 0 ? weekly.noneExpires : weekly.expiryHeading(expiring.length),
    expiring: expiring.slice(0, mostRows).map((token) => expiringTokenRow(token, data)),
    expiringMore: more(expiring.length),
    runsOutHeading: data.runsOut.length === 0 ? [] : [line(weekly.runsOutHeading(data.runsOut.length))],
    runningOut: data.runsOut.slice(0, mostRows).map((app) => runsOutRow(app, data)),
    runningOutMore: more(data.runsOut.length),
    hint: data.conversationKind === 'personal' ? weekly.hint : weekly.hintShared,
    footer: [line(`${card.asOf} ${clientDateTime(now)}`)],
    actions: openAlertsButton(data),
  });
}

/** One line for toasts: how many tokens, and what is the matter with them. */
export function summaryOfWeeklyCard(data: WeeklyCardData): string {
  const { card, list, digest } = textsFor(data.locale);
  return card.summary(headingOf(data), countsOf(data).join(list.separator) || digest.weekly.noTokens);
}

/** Stuck ones and those without a result are named where there are any. */
function syncsOf({ locale, syncs: { completed, failed, stuck, noResult } }: WeeklyCardData): string {
  const { digest, list } = textsFor(locale);
  const { syncs } = digest.weekly;
  const others = [...(stuck > 0 ? [syncs.stuck(stuck)] : []), ...(noResult > 0 ? [syncs.noResult(noResult)] : [])];
  return syncs.line([syncs.completed(completed), syncs.failed(failed), ...others].join(list.separator));
}

const headingOf = ({ locale, tokens }: WeeklyCardData): string => textsFor(locale).digest.weekly.heading(tokens.length);

function countsOf({ locale, now, tokens }: WeeklyCardData): string[] {
  const { count } = textsFor(locale).list;
  const found = tokens.map((token) => troubleOf(token, now));
  return troubles
    .map((trouble) => ({ trouble, times: found.filter((each) => each === trouble).length }))
    .filter(({ times }) => times > 0)
    .map(({ trouble, times }) => count[trouble](times));
}

function toneOf({ now, tokens }: WeeklyCardData): Tone {
  return tokens.length === 0 ? 'plain' : worstToneOf(tokens.map((token) => troubleOf(token, now)));
}

function alertRow(alert: Alert, data: WeeklyCardData) {
  const { locale } = data;
  const { tone, text } = alertState(alert, data);
  const { text: headline, color } = lineWithSymbol(tone, text);
  return { headline, color, title: safeLine(alertTitle(alert, locale), longestTitle) };
}

function runsOutRow(
  { name, daysLeft, tokenId }: WeeklyCardData['runsOut'][number],
  { locale, tokens }: WeeklyCardData,
) {
  const token = tokens.find(({ id }) => id === tokenId);
  const { text: left, color } = colored('warning', textsFor(locale).licenses.runsOut(daysLeft));
  const details = token ? [line(` · ${safeLine(tokenNames(token, locale).title, longestDetail)}`)] : [];
  return { title: safeLine(name, longestTitle), details, left, color };
}

/** Those with at most sixty days to go, the soonest first. */
function listExpiring({ tokens, now, timeZone }: WeeklyCardData): VppToken[] {
  return tokens
    .flatMap((token) => {
      const expiry = findExpiry(token, now, timeZone);
      return expiry && expiry.stage !== 'past' && expiry.days <= aheadDays ? [{ token, at: expiry.at }] : [];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ token }) => token);
}

function expiringTokenRow(token: VppToken, data: WeeklyCardData) {
  const { locale, conversationKind } = data;
  const { title, others } = tokenNames(token, locale);
  const account = token.appleId && others.length === 0 ? [appleIdFor(token.appleId, conversationKind)] : [];
  const details = safeLine([...account, ...others].join(' · '), longestDetail);
  const { text: left, color } = daysLeftLine(token, data);
  return { title: safeLine(title, longestTitle), details: details === '' ? [] : [line(` · ${details}`)], left, color };
}
