import { type Alert, ladders, rungOf, type Severity, severityOf } from '../domain/alert.ts';
import type { Locale } from '../domain/turn.ts';
import { findInstant } from '../lib/time.ts';
import { alertTitle } from './alert-what.ts';

const severities: readonly Severity[] = ['critical', 'warning', 'info'];
const conditions = Object.keys(ladders);

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
    -rungOf(condition, stage),
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
