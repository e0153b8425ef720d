import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createDoctorCommand } from '../../src/commands/doctor.ts';
import { createChecks } from '../../src/doctor/checks.ts';
import type { Check } from '../../src/doctor/finding.ts';
import { type DelegatedGraph, GraphError } from '../../src/domain/graph.ts';
import { AppTokenError, type ExchangeFailure } from '../../src/domain/sign-in-request.ts';
import type { Turn } from '../../src/domain/turn.ts';
import { wait } from '../../src/lib/async.ts';
import { settle } from '../support/clock.ts';
import { configWith } from '../support/environment.ts';
import { outlineOf } from '../support/outline-of.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { servicesWith } from '../support/services.ts';
import { authorizedTurn, conversationOf, tokenOf, turnOf } from '../support/turns.ts';

type Parts = Parameters<typeof createChecks>[0];

const jwtOf = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
const bothScopes = 'DeviceManagementServiceConfig.ReadWrite.All DeviceManagementApps.Read.All';
const bothRoles = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementApps.Read.All'];
const now = Date.UTC(2026, 10, 23, 14, 3);

const graphOf = (list: () => Promise<readonly unknown[]>): DelegatedGraph => ({
  get: () => Promise.reject(new Error('The doctor gets nothing')),
  listPages: async (_, { toItem = (row: unknown) => row } = {}) => (await list()).map(toItem),
  post: () => Promise.reject(new Error('The doctor changes nothing')),
});

/** A turn with a session that covers everything, over this Graph. */
function ownWith(list: () => Promise<readonly unknown[]>, accessToken = jwtOf({ scp: bothScopes })) {
  return (turn: Turn) => {
    const own = authorizedTurn(graphOf(list), turn);
    return { ...own, session: { ...own.session, accessToken, userName: 'ada@contoso.example.com' } };
  };
}

/** Monitoring whose one tenant was not read yet. */
const monitoringWith = (getAppToken: NonNullable<Parts['monitoring']>['getAppToken']) => ({
  getAppToken,
  findTenant: async () => undefined,
  intervalMs: 900_000,
});

/** Everything well, but for what a test changes. */
const partsOf = (changes: Partial<Parts> = {}): Parts => ({
  findOwn: ownWith(async () => [tokenOf('a'), tokenOf('b')]),
  findSignInFailure: async () => undefined,
  monitoring: monitoringWith(async () => jwtOf({ roles: bothRoles })),
  tenantOf: async ({ person }) => person.tenantId,
  trySending: async () => ({ kind: 'taken' }),
  hasInboundKeys: async () => true,
  publicUrl: 'https://vpp.contoso.example.com',
  findGraphDate: async () => now - 900,
  checkStore: async () => ({ newestMigration: '0002-installations', appliedAt: now - 3 * 86_400_000 }),
  verifyAudit: async () => ({ kind: 'intact', entries: 12, since: now - 30 * 86_400_000 }),
  version: '1.2.3',
  runtime: createRuntime({ now: () => now }),
  ...changes,
});

const signInFailedWith = (failure: ExchangeFailure): Partial<Parts> => ({
  findOwn: () => undefined,
  findSignInFailure: async () => failure,
});

async function examine(
  checks: readonly Check[],
  turn = turnOf(),
  waitFor = wait,
  settings: { operatorIds?: readonly string[]; support?: string } = {},
) {
  const { operatorIds = [turn.person.aadObjectId.toLowerCase()], support } = settings;
  const { lines, log } = createLines();
  const config = { ...configWith({}), operatorIds, operator: support === undefined ? {} : { support } };
  const command = createDoctorCommand(servicesWith({ checks, config, runtime: createRuntime({ wait: waitFor, log }) }));
  assert.ok(command.needs === 'nothing' && !command.writes);
  const reply = await command.run(turn, '');
  assert.ok(reply.kind === 'card');
  return { said: outlineOf(reply.card), summary: reply.summary, lines };
}
const said = async (changes: Partial<Parts>) => (await examine(createChecks(partsOf(changes)))).said;

test('says of every part that it is well when it is', async () => {
  const { said, summary } = await examine(createChecks(partsOf()));
  assert.equal(summary, 'Check-up: No problems found');
  assert.deepEqual(
    said.split('\n').filter((line) => /^[✓⚠✕]/u.test(line)),
    [
      '✓ No problems found',
      '✓ Registration with Teams',
      '✓ Teams’ signing keys',
      '✓ Public address',
      '✓ Your sign-in',
      '✓ Consent',
      '✓ Your Intune role',
      '✓ Monitoring',
      '✓ Clock',
      '✓ Database',
      '✓ Audit log',
      '✓ Version',
    ],
  );
  assert.match(said, /You are signed in as ada@contoso\.example\.com/);
  assert.match(said, /Intune shows you 2 tokens/);
  assert.match(said, /Newest migration: 0002-installations, 3 days ago/);
  assert.match(said, /✓ Audit log\nAll 12 entries since 24 Oct 2026 are unchanged\./);
  assert.match(said, /VPP Sync 1\.2\.3/);
  assert.doesNotMatch(said, /Next step|eyJ/);
});

test('says what is wrong with each part, and the one thing to do about it', async () => {
  const forbidden = ownWith(() => Promise.reject(new GraphError('forbidden', { clientRequestId: 'c', status: 403 })));
  const segment = { first: 1, last: { seq: 1234, hash: 'f' }, keyId: 'key', sealed: 'unknown', endedAt: now } as const;
  const cases: readonly (readonly [Partial<Parts>, RegExp])[] = [
    [
      { trySending: async () => ({ kind: 'refused', status: '401 BotNotRegistered' }) },
      /✕ Registration.*\n.*\(401 BotNotRegistered\)\.\nNext step: .*BOT_ID/,
    ],
    [{ trySending: async () => ({ kind: 'unreachable' }) }, /✕ Registration.*\n.*can’t reach Teams.*\nNext step: /],
    [{ hasInboundKeys: async () => false }, /✕ Teams’ signing keys\n.*\nNext step: .*OpenID/],
    [{ publicUrl: 'http://127.0.0.1:3978' }, /⚠\ufe0e Public address\n.*rehearsal\.\nNext step: .*PUBLIC_URL/],
    [{ publicUrl: 'http://vpp.contoso.example.com' }, /✕ Public address\n.*doesn’t use https.*\nNext step: /],
    [{ findOwn: () => undefined }, /⚠\ufe0e Your sign-in\nYou are not signed in\.\nNext step: Say “sign in”/],
    [{ findOwn: () => undefined }, /⚠\ufe0e Consent\n.*\nNext step: .*\n⚠\ufe0e Your Intune role\n.*\nNext step: /],
    [
      { findOwn: () => undefined, findSignInFailure: async () => ({ reason: 'consentRequired', code: '65001' }) },
      /✕ Consent\n.*nobody has consented.*\nNext step: Ask an Entra administrator/,
    ],
    [
      signInFailedWith({ reason: 'stepUpRequired', claims: '{}', code: '50076' }),
      /⚠\ufe0e Your sign-in\n.*one more check/,
    ],
    [
      signInFailedWith({ reason: 'blockedByPolicy', code: '53003' }),
      /✕ Your sign-in\n.*organisation’s policy.*\(AADSTS53003\).*\nNext step: .*An Entra administrator/,
    ],
    [
      signInFailedWith({ reason: 'notInTenant', code: '650052' }),
      /✕ Your sign-in\n.*\(AADSTS650052\).*service principal.*\nNext step: .*An Entra administrator.*\n✕ Consent/,
    ],
    [
      signInFailedWith({ reason: 'versionOne' }),
      /✕ Your sign-in\n.*version 1 tokens.*\nNext step: .*requestedAccessTokenVersion to 2.*The bot’s operator/,
    ],
    [
      signInFailedWith({ reason: 'tenantNotAllowed', tenantId: 'fabrikam-id' }),
      /✕ Your sign-in\n.*not set up for this bot.*guest here.*fabrikam-id.*\nNext step: .*operator/,
    ],
    [signInFailedWith({ reason: 'unavailable' }), /⚠\ufe0e Your sign-in\n.*didn’t answer/],
    [
      { findOwn: ownWith(async () => [], jwtOf({ scp: 'DeviceManagementApps.Read.All' })) },
      /✕ Consent\n.*doesn’t cover DeviceManagementServiceConfig\.ReadWrite\.All\.\nNext step: /,
    ],
    [{ findOwn: ownWith(async () => [], 'opaque') }, /✓ Consent\nMicrosoft Entra issued a sign-in/],
    [{ findOwn: ownWith(async () => []) }, /⚠\ufe0e Your Intune role\n.*shows you no tokens\.\nNext step: /],
    [{ findOwn: forbidden }, /✕ Your Intune role\n.*denied access.*Intune role.*licence.*scope tags.*\nNext step: Ask/],
    [
      { findOwn: ownWith(() => Promise.reject(new GraphError('throttled', { clientRequestId: 'c' }))) },
      /⚠\ufe0e Your Intune role\n.*refuses your organisation’s requests.*\nNext step: Ask again in a minute/,
    ],
    [
      { monitoring: monitoringWith(async () => jwtOf({})) },
      /✕ Monitoring\n.*no read access of my own.*\nNext step: .*consent/,
    ],
    [
      { monitoring: monitoringWith(async () => jwtOf({ roles: bothRoles.slice(1) })) },
      /✕ Monitoring\n.*lacks DeviceManagementServiceConfig\.Read\.All\.\nNext step: /,
    ],
    [{ findGraphDate: async () => now + 61_500 }, /✕ Clock\n.*by 1 minute, 2 seconds.*\nNext step: /],
    [{ findGraphDate: async () => undefined }, /⚠\ufe0e Clock\n.*didn’t give its time\.\nNext step: /],
    [
      { verifyAudit: async () => ({ kind: 'broken', seq: 1234, fault: 'changed', at: now }) },
      /✕ Audit log\nEntries from 1,234 on were changed after they were recorded \(23 Nov 2026\)\.\nNext step: .*keep the database/,
    ],
    [{ verifyAudit: async () => ({ kind: 'broken', seq: 7, fault: 'missing' }) }, /✕ Audit log\nEntries from 7 on /],
    [
      { verifyAudit: async () => ({ kind: 'unproven', entries: 2000, unproven: [segment] }) },
      /⚠\ufe0e Audit log\nI can’t verify entries up to 1,234.*\(until 23 Nov 2026\)\.\nNext step: .*audit -- check/,
    ],
    [{ checkStore: () => Promise.reject(new Error('disk full')) }, /✕ Database\n.*lost\.\nNext step: .*DATABASE_URL/],
  ];
  for (const [changes, words] of cases) assert.match(await said(changes), words);
});

test('decodes why there is no app token, for the asker’s own tenant alone', async () => {
  const asked: string[] = [];
  const failing = (failure: ExchangeFailure) =>
    said({
      monitoring: monitoringWith(async (tenantId, options) => {
        asked.push(`${tenantId} ${options?.renew}`);
        throw new AppTokenError(tenantId, failure);
      }),
      tenantOf: async () => 'own-tenant',
    });
  assert.match(
    await failing({ reason: 'wrongClientSecret', code: '7000222' }),
    /✕ Monitoring\n.*secret or certificate.*AADSTS7000222.*\n.*AAD_APP_CLIENT_SECRET/,
  );
  assert.match(await failing({ reason: 'consentRequired', code: '65001' }), /✕ Monitoring\n.*no read access of my own/);
  assert.match(await failing({ reason: 'throttled' }), /⚠\ufe0e Monitoring/);
  assert.match(await failing({ reason: 'unavailable' }), /✕ Monitoring\n.*didn’t answer/);
  assert.match(await failing({ reason: 'tenantNotAllowed', tenantId: 'x' }), /✕ Monitoring\n.*ALLOWED_TENANTS/s);
  assert.match(
    await failing({ reason: 'blockedByPolicy', code: '53003' }),
    /✕ Monitoring\n.*policy.*\(AADSTS53003\)\.\nNext step: .*Entra administrator/,
  );
  assert.match(
    await failing({ reason: 'notInTenant', code: '7000229' }),
    /✕ Monitoring\n.*service principal.*\(AADSTS7000229\)\.\nNext step: .*Entra administrator.*consent/,
  );
  const refused = await failing({ reason: 'refused', code: '7000112' });
  assert.match(refused, /✕ Monitoring\n.*\(AADSTS7000112\)/);
  assert.doesNotMatch(refused, /own-tenant/);
  assert.deepEqual(new Set(asked), new Set(['own-tenant true']));
});

test('says that monitoring is off when it is, and asks Entra for nothing then', async () => {
  const { monitoring: _, ...without } = partsOf();
  assert.match(
    (await examine(createChecks(without))).said,
    /⚠\ufe0e Monitoring\n.*switched off.*\nNext step: .*MONITOR/,
  );
});

test('asks Entra at most once in ten seconds, however often people ask', async (t: TestContext) => {
  let at = now;
  let asked = 0;
  const getAppToken = async () => {
    asked += 1;
    return jwtOf({ roles: bothRoles });
  };
  const checks = createChecks(
    partsOf({ monitoring: monitoringWith(getAppToken), runtime: createRuntime({ now: () => at }) }),
  );
  await Promise.all([examine(checks), examine(checks)]);
  t.assert.equal(asked, 1);
  at += 10_001;
  await examine(checks);
  t.assert.equal(asked, 2);
});

test('continues when parts fail, hang or throw at once, and checks all of them together', async () => {
  const never = () => new Promise<never>(() => undefined);
  const checks = createChecks(
    partsOf({
      trySending: () => {
        throw new Error('canary-of-the-connector');
      },
      hasInboundKeys: never,
      findGraphDate: never,
      findOwn: ownWith(never),
      monitoring: monitoringWith(() => Promise.reject(new Error('canary-of-entra'))),
    }),
  );
  const { said, summary, lines } = await examine(checks, turnOf(), settle);
  assert.match(said, /✕ Registration with Teams\nI couldn’t check this.*\nNext step: /);
  assert.match(said, /⚠\ufe0e Teams’ signing keys\nNo answer within 4 seconds/);
  assert.match(said, /⚠\ufe0e Your Intune role\nNo answer within/);
  assert.match(said, /✓ Database/);
  assert.match(said, /Reference: ref0000001/);
  assert.equal(summary, 'Check-up: 2 problems found');
  assert.doesNotMatch(said, /canary/);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['a check failed', 'a check failed'],
  );
});

test('what only an operator can fix is shown to operators in their own chat; others read whom to ask', async () => {
  const checks = createChecks(partsOf({ hasInboundKeys: async () => false, findOwn: ownWith(async () => []) }));
  const operator = await examine(checks);
  assert.match(
    operator.said,
    /^Check-up\n✕ 1 problem found\n✕ Teams’ signing keys\n.*\n.*OpenID.*\n⚠\ufe0e Your Intune role/,
  );
  const other = await examine(checks, turnOf(), wait, { operatorIds: ['somebody-else'], support: 'it@contoso.com' });
  assert.match(other.said, /^Check-up\n✕ 1 problem found\n⚠\ufe0e Your Intune role/);
  assert.match(other.said, /1 of these is for the bot’s operator\. Show the reference below to it@contoso\.com\./);
  const unset = await examine(checks, turnOf(), wait, { operatorIds: [] });
  assert.match(unset.said, /Show the reference below to the operator\./);
  const group = await examine(checks, turnOf({ conversation: conversationOf('groupChat') }));
  for (const { said } of [other, unset, group]) assert.doesNotMatch(said, /OpenID|✕ Teams’ signing keys/);
  for (const { said } of [operator, other])
    assert.match(said, /9 checks passed[\s\S]*✓ Registration[\s\S]*doctor\/again/);
});

test('speaks Chinese to whoever does', async () => {
  const { said } = await examine(createChecks(partsOf({ findOwn: () => undefined })), turnOf({ locale: 'zh-CN' }));
  assert.match(said, /诊断\n.*\n⚠\ufe0e 您的登录[\s\S]*项检查通过[\s\S]*✓ Teams 注册/);
  assert.match(said, /下一步：请输入“登录”/);
});
