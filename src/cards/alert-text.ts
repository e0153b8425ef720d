import {
  type Alert,
  type AlertEvent,
  type Condition,
  conditionStages,
  type MonitoringFailure,
  type Severity,
  severityOf,
  stageIndex,
} from '../domain/alert.ts';
import { kindOf } from '../domain/connector.ts';
import { printEntraCode } from '../domain/entra-errors.ts';
import { findExpiry } from '../domain/token.ts';
import type { Locale, Reader } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import { findInstant, hourMs } from '../lib/time.ts';
import { bandOf, type Tone } from './render.ts';
import { tokenNames } from './token-parts.ts';
import { adviceLines, ownAdvice } from './token-state.ts';

const severityTones: Readonly<Record<Severity, Tone>> = {
  critical: 'attention',
  warning: 'warning',
  // Only an expiry within a month: the card of its token is as yellow.
  info: 'warning',
};

/** The subject of an alert: the token's title, or monitoring itself. */
export function alertTitle({ token, condition }: Alert, locale: Locale): string {
  const { alert, card } = textsFor(locale);
  if (condition === 'monitoringBroken') return alert.monitoring;
  return token ? tokenNames(token, locale).title : card.unnamedToken;
}

/** The fault as it is now, with its numbers, in our own words alone. */
export function alertWhat({ condition, stage, token, detail }: Alert, { locale, now, timeZone }: Reader): string {
  const { what } = textsFor(locale).alert;
  const sinceMs = detail.since === undefined ? undefined : Math.max(0, now - detail.since);
  switch (condition) {
    case 'expiring': {
      const expiry = token && findExpiry(token, now, timeZone);
      if (!expiry) return what.expiringSoon;
      return expiry.stage === 'past' ? what.expired : what.expiring(expiry.days);
    }
    case 'syncStuck':
      return what.syncStuck(sinceMs);
    case 'syncStale':
      return what.syncStale(sinceMs ?? (stage === 'h72' ? 72 : 36) * hourMs);
    case 'licenses': {
      const { apps = [] } = detail;
      const usedUp = apps.filter(({ used, total }) => used >= total).length;
      if (stage === 'usedUp') return what.licensesUsedUp(Math.max(1, usedUp));
      const soon = apps.flatMap(({ daysLeft }) => (daysLeft === undefined ? [] : [daysLeft]));
      if (soon.length > 0) return what.licensesRunOut(soon.length, Math.min(...soon));
      return what.licensesLow(Math.max(1, apps.length));
    }
    case 'monitoringBroken':
      if (detail.failure?.reason === 'allGone') return what.allGone;
      return detail.failure?.part === 'licenses' ? what.brokenLicenses : what.brokenTokens;
    default:
      return ownWhat(condition, token, locale) ?? what[condition];
  }
}

/** The fault in words of the connector's own kind, where it has some. */
function ownWhat(condition: Condition, token: Alert['token'], locale: Locale): string | undefined {
  const kind = token ? kindOf(token) : 'vpp';
  if (kind === 'vpp') return undefined;
  const words: Readonly<Record<string, string>> = textsFor(locale).connector.what[kind];
  return words[condition];
}

/** The fault in a word or two without numbers, for an alert that is over. */
export const alertName = ({ condition }: Pick<Alert, 'condition'>, locale: Locale): string =>
  textsFor(locale).alert.name[condition];

/** The state of an alert: how serious while it is open, how it ended when it has. */
export function alertState(alert: Alert, reader: Reader): { readonly tone: Tone; readonly text: string } {
  const words = textsFor(reader.locale).alert;
  const { endedAt, ending = 'resolved', stage, openedAt } = alert;
  if (endedAt !== undefined) {
    const tone = ending === 'resolved' ? 'good' : 'plain';
    return { tone, text: words.ended[ending](Math.max(0, endedAt - openedAt)) };
  }
  const severity = severityOf(stage);
  return { tone: severityTones[severity], text: `${words.severity[severity]} · ${alertWhat(alert, reader)}` };
}

/** The likely cause and the one next step; for broken monitoring also who can fix it. */
export function alertAdvice({ condition, stage, detail, token }: Alert, locale: Locale) {
  const { alert, state } = textsFor(locale);
  const own = token && ownAdvice(token, condition === 'expiring' ? 'expiresSoon' : condition, locale);
  if (own) return adviceLines(own, locale);
  switch (condition) {
    case 'monitoringBroken':
      return brokenLines(detail.failure, locale);
    case 'tokenDeleted':
    case 'syncStuck':
    case 'syncStale':
      return adviceLines(alert.advice[condition], locale);
    case 'licenses': {
      const isAhead = stage !== 'usedUp' && detail.apps?.some(({ daysLeft }) => daysLeft !== undefined);
      return adviceLines(alert.advice[isAhead ? 'licensesRunOut' : condition], locale);
    }
    case 'expiring':
      return adviceLines(state.advice.expiresSoon, locale);
    default:
      return adviceLines(state.advice[condition], locale);
  }
}

interface Broken {
  readonly text: string;
  readonly fix: string;
  readonly who: string;
}

/** Why monitoring is broken and who can fix it, in two sentences. */
function brokenReason({ detail }: Alert, locale: Locale): { readonly cause: string; readonly who: string } {
  const { text, who } = explainBroken(detail.failure, textsFor(locale));
  return { cause: safeSentence(text), who };
}

function brokenLines(failure: MonitoringFailure | undefined, locale: Locale) {
  const { card } = textsFor(locale);
  const { text, fix, who } = explainBroken(failure, textsFor(locale));
  const line = (label: string, said: string) => ({ label: card.labelled(label), text: safeSentence(said) });
  return [line(card.label.cause, text), line(card.label.who, who), line(card.label.next, fix)];
}

/** Why a tenant cannot be read: in `doctor`'s words where it has some, else in the alert's own. */
function explainBroken(failure: MonitoringFailure | undefined, { doctor, alert, errors }: Texts): Broken {
  const { monitoring } = doctor;
  const { broken } = alert;
  const admin = errors.graph.missingScope([]).who;
  const operator = errors.unexpected.who;
  const nobody = errors.graph.throttled().who;
  const roles = (failure?.neededScopes ?? []).map((role) => safeLine(role));
  switch (failure?.reason) {
    case 'consentRequired':
      return { ...monitoring.consent, who: admin };
    case 'missingScope':
      return { ...(roles.length === 0 ? monitoring.consent : monitoring.lacks(roles)), who: admin };
    case 'forbidden':
      return { ...broken.forbidden, who: admin };
    case 'wrongClientSecret':
      return { ...monitoring.wrongSecret(printEntraCode(safeLine(failure.code ?? ''))), who: operator };
    case 'blockedByPolicy':
    case 'notInTenant':
      return { ...monitoring[failure.reason](printEntraCode(safeLine(failure.code ?? ''))), who: admin };
    case 'tenantNotAllowed':
      return { ...monitoring.tenantNotAllowed, who: operator };
    case 'refused':
      return { ...monitoring.refused(codeOf(failure)), who: admin };
    case 'tokenRejected':
    case 'claimsChallenge':
      return { ...broken.tokenRejected, who: operator };
    case 'throttled':
      return { ...broken.throttled, who: nobody };
    case 'unavailable':
    case 'timedOut':
      return { ...broken.unavailable, who: nobody };
    case 'unreadable':
      return { ...broken.unreadable, who: operator };
    case 'allGone':
      return { ...broken.allGone, who: errors.graph.notFound.who };
    default:
      return { ...broken.unexpected, who: operator };
  }
}

const codeOf = ({ code, reason }: MonitoringFailure): string =>
  printEntraCode(safeLine(code ?? '')) || safeLine(reason);

interface AlertLineData extends Reader {
  readonly event: AlertEvent;
}

/** One event of an alert as a line for the thread of its card. */
export function alertLine({ event: { kind, alert }, ...reader }: AlertLineData): string {
  const { locale, now } = reader;
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
      const what = alertWhat(alert, reader);
      if (alert.condition !== 'monitoringBroken') return line.escalated(title, what);
      const { cause, who } = brokenReason(alert, locale);
      return line.needsFix(title, what, cause, who);
    }
    default:
      return line[kind](title, alertWhat(alert, reader));
  }
}

const mostLines = 5;

/** Several events, a line each; those after the fifth are only counted. */
export function alertLines({ events, ...reader }: Reader & { readonly events: readonly AlertEvent[] }): string {
  const more = events.length - mostLines;
  const lines = events.slice(0, mostLines).map((event) => alertLine({ ...reader, event }));
  return [...lines, ...(more > 0 ? [textsFor(reader.locale).alert.moreLines(more)] : [])].join('\n');
}

const severities: readonly Severity[] = ['critical', 'warning', 'info'];
const conditions = Object.keys(conditionStages);

/**
 * The worst first: by how serious they are, monitoring itself before all, then by condition and stage; of those that expire the
 * soonest first, else by name. What is over comes last.
 */
export function sortAlerts<Entry extends { readonly alert: Alert }>(
  entries: readonly Entry[],
  locale: Locale,
): Entry[] {
  const names = new Intl.Collator(locale, { numeric: true });
  return entries
    .map((entry) => ({ entry, ranks: ranksOf(entry.alert), title: alertTitle(entry.alert, locale) }))
    .sort((a, b) => compareRanks(a.ranks, b.ranks) || names.compare(a.title, b.title))
    .map(({ entry }) => entry);
}

function ranksOf({ condition, stage, endedAt, token }: Alert): number[] {
  const dated = condition === 'expiring' || condition === 'expired';
  return [
    endedAt === undefined ? 0 : 1,
    severities.indexOf(severityOf(stage)),
    condition === 'monitoringBroken' ? 0 : 1,
    conditions.indexOf(condition),
    -stageIndex(condition, stage),
    dated ? (findInstant(token?.expirationDateTime) ?? 0) : 0,
  ];
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((rank, index) => rank !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

/** How many of each: open ones by how serious they are, and what is over. Those there are none of are left out. */
export function countAlerts(alerts: readonly Alert[]) {
  const count = (test: (alert: Alert) => boolean) => alerts.filter(test).length;
  const isOpen = ({ endedAt }: Alert) => endedAt === undefined;
  return [
    ...severities.map((what) => ({ what, count: count((alert) => isOpen(alert) && severityOf(alert.stage) === what) })),
    { what: 'ended' as const, count: count((alert) => !isOpen(alert)) },
  ].filter(({ count: found }) => found > 0);
}

/** How many of each, as the band of a card about several alerts: in the tone of the worst. None without alerts. */
export function alertsBand(alerts: readonly Alert[], locale: Locale, say = (counts: string) => counts) {
  const { count } = textsFor(locale).digest;
  const found = countAlerts(alerts);
  const worst = found[0]?.what;
  if (worst === undefined) return [];
  return [
    bandOf(
      worst === 'ended' ? 'good' : severityTones[worst],
      say(found.map(({ what, count: times }) => count[what](times)).join(' · ')),
    ),
  ];
}

/** The button that leads to the open alerts of a conversation, on a card with the record of it. */
export const openAlertsButton = ({ locale, recordId }: { readonly locale: Locale; readonly recordId?: string }) =>
  recordId === undefined ? [] : [{ title: textsFor(locale).buttons.openAlerts, verb: 'openAlerts/show', id: recordId }];
