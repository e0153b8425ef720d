import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { AlertRepositories } from '../../src/domain/alert-repositories.ts';
import { acknowledge } from '../../src/domain/alert-steps.ts';
import { hourMs } from '../../src/lib/time.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createAlerts, createWatchedTenants } from '../../src/store/alerts.ts';
import { inTransaction } from '../../src/store/leases.ts';
import type { Db } from '../../src/store/schema.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { onPostgres } from '../support/open-store.ts';
import { startPasses, subscriptionTo } from './pass-rig.ts';

/** A pass that stops within its transaction, once, after a step of its own, until the test lets it go on. */
async function startHaltingPasses(
  haltAfter: (stores: AlertRepositories, halt: () => Promise<void>) => AlertRepositories,
) {
  const database = { kind: 'postgres', url: await createTestDatabase() } as const;
  const rig = await startPasses({ database });
  const { promise: halted, resolve: onHalt } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>();
  let halts = 1;
  const halt = async () => {
    if (halts === 0) return;
    halts -= 1;
    onHalt();
    await goOn;
  };
  const haltLater = () => {
    rig.replace.stores = (stores) => haltAfter(stores, halt);
  };
  return { ...rig, haltLater, halted, letGoOn };
}

async function untilSomebodyWaits(db: Db): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: string }>`
      select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    if (Number(rows[0]?.waiting) > 0) return;
  }
}

onPostgres('a pass', () => {
  test('that meets an acknowledgement begins again: neither is lost, and nothing is announced twice', async () => {
    const rig = await startHaltingPasses((stores, halt) => ({
      ...stores,
      alerts: {
        ...stores.alerts,
        async listOfTenant(...asked) {
          const alerts = await stores.alerts.listOfTenant(...asked);
          await halt();
          return alerts;
        },
      },
    }));
    const { passOnce, findOpen, tokenOf, alerts, clock, halted, letGoOn, haltLater } = rig;
    await passOnce();
    const { id } = tokenOf('retail');
    const alert = (await findOpen(id, 'expiring')) ?? assert.fail();
    const told = (await rig.listDeliveries()).length;
    haltLater();
    const passing = passOnce(5 * 24 * hourMs);
    await halted;
    assert.equal(await alerts.put(acknowledge(alert, 'Ada', clock.at) ?? assert.fail()), true);
    letGoOn();
    const { outcome, events } = await passing;
    assert.equal(outcome, 'good');
    const after = await findOpen(id, 'expiring');
    assert.deepEqual([after?.stage, after?.acknowledged?.by, after?.revision], ['d7', 'Ada', alert.revision + 2]);
    assert.equal((await rig.listDeliveries()).length - told, events.length);
  });

  test('hides nothing from somebody who subscribes at that moment', async () => {
    const rig = await startHaltingPasses((stores, halt) => ({
      ...stores,
      subscriptions: {
        ...stores.subscriptions,
        async listPage() {
          await halt();
          return { subscriptions: [] };
        },
      },
    }));
    const { passOnce, db, company, halted, letGoOn, haltLater } = rig;
    haltLater();
    const passing = passOnce();
    await halted;
    const subscribing = inTransaction(db, async (within) => {
      await createWatchedTenants(within).lock(company);
      const open = await createAlerts(within).listOpen(company);
      await createAlertSubscriptions(within).put(subscriptionTo(company));
      return open.length;
    });
    await Promise.race([untilSomebodyWaits(db), subscribing]);
    letGoOn();
    const { events } = await passing;
    assert.ok(events.length > 0);
    assert.equal(await subscribing, events.length, 'what the pass opened is already open for the new subscription');
  });
});
