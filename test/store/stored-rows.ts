import type { SyncRun } from '../../src/domain/sync-run.ts';
import { createAlertDeliveries, createAlertMessages } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createAlerts, createWatchedTenants } from '../../src/store/alerts.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createConversations } from '../../src/store/conversations.ts';
import { createRenewalNotices, createRenewals } from '../../src/store/renewals.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createTokenSnapshots } from '../../src/store/token-snapshots.ts';
import { alertOf, snapshotOf, tokenOf } from '../support/alert-samples.ts';
import { delivery, subscription } from '../support/alert-stored.ts';
import { ada, at, minuteMs, thread } from '../support/stored.ts';

export const storesOver = (db: Db) => ({
  records: createCardRecords(db),
  requests: createSignInRequests(db),
  batches: createSyncBatches(db),
  runs: createSyncRuns(db),
  tenants: createWatchedTenants(db),
  snapshots: createTokenSnapshots(db),
  alerts: createAlerts(db),
  subscriptions: createAlertSubscriptions(db),
  deliveries: createAlertDeliveries(db),
  messages: createAlertMessages(db),
  conversations: createConversations(db, { mostRemembered: 0 }),
  renewals: createRenewals(db),
  notices: createRenewalNotices(db),
});

export const failure = { part: 'tokens', reason: 'missingScope', neededScopes: ['A.Read.All'], code: '403' } as const;
export const quiet = { from: 60, to: 120 };

export const runOf = (id: string, changes: Partial<SyncRun> = {}): SyncRun => ({
  id,
  tenantId: ada.tenantId,
  tokenId: `token of ${id}`,
  phase: 'ended',
  joined: false,
  requester: ada,
  conversation: thread,
  locale: 'en',
  before: tokenOf('token'),
  after: tokenOf('token'),
  seenInProgress: false,
  uncertain: false,
  outcome: 'completed',
  startedAt: at,
  endedAt: at + 1,
  licensesBefore: { kind: 'unread', why: 'slow' },
  licenses: { kind: 'notCompared', why: 'slow' },
  ...changes,
});

export const batchOf = (id: string) => ({
  id,
  tenantId: ada.tenantId,
  requester: ada,
  conversation: thread,
  locale: 'en' as const,
  correlationId: 'c',
  stopped: { reason: 'missingScope' as const, scopes: ['A'] },
  startedAt: at,
  items: [],
});

export const conversationOf = (id: string) => ({ reference: { ...thread, id }, seenAt: at });

/** One row in every table that keeps more than words, each with everything that it may keep. */
export async function addRows(db: Db, id: string): Promise<void> {
  const stores = storesOver(db);
  const lasting = { createdAt: at, expiresAt: at + minuteMs };
  const payload = { tokens: [{ id: 'a', name: 'A' }] };
  await stores.records.add({ id, kind: 'plan', ownerId: ada.aadObjectId, conversationId: id, payload, ...lasting });
  const asked = { owner: ada, conversation: thread, locale: 'en', purpose: 'signIn', resume: 'help' } as const;
  await stores.requests.add({ id, ...asked, ...lasting });
  await stores.batches.add(batchOf(id));
  await stores.runs.add(runOf(id));
  await db.insertInto('watched_tenants').values({ tenant_id: id, due_at: at, failed_passes: 0 }).execute();
  await db
    .updateTable('watched_tenants')
    .set({
      failure_json: JSON.stringify(failure),
      queued_json: JSON.stringify([{ kind: 'opened', alertId: id, revision: 1 }]),
    })
    .execute();
  await stores.snapshots.putAll([snapshotOf(id)]);
  await stores.alerts.put(
    alertOf(id, { token: tokenOf(id), detail: { failure, since: at }, endedAt: at, ending: 'resolved' }),
  );
  await stores.subscriptions.put(subscription(id, { quiet }));
  await stores.deliveries.addAll([delivery(id, { subscriptionId: 'all' })]);
  await stores.messages.addAll([
    { subscriptionId: 'all', alertId: id, messageId: id, threadId: id, shared: true, why: 'burst', at },
  ]);
  await stores.conversations.record(conversationOf(id));
  const renewal = { tenantId: 't', tokenId: id, person: ada, conversation: thread };
  const expirationDateTime = '2027-01-01T00:00:00Z';
  await stores.renewals.start({ ...renewal, startedAt: at, locale: 'en', expirationDateTime });
  await stores.renewals.announce(renewal, 'otherAccount');
  const due = { token: tokenOf(id), locale: 'en', dueAt: at, attempts: 0 } as const;
  await stores.notices.add({ tenantId: 't', person: ada, conversation: thread, ...due, id, kind: 'reminder' });
}

/** The row of every table as its readers return it: by table; undefined when it cannot be read. */
export async function readRows(db: Db, id: string): Promise<Readonly<Record<string, unknown>>> {
  const stores = storesOver(db);
  const ofId = (list: readonly { readonly id: string }[]) => list.find((each) => each.id === id);
  return {
    card_records: await stores.records.find(id),
    sign_in_requests: await stores.requests.find(id),
    sync_batches: ofId(await stores.batches.list(['good', 'spoilt'])),
    sync_runs: ofId(await stores.runs.list(['good', 'spoilt'])),
    watched_tenants: await stores.tenants.find(id),
    token_snapshots: (await stores.snapshots.listOfTenant(ada.tenantId)).find(({ token }) => token.id === id),
    alerts: ofId(await stores.alerts.listOfTenant(ada.tenantId, at)),
    alert_subscriptions: ofId((await stores.subscriptions.listPage(ada.tenantId, '', 99)).subscriptions),
    alert_deliveries: ofId(await stores.deliveries.listDue('all', at)),
    alert_messages: (await stores.messages.listOn('all', id))[0],
    conversations: await stores.conversations.find(id),
    renewals: await stores.renewals.find('t', id),
    renewal_notices: (await stores.notices.listDue(at)).find((each) => each.id === id),
  };
}
