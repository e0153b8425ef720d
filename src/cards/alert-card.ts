import type { Alert, Condition } from '../domain/alert.ts';
import { lastTaken } from '../domain/alert-steps.ts';
import { kindOf, traitsOf } from '../domain/connector.ts';
import type { CardContent, ConversationKind, Locale, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { alertAdvice, alertName, alertState, alertTitle, alertWhat } from './alert-text.ts';
import {
  appleIdFor,
  bandOf,
  buttonsOf,
  type CardRow,
  clientDateTime,
  colored,
  header,
  line,
  personName,
  render,
  rowOf,
} from './render.ts';
import { expiryRow, lastSyncRow, tokenNames } from './token-parts.ts';

export interface AlertCardData extends AlertRowsData {
  /** Opaque id of the stored record behind every button; without one there are no buttons. */
  readonly recordId?: string;
}

/** One alert in its current state: what is wrong, why, what to do and who acknowledged it; or that it is over, and how long it lasted. */
export function alertCard(data: AlertCardData): CardContent {
  const { locale, now, alert, recordId } = data;
  const { buttons, card } = textsFor(locale);
  const isOpen = alert.endedAt === undefined;
  const others = alert.token ? tokenNames(alert.token, locale).others : [];
  const { tone, text } = alertState(alert, data);
  const actions = recordId === undefined ? [] : actionsOf(alert, now).map((action) => ({ action, id: recordId }));
  const { takenBy, snoozedUntil } = takenLines(alert, now, locale);
  return render('alert-card', locale, summaryOfAlertCard(data), {
    ...header(alertTitle(alert, locale), others),
    band: [bandOf(tone, text, { runs: takenBy, dates: snoozedUntil })],
    notes: notesOf(data).map((note) => ({ text: note })),
    advice: isOpen ? alertAdvice(alert, locale) : [],
    licenses: licensesBlock(data),
    rows: alertRows(data),
    snooze: snoozeInputs(
      actions.some(({ action }) => action === 'snooze'),
      locale,
    ),
    footer: [line(`${card.asOf} ${clientDateTime(now)}`)],
    ...buttonsOf(actions.map(({ action, id }) => ({ title: buttons[action], verb: alertVerbs[action], id }))),
  });
}

/** The question for how long to snooze, where there is a button for it. */
export function snoozeInputs(isAsked: boolean, locale: Locale) {
  const { label, snoozeFor } = textsFor(locale).alert;
  return isAsked ? [{ label: label.snoozeFor, ...snoozeFor }] : [];
}

/** One line for toasts, such as "Contoso Berlin: Expires in 7 days". */
export function summaryOfAlertCard({ alert, ...reader }: AlertCardData): string {
  const { locale } = reader;
  const { card } = textsFor(locale);
  const title = alertTitle(alert, locale);
  return alert.endedAt === undefined
    ? card.summary(title, alertWhat(alert, reader))
    : card.summary(title, alertState(alert, reader).text);
}

function notesOf({ locale, alert }: AlertCardData): string[] {
  const words = textsFor(locale).alert;
  if (alert.endedAt !== undefined) return [words.was(alertName(alert, locale))];
  if (alert.condition === 'tokenDeleted') {
    const kind = alert.token ? kindOf(alert.token) : 'vpp';
    return [kind === 'vpp' ? words.deletedMeans : textsFor(locale).connector.deletedMeans[kind]];
  }
  return alert.condition === 'monitoringBroken' ? [words.monitoringMeans[alert.detail.failure?.part ?? 'tokens']] : [];
}

interface AlertRowsData extends Reader {
  readonly conversationKind: ConversationKind;
  readonly alert: Alert;
}

/** The facts behind an alert, and who acknowledged or snoozed it. */
function alertRows({ alert, ...reader }: AlertRowsData): CardRow[] {
  const { locale, now, conversationKind } = reader;
  const { card } = textsFor(locale);
  const { label } = textsFor(locale).alert;
  const { token, detail, openedAt, endedAt } = alert;
  const listed = alert.condition === 'tokenDeleted' && endedAt === undefined ? undefined : token;
  // The band has them already.
  const saysDays = alert.condition !== 'expiring' || endedAt !== undefined;
  const account = token?.appleId ? appleIdFor(token.appleId, conversationKind) : '';
  const code = safeLine(detail.failure?.code ?? '');
  return [
    ...(listed ? [expiryRow({ ...reader, token: listed }, saysDays)] : []),
    ...(listed && traitsOf(listed).syncs ? [lastSyncRow({ ...reader, token: listed })] : []),
    ...(account === '' ? [] : [rowOf(card.label.appleId, line(account))]),
    ...(code === '' ? [] : [rowOf(label.code, line(code))]),
    ...(detail.since === undefined ? [] : [dated(label.since, clientDateTime(detail.since))]),
    dated(label.noticed, clientDateTime(openedAt)),
    ...takenRows(alert, now, locale),
  ];
}

type Snoozed = Alert & Required<Pick<Alert, 'snoozed'>>;

const isSnoozed = (alert: Alert, now: number): alert is Snoozed =>
  alert.snoozed !== undefined && alert.endedAt === undefined && alert.snoozed.until > now;

/** Who is on an open alert, and until when it is snoozed: what a colleague needs to know first, right below its state. */
export function takenLines(alert: Alert, now: number, locale: Locale) {
  const { isOnIt, snoozedUntil } = textsFor(locale).alert;
  const { acknowledged, endedAt } = alert;
  return {
    takenBy: acknowledged && endedAt === undefined ? [line(isOnIt(personName(acknowledged.by, locale)))] : [],
    snoozedUntil: isSnoozed(alert, now) ? [line(`${snoozedUntil} ${clientDateTime(alert.snoozed.until)}`)] : [],
  };
}

/** Who acknowledged or snoozed an alert. */
export function takenRows(alert: Alert, now: number, locale: Locale): CardRow[] {
  const { label, until } = textsFor(locale).alert;
  const { acknowledged } = alert;
  const person = (name: string) => line(personName(name, locale));
  return [
    ...(acknowledged
      ? [rowOf(label.acknowledgedBy, person(acknowledged.by), [line(clientDateTime(acknowledged.at))])]
      : []),
    ...(isSnoozed(alert, now)
      ? [rowOf(label.snoozedBy, person(alert.snoozed.by), [line(`${until} ${clientDateTime(alert.snoozed.until)}`)])]
      : []),
  ];
}

const dated = (label: string, text: string): CardRow => ({ label, runs: [], dates: [line(text)] });

const mostApps = 5;

/** Apps that run out of licences, the worst first. */
function licensesBlock({ locale, alert: { condition, detail, endedAt } }: AlertRowsData) {
  const { apps = [], isApproximate = false } = detail;
  if (condition !== 'licenses' || endedAt !== undefined || apps.length === 0) return [];
  const { alert, card, licenses } = textsFor(locale);
  const more = apps.length - mostApps;
  const rows = apps.slice(0, mostApps).map(({ name, used, total, daysLeft }) => {
    const { color } = colored(used < total ? 'warning' : 'attention', '');
    const said = [licenses.used(used, total), ...(daysLeft === undefined ? [] : [licenses.runsOut(daysLeft)])];
    return { name: card.labelled(safeLine(name)), used: said.join(' · '), color };
  });
  const notes = [...(more > 0 ? [alert.moreApps(more)] : []), ...(isApproximate ? [licenses.approximate] : [])];
  return [{ heading: alert.apps, apps: rows, more: notes.map((text) => ({ text })) }];
}

/** In the order shown. */
type AlertAction = 'renew' | 'syncNow' | 'acknowledge' | 'snooze' | 'undo';

export const alertVerbs: Readonly<Record<AlertAction, string>> = {
  syncNow: 'alert/sync',
  renew: 'alert/renew',
  acknowledge: 'alert/acknowledge',
  snooze: 'alert/snooze',
  undo: 'alert/undo',
};

// A sync cannot work with these, and a new token file repairs only what an old one broke.
const notSynced: ReadonlySet<Condition> = new Set([
  'expired',
  'invalid',
  'assignedToExternalMDM',
  'tokenDeleted',
  'monitoringBroken',
]);
const renewed: ReadonlySet<Condition> = new Set(['expired', 'invalid', 'expiring']);

/** The actions that make sense for an alert: none once it has ended. */
function actionsOf(alert: Alert, now: number): AlertAction[] {
  const { condition, endedAt, token } = alert;
  if (endedAt !== undefined) return [];
  const isSynced = token && traitsOf(token).syncs && !notSynced.has(condition);
  return [
    ...(renewed.has(condition) ? (['renew'] as const) : []),
    ...(isSynced ? (['syncNow'] as const) : []),
    ...takingActions(alert, now),
  ];
}

/** To take an open alert, to put it off, and to take that back: two at most. `expired` cannot be put off. */
export const takingActions = (alert: Alert, now: number) => [
  ...(alert.acknowledged ? [] : (['acknowledge'] as const)),
  ...(alert.condition === 'expired' || isSnoozed(alert, now) ? [] : (['snooze'] as const)),
  ...(lastTaken(alert, now) === undefined ? [] : (['undo'] as const)),
];
