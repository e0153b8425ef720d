import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnectorChecks, createMonitoringCheck } from '../../src/doctor/monitoring.ts';
import type { MonitoringFailure } from '../../src/domain/alert.ts';
import type { WatchedTenant } from '../../src/domain/alert-repositories.ts';
import type { ConnectorReading } from '../../src/domain/token.ts';
import type { Turn } from '../../src/domain/turn.ts';
import { dayMs, minuteMs } from '../../src/lib/time.ts';
import { createRuntime } from '../support/runtime.ts';
import { at } from '../support/stored.ts';
import { turnOf } from '../support/turns.ts';

const jwt = ['{}', '{"roles":["DeviceManagementServiceConfig.Read.All","DeviceManagementApps.Read.All"]}', '']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');
const good: WatchedTenant = {
  tenantId: 'a',
  dueAt: at,
  passedAt: at - 3 * minuteMs,
  goodAt: at - 3 * minuteMs,
  failedPasses: 0,
};
const failing = (failure: MonitoringFailure, failedPasses = 2): WatchedTenant => ({
  ...good,
  goodAt: at - 2 * 60 * minuteMs,
  failedPasses,
  failure,
});

/** `tone | text | fix` */
async function said(tenant: WatchedTenant | undefined, turn: Turn = turnOf()) {
  const asked: string[] = [];
  const check = createMonitoringCheck({
    tenantOf: async () => 'own-tenant',
    monitoring: {
      getAppToken: async () => jwt,
      async findTenant(tenantId) {
        asked.push(tenantId);
        return tenant;
      },
      intervalMs: 15 * minuteMs,
    },
    runtime: createRuntime({ now: () => at }),
  });
  const { tone, text, fix } = await check.run(turn, new AbortController().signal);
  assert.deepEqual(asked, ['own-tenant'], 'only the asker’s tenant is shown');
  return [tone, text, fix].join(' | ');
}

test('says when the last good pass was', async () => {
  assert.match(
    await said(good),
    /^good \| My own read-only access.* works\. The last successful check was 3 minutes ago\. \| $/,
  );
  assert.match(await said(undefined), /^good \| .* works\. The first check hasn’t finished yet\. \| $/);
  assert.match(await said(good, turnOf({ locale: 'zh-CN' })), /^good \| .*上次成功检查是在 3 分钟前。/);
});

test('says why the last passes failed, and what to do', async () => {
  const tokens = (reason: string, more: Partial<MonitoringFailure> = {}) =>
    said(failing({ part: 'tokens', reason, ...more }));
  assert.match(
    await tokens('unavailable'),
    /^attention \| The last 2 checks of your organisation’s tokens failed\. Microsoft didn’t answer\. The last successful check was 2 hours ago\. \| If it lasts/,
  );
  const neededScopes = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementServiceConfig.ReadWrite.All'];
  assert.match(
    await tokens('missingScope', { neededScopes }),
    /lacks DeviceManagementServiceConfig\.Read\.All\. .*consent/,
  );
  assert.match(await tokens('missingScope'), /no read access of my own.*consent/);
  assert.match(await tokens('wrongClientSecret'), /secret or certificate.*AAD_APP_CLIENT_SECRET/);
  assert.match(await tokens('refused', { code: '7000112' }), /AADSTS7000112/);
  assert.match(await tokens('throttled'), /refused further requests/);
  assert.match(await tokens('timedOut'), /didn’t answer/);
  assert.match(await tokens('forbidden'), /Intune denied me access/);
  assert.match(await tokens('unreadable'), /couldn’t read/);
  assert.match(await tokens('unexpected'), /don’t know this kind of failure.*log/);
  assert.match(await tokens('a reason of a later version'), /don’t know this kind of failure/);
});

test('passes that failed for an unknown reason are not called good', async () => {
  assert.match(
    await said({ ...good, failedPasses: 2 }),
    /^attention \| The last 2 checks of your organisation’s tokens failed\..*don’t know this kind of failure/,
  );
});

test('one failed pass is a warning, and names licenses or tokens', async () => {
  const once = await said(failing({ part: 'licenses', reason: 'forbidden' }, 1));
  assert.match(
    once,
    /^warning \| The last check of your organisation’s licences failed; its tokens are still monitored\. Intune/,
  );
  const { goodAt: _, ...never } = failing({ part: 'tokens', reason: 'throttled' });
  assert.match(await said(never), /None has succeeded so far/);
});

test('says so when no process makes passes any more', async () => {
  const stale = { ...good, passedAt: at - dayMs, goodAt: at - dayMs };
  assert.match(await said(stale), /^warning \| I should have checked.* 1 day ago\. \| The operator/);
});

test('a token that cannot be had comes first', async () => {
  const check = createMonitoringCheck({
    tenantOf: async () => 'own-tenant',
    monitoring: {
      getAppToken: async () =>
        ['{}', '{"roles":[]}', ''].map((part) => Buffer.from(part).toString('base64url')).join('.'),
      findTenant: () => assert.fail('it was asked for'),
      intervalMs: 1,
    },
    runtime: createRuntime({ now: () => at }),
  });
  const { tone, text } = await check.run(turnOf(), new AbortController().signal);
  assert.equal(tone, 'attention');
  assert.match(text, /no read access of my own/);
});

test('says which other connectors are monitored, and what would cover those that are not', async () => {
  const saidOf = async (readings: readonly ConnectorReading[]) => {
    const [check] = createConnectorChecks({
      tenantOf: async () => 'own-tenant',
      runtime: createRuntime({ now: () => at }),
      readConnectors: async () => readings,
    });
    const finding = await check?.run(turnOf(), new AbortController().signal);
    return [finding?.tone, finding?.text, finding?.fix].join(' | ');
  };
  const push = { id: 'push', state: 'valid', lastSyncStatus: 'none' };
  assert.equal(
    await saidOf([
      { kind: 'push', is: 'read', connectors: [push] },
      { kind: 'ade', is: 'read', connectors: [] },
    ]),
    'good | MDM push certificate: monitored (1). Enrolment tokens: not set up in Intune. | ',
  );
  assert.match(
    await saidOf([{ kind: 'push', is: 'notCovered', permissions: ['A.Read.All', 'B.Read.All'] }]),
    /^warning \| MDM push certificate: not covered .* A\.Read\.All or B\.Read\.All\. \| .*Global Administrator consents/,
  );
  assert.deepEqual(createConnectorChecks({ tenantOf: async () => 'a', runtime: createRuntime() }), []);
});
