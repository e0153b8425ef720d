import type { Alerts, SyncCounts, TokenSnapshots } from '../domain/alert-repositories.ts';
import { covers } from '../domain/subscription.ts';
import type { AlertDrawings } from './drawings.ts';
import type { TellingPlace } from './telling-place.ts';
import type { Poster } from './wall.ts';

export interface DrawWeeklyParts {
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
  readonly alerts: Pick<Alerts, 'listOpen'>;
  readonly syncs: SyncCounts;
  readonly draw: AlertDrawings['weekly'];
  readonly now: () => number;
}

const weekMs = 7 * 24 * 60 * 60_000;

/** The week of what a subscription covers: its tokens as they were seen last, what is open of them, and how their syncs ended. */
export function createDrawWeekly(parts: DrawWeeklyParts): (place: TellingPlace) => Promise<Poster> {
  return async ({ subscription, conversation }) => {
    const { tenantId, covers: covered, locale } = subscription;
    const now = parts.now();
    const snapshots = await parts.snapshots.listOfTenant(tenantId);
    const tokens = snapshots.map(({ token }) => token).filter(({ id }) => covered === 'all' || covered.includes(id));
    const alerts = (await parts.alerts.listOpen(tenantId)).filter((alert) => covers(subscription, alert));
    const syncs = await parts.syncs.countEnded(tenantId, covered, now - weekMs);
    return parts.draw({ locale, now, conversationKind: conversation.kind, tokens, alerts, syncs });
  };
}
