import { type Alert, type Severity, severityOf } from '../domain/alert.ts';
import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { daysBetween, findInstant } from '../lib/time.ts';
import { tokenNames } from './token-names.ts';
import type { Tone } from './tone.ts';

export const severityTones: Readonly<Record<Severity, Tone>> = {
  critical: 'attention',
  warning: 'warning',
  info: 'plain',
};

/** What an alert is of: the token's title, or monitoring itself. */
export function alertTitle({ token, condition }: Alert, locale: Locale): string {
  const { alert, card } = textsFor(locale);
  if (condition === 'monitoringBroken') return alert.monitoring;
  return token ? tokenNames(token, locale).title : card.unnamedToken;
}

/** What is wrong now, with its numbers. Our own words alone. */
export function alertWhat({ condition, stage, token, detail }: Alert, now: number, locale: Locale): string {
  const { what } = textsFor(locale).alert;
  const sinceMs = detail.since === undefined ? undefined : Math.max(0, now - detail.since);
  switch (condition) {
    case 'expiring': {
      const expiresAt = findInstant(token?.expirationDateTime);
      if (expiresAt === undefined) return what.expiringSoon;
      return expiresAt <= now ? what.expired : what.expiring(daysBetween(now, expiresAt));
    }
    case 'syncStuck':
      return what.syncStuck(sinceMs);
    case 'syncStale':
      return what.syncStale(sinceMs ?? (stage === 'h72' ? 72 : 36) * hourMs);
    case 'licenses': {
      const { apps = [] } = detail;
      const usedUp = apps.filter(({ used, total }) => used >= total).length;
      return stage === 'usedUp' ? what.licensesUsedUp(Math.max(1, usedUp)) : what.licensesLow(Math.max(1, apps.length));
    }
    case 'monitoringBroken':
      return detail.failure?.part === 'licenses' ? what.brokenLicenses : what.brokenTokens;
    default:
      return what[condition];
  }
}

/** The same in a word or two without numbers, for what is over. */
export const alertName = ({ condition }: Pick<Alert, 'condition'>, locale: Locale): string =>
  textsFor(locale).alert.name[condition];

/** How an alert stands: how serious while it is open, how it ended when it has. */
export function alertState(alert: Alert, now: number, locale: Locale): { readonly tone: Tone; readonly text: string } {
  const words = textsFor(locale).alert;
  const { endedAt, ending = 'resolved', stage, openedAt } = alert;
  if (endedAt !== undefined) {
    const tone = ending === 'resolved' ? 'good' : 'plain';
    return { tone, text: words.ended[ending](Math.max(0, endedAt - openedAt)) };
  }
  const severity = severityOf(stage);
  return { tone: severityTones[severity], text: `${words.severity[severity]} · ${alertWhat(alert, now, locale)}` };
}

const hourMs = 60 * 60 * 1000;
