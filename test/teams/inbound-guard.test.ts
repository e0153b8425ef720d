import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { clouds } from '../../src/clouds.ts';
import { createInboundGuard } from '../../src/teams/guard.ts';
import type { InboundToken } from '../../src/teams/inbound-token.ts';

const tenants = ['11111111-2222-4333-8444-555555555555', '99999999-2222-4333-8444-555555555555'] as const;
const serviceUrl = 'https://smba.trafficmanager.net/emea/';

/** A guard whose clock stands where the test puts it, and whose tokens are good when they say so. */
function createBed() {
  const clock = { now: 0 };
  const token: InboundToken = {
    verify: async (authorization) => (authorization === 'good' ? { ok: true, claims: {} } : { ok: false, why: 'bad' }),
  };
  const config = { cloud: clouds.global, extraServiceUrls: [], allowedTenants: tenants };
  const guard = createInboundGuard({ config, token, now: () => clock.now });

  async function knock(person: string, tenant: string = tenants[0], changes: Readonly<Record<string, unknown>> = {}) {
    const { authorization = 'good', ...parts } = changes;
    const from = { id: `29:${person}`, aadObjectId: person };
    const activity = {
      type: 'event',
      channelId: 'msteams',
      serviceUrl,
      from,
      conversation: { id: 'a', tenantId: tenant },
      ...parts,
    };
    const stream = Readable.from([Buffer.from(JSON.stringify(activity))]);
    const headers = { 'content-type': 'application/json', authorization };
    const admission = await guard(Object.assign(stream, { headers }) as unknown as IncomingMessage);
    return admission.ok ? 200 : admission.status;
  }

  async function knockTimes(times: number, ...knocking: Parameters<typeof knock>): Promise<Record<number, number>> {
    const counts: Record<number, number> = {};
    for (let time = 0; time < times; time += 1) {
      const status = await knock(...knocking);
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }
  return { clock, knock, knockTimes };
}

test('lets 60 activities of one person in within 10 s, and others meanwhile', async () => {
  const { clock, knock, knockTimes } = createBed();
  assert.deepEqual(await knockTimes(65, 'ada'), { 200: 60, 429: 5 });
  assert.equal(await knock('elif'), 200);
  assert.equal(await knock('ada', tenants[1]), 200, 'the same id in another tenant is somebody else');
  clock.now = 9_999;
  assert.equal(await knock('ada'), 429);
  clock.now = 10_000;
  assert.equal(await knock('ada'), 200);
});

test('lets 1,200 activities of one tenant in within 10 s, and other tenants meanwhile', async () => {
  const { clock, knock, knockTimes } = createBed();
  for (let person = 0; person < 20; person += 1) {
    assert.deepEqual(await knockTimes(60, `person ${person}`), { 200: 60 });
  }
  assert.equal(await knock('one more'), 429);
  assert.equal(await knock('one more', tenants[1]), 200);
  clock.now = 10_000;
  assert.equal(await knock('one more'), 200);
});

test('what its tenant’s limit refuses counts against no person', async () => {
  const { clock, knockTimes } = createBed();
  for (let person = 0; person < 20; person += 1) await knockTimes(60, `person ${person}`);
  clock.now = 1;
  assert.deepEqual(await knockTimes(100, 'ada'), { 429: 100 });
  clock.now = 10_000;
  assert.deepEqual(await knockTimes(61, 'ada'), { 200: 60, 429: 1 });
});

test('what is refused for any other reason counts against nobody', async () => {
  const { knockTimes } = createBed();
  assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { authorization: 'bad' }), { 401: 100 });
  assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { text: 5 }), { 400: 100 });
  assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { channelId: 'emulator' }), { 403: 100 });
  assert.deepEqual(await knockTimes(60, 'ada'), { 200: 60 });
});

test('who says no id of their own shares one limit with all who do not', async () => {
  const { knockTimes } = createBed();
  assert.deepEqual(await knockTimes(61, 'ada', tenants[0], { from: null }), { 200: 60, 429: 1 });
});
