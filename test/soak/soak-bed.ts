import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { App } from '../../src/app.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createApp, createLog, createRuntime, readConfig } from '../support/bot-code.ts';
import { createDayClock } from './day-clock.ts';
import { dayMs, minuteMs } from './day-model.ts';
import { stepMs } from './day-script.ts';

const giveUpAfterMs = 60_000;

/** The whole product over a file, whose process can be ended and begun anew, and a tenant that it watches; both go by one fast clock. */
export async function startSoakBed({ speed, crowd }: { readonly speed: number; readonly crowd: number }) {
  // Midnight of UTC, at which alerts count one day less, falls between two steps.
  const midnight = (Math.floor(Date.now() / dayMs) + 1) * dayMs;
  const steps = Math.floor((midnight - Date.now()) / stepMs) + 0.5;
  const startsAt = Math.floor((midnight - steps * stepMs) / minuteMs) * minuteMs;
  const clock = createDayClock(startsAt, speed);
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-soak-'));
  const sandbox = await startSandbox({ now: clock.now, syncDurationMs: 300, crowd });
  const [company] = sandbox.tenants;
  assert.ok(company);
  sandbox.graph.controls.setTokenCount(company.id, 0);
  sandbox.graph.controls.setDuplicateOnV1('duplicateLocationId');
  const read = readConfig(
    sandbox.env({
      LOG_LEVEL: 'fatal',
      MONITOR: 'on',
      MONITOR_INTERVAL_S: '60',
      DATABASE_URL: `sqlite:${join(folder, 'bot.db')}`,
    }),
  );
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const { config } = read;
  const db = await openDatabase(config.database);
  let app: App | undefined;
  after(async () => {
    await app?.stop();
    await db.destroy();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });

  const findTenant = () =>
    db.selectFrom('watched_tenants').selectAll().where('tenant_id', '=', company.id).executeTakeFirst();
  /** The tenant after a pass whose deliveries are all stored. */
  const findPassed = async () => {
    const tenant = await findTenant();
    return tenant?.queued_json === null ? tenant : undefined;
  };

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const lateAt = performance.now() + giveUpAfterMs;
    while (!(await isSo())) {
      if (performance.now() > lateAt) throw new Error(`For ${giveUpAfterMs} ms there was not ${what}`);
      await pause(5);
    }
  }

  async function listWaiting() {
    const rows = await db
      .selectFrom('alert_deliveries')
      .innerJoin('alert_subscriptions', 'alert_subscriptions.id', 'alert_deliveries.subscription_id')
      .select(['subscription_id', 'due_at', 'held', 'attempts'])
      .where('outcome', 'is', null)
      .execute();
    return rows.map(({ subscription_id, due_at, held, attempts }) => ({
      subscriptionId: subscription_id,
      dueAt: Number(due_at),
      isHeld: held !== 0,
      attempts,
    }));
  }

  return {
    startsAt,
    clock,
    sandbox,
    company,
    db,
    listWaiting,
    until,
    async start(): Promise<void> {
      app = await createApp(config, { ...createRuntime(createLog(config.logLevel)), now: clock.now, wait: clock.wait });
      sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    },
    async stop(): Promise<void> {
      await clock.inRealTime(async () => app?.stop());
      app = undefined;
    },
    /** No pass over the tenant is under way, and none begins within the next moment. */
    rest: () =>
      until('the end of a pass', async () => {
        const tenant = await findTenant();
        return tenant?.claimed_by === null && Number(tenant.due_at) > clock.now() + 100 * speed;
      }),
    goodSince: async (at: number) => Number((await findPassed())?.good_at ?? 0) >= at,
    failedPasses: async () => Number((await findPassed())?.failed_passes ?? 0),
    /** Until everything due is posted, what Teams did not take at once included: for that time is put forward. */
    drain: () =>
      until('everything due posted', async () => {
        const now = clock.now();
        const left = (await listWaiting()).filter(
          ({ dueAt, isHeld, attempts }) => dueAt <= now || !isHeld || attempts > 0,
        );
        // One that was put off keeps those behind it waiting.
        const putOff = left.filter(({ dueAt }) => dueAt > now);
        const waitsForTime = new Set(putOff.map(({ subscriptionId }) => subscriptionId));
        if (left.length > 0 && left.every(({ subscriptionId }) => waitsForTime.has(subscriptionId)))
          clock.putForwardTo(Math.min(...putOff.map(({ dueAt }) => dueAt)));
        return left.length === 0;
      }),
  };
}
