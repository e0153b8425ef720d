import type { Alert } from './alert.ts';
import type { AlertDrawings } from './drawings.ts';
import type { Alerts, SyncCounts, TokenSnapshots } from './stores.ts';
import type { AlertSubscription } from './subscription.ts';
import type { TellingPlace } from './telling-place.ts';
import type { Poster } from './wall.ts';

export interface DrawWeeklyParts {
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
  readonly alerts: Pick<Alerts, 'listOfTenant'>;
  readonly syncs: SyncCounts;
  readonly covers: (subscription: AlertSubscription, alert: Alert) => boolean;
  readonly draw: AlertDrawings['weekly'];
  readonly now: () => number;
}

const weekMs = 7 * 24 * 60 * 60_000;

/** The week of what a subscription covers: its tokens as they were seen last, alerts open now or ended since, and how syncs ended. */
export function createDrawWeekly(parts: DrawWeeklyParts): (place: TellingPlace) => Promise<Poster> {
  return async ({ subscription, conversation }) => {
    const { tenantId, covers: covered, locale } = subscription;
    const now = parts.now();
    const since = now - weekMs;
    const [snapshots, alerts, syncs] = await Promise.all([
      parts.snapshots.listOfTenant(tenantId),
      parts.alerts.listOfTenant(tenantId, since),
      parts.syncs.countEnded(tenantId, covered, since),
    ]);
    const tokens = snapshots.map(({ token }) => token).filter(({ id }) => covered === 'all' || covered.includes(id));
    return parts.draw({
      ...{ locale, now, conversationKind: conversation.kind, tokens, syncs },
      alerts: alerts.filter((alert) => parts.covers(subscription, alert)),
    });
  };
}
