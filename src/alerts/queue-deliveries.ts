import type { AlertEvent } from '../domain/alert.ts';
import type { AlertRepositories } from '../domain/alert-repositories.ts';
import { planDeliveries } from '../domain/subscription.ts';
import { letOthersRun } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';

type Repositories = Pick<AlertRepositories, 'subscriptions' | 'deliveries'>;

interface Queueing {
  readonly tenantId: string;
  readonly events: readonly AlertEvent[];
  readonly now: () => number;
  /** Gives each part the repositories to store it with, such as those of a transaction of its own. */
  readonly inPart: (work: (repositories: Repositories) => Promise<string | undefined>) => Promise<string | undefined>;
  readonly signal?: AbortSignal;
}

/** Stored in one part, each in some 20 µs. */
const deliveriesAtOnce = 500;

/**
 * Stores the deliveries of these events for all subscriptions of the tenant, in parts between which others have their turn. Queueing
 * the same events again adds nothing. Rejects with the signal's reason when it aborts.
 */
export async function queueDeliveries({ tenantId, events, now, inPart, signal }: Queueing): Promise<void> {
  const subscriptionsAtOnce = Math.max(1, Math.floor(deliveriesAtOnce / Math.max(1, events.length)));
  for (let afterId: string | undefined = ''; afterId !== undefined; ) {
    signal?.throwIfAborted();
    const from: string = afterId;
    afterId = await inPart(async ({ subscriptions, deliveries }) => {
      const page = await subscriptions.listPage(tenantId, from, subscriptionsAtOnce);
      await deliveries.addAll(planDeliveries(events, page.subscriptions, now(), newOpaqueId));
      return page.lastId;
    });
    await letOthersRun();
  }
}
