import type { Alert } from '../domain/alert.ts';
import { licenseLevelOf } from '../domain/licenses.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { clientDateTime } from '../lib/time.ts';
import { appleIdFor } from './apple-id.ts';
import type { CardRow } from './card-row.ts';
import { personName } from './person-name.ts';
import { expiryRow, lastSyncRow } from './token-rows.ts';
import { colored, untoned } from './tone.ts';

export interface AlertRowsData {
  readonly locale: Locale;
  readonly now: number;
  readonly conversationKind: ConversationKind;
  readonly alert: Alert;
}

/** The facts behind an alert, and who does what about it. */
export function alertRows({ locale, now, conversationKind, alert }: AlertRowsData): CardRow[] {
  const { card } = textsFor(locale);
  const { label, until } = textsFor(locale).alert;
  const { token, detail, acknowledged, snoozed, openedAt, endedAt } = alert;
  const isSnoozed = snoozed !== undefined && endedAt === undefined && snoozed.until > now;
  const account = token?.appleId ? appleIdFor(token.appleId, conversationKind) : '';
  const code = plain(detail.failure?.code ?? '');
  return [
    ...(token ? [expiryRow({ locale, now, token, conversationKind })] : []),
    ...(token ? [lastSyncRow({ locale, now, token, conversationKind })] : []),
    ...(account === '' ? [] : [said(card.label.appleId, account)]),
    ...(code === '' ? [] : [said(label.code, code)]),
    ...(detail.since === undefined ? [] : [dated(label.since, clientDateTime(detail.since))]),
    dated(label.noticed, clientDateTime(openedAt)),
    ...(acknowledged
      ? [
          {
            ...said(label.acknowledgedBy, personName(acknowledged.by, locale)),
            ...dates(clientDateTime(acknowledged.at)),
          },
        ]
      : []),
    ...(isSnoozed
      ? [
          {
            ...said(label.snoozedBy, personName(snoozed.by, locale)),
            ...dates(`${until} ${clientDateTime(snoozed.until)}`),
          },
        ]
      : []),
  ];
}

const mostApps = 5;

/** Apps that run out of licences, the worst first. */
export function licensesBlock({ locale, alert: { condition, detail, endedAt } }: AlertRowsData) {
  const { apps = [], isApproximate = false } = detail;
  if (condition !== 'licenses' || endedAt !== undefined || apps.length === 0) return [];
  const { alert, card, licenses } = textsFor(locale);
  const more = apps.length - mostApps;
  const rows = apps.slice(0, mostApps).map(({ name, used, total }) => {
    const level = licenseLevelOf({ usedLicenseCount: used, totalLicenseCount: total });
    const { color } = colored(level === 'low' ? 'warning' : 'attention', '');
    return { name: card.labelled(plain(name)), used: licenses.used(used, total), color };
  });
  const notes = [...(more > 0 ? [alert.moreApps(more)] : []), ...(isApproximate ? [licenses.approximate] : [])];
  return [{ heading: alert.apps, apps: rows, more: notes.map((text) => ({ text })) }];
}

const said = (label: string, text: string): CardRow => ({ label, runs: [untoned(text)], dates: [] });
const dates = (text: string) => ({ dates: [untoned(text)] });
const dated = (label: string, text: string): CardRow => ({ label, runs: [], ...dates(text) });
