import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createListCommand } from '../../src/commands/list.ts';
import { parse, parseLine, printCall } from '../../src/dialogs/command.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { Turn } from '../../src/domain/turn.ts';
import { servicesWith } from '../support/services.ts';
import { conversationOf, tokenOf } from '../support/turns.ts';
import { daysFromNow, hoursAgo, said, startCommandRig } from './command-rig.ts';

const command = createListCommand(servicesWith({}));
const named = (organizationName: string, changes: Partial<VppToken> = {}) =>
  tokenOf(organizationName.replaceAll(' ', '-'), {
    organizationName,
    expirationDateTime: daysFromNow(200),
    lastSyncDateTime: hoursAgo(6),
    ...changes,
  });

async function list(t: TestContext, tokens: readonly VppToken[], rest = '', turn: Partial<Turn> = {}) {
  const rig = await startCommandRig(t);
  rig.tenant.tokens = tokens;
  return said(await rig.ask(createListCommand(rig.services), rest, turn));
}

const onePerTrouble = [
  named('Fine B'),
  named('Fine A'),
  named('Never', { lastSyncStatus: 'none', lastSyncDateTime: undefined as never }),
  named('Soon', { expirationDateTime: daysFromNow(12) }),
  named('Sooner', { expirationDateTime: daysFromNow(2) }),
  named('Failed', { lastSyncStatus: 'failed' }),
  named('Odd', { state: 'fine' }),
  named('Twice', { state: 'duplicateLocationId' }),
  named('Elsewhere', { state: 'assignedToExternalMDM' }),
  named('Broken', { state: 'invalid' }),
  named('Over', { state: 'expired', expirationDateTime: daysFromNow(-20) }),
  named('Past', { expirationDateTime: daysFromNow(-1) }),
];

test('lists the worst first, the soonest to expire before others, the rest by name', async (t) => {
  const order = ['Over', 'Past', 'Broken', 'Elsewhere', 'Twice', 'Odd', 'Failed', 'Sooner', 'Soon', 'Never'];
  const lines = (await list(t, onePerTrouble)).split('\n');
  assert.deepEqual(
    lines.filter((line) => onePerTrouble.some(({ organizationName }) => organizationName === line)),
    [...order, 'Fine A', 'Fine B'],
  );
  assert.equal(lines[0], '12 VPP tokens, worst first');
  assert.equal(
    lines[1],
    '✕ 2 expired · 1 invalid · 1 in use by another MDM · 1 with a duplicate location · 1 of unknown state · ' +
      '1 with a failed sync · 2 expiring soon · 1 not synced recently · 2 healthy',
  );
});

test('a row says the name, the state with its symbol and the days left, the last sync', async (t) => {
  const shown = await list(t, [
    named('Adatum'),
    named('Fabrikam', { state: 'invalid', lastSyncStatus: 'failed', lastSyncDateTime: hoursAgo(72) }),
    named('Litware', { lastSyncStatus: 'inProgress', lastModifiedDateTime: hoursAgo(3) }),
    named('Proseware', { lastSyncStatus: 'inProgress', lastModifiedDateTime: hoursAgo(0.1) }),
    named('Tailspin', { lastSyncStatus: 'paused' }),
    named('Wingtip', { lastSyncDateTime: hoursAgo(50) }),
  ]);
  for (const row of [
    'Adatum\n✓ Valid · 200 days left\nSynced 6 hours ago',
    'Fabrikam\n✕ Invalid · 200 days left\n✕ Last sync failed, 3 days ago',
    'Litware\n✓ Valid · 200 days left\n⚠\ufe0e Syncing for 3 hours, seems stuck',
    'Proseware\n✓ Valid · 200 days left\n↻ Syncing now',
    'Tailspin\n✓ Valid · 200 days left\n⚠\ufe0e Last sync: Intune says “paused”',
    'Wingtip\n✓ Valid · 200 days left\n⚠\ufe0e Synced 2 days, 2 hours ago',
  ])
    assert.ok(shown.includes(row), `${row}\n--- in ---\n${shown}`);
});

test('namesakes are distinguished by their Apple IDs, whole in a personal chat alone, and by id where those are the same', async (t) => {
  const tokens = ['hq@contoso.com', 'home@contoso.com', 'x@contoso.com'].map((appleId, index) =>
    tokenOf(`id-${index}`, { appleId }),
  );
  assert.match(await list(t, tokens), /Contoso\n.*\nSynced .* · hq@contoso\.com\n/);
  for (const kind of ['groupChat', 'channel'] as const) {
    const shown = await list(t, tokens, '', { conversation: conversationOf(kind) });
    assert.doesNotMatch(shown, /hq@|home@/);
    assert.match(shown, /Contoso\n.*\nSynced .* · h•••@contoso\.com · id-0\n/);
    assert.match(shown, /Contoso\n.*\nSynced .* · x•••@contoso\.com\n/);
  }
});

test('a token whose name is unique is listed without its Apple ID', async (t) => {
  const shown = await list(t, [named('Adatum', { appleId: 'a@adatum.com' }), named('Litware', { displayName: 'Lit' })]);
  assert.doesNotMatch(shown, /a@adatum/);
  assert.match(shown, /Lit\n.*\nSynced .* · Litware\n/);
});

const filtered: readonly (readonly [rest: string, names: readonly string[]])[] = [
  ['expiring', ['Over', 'Past', 'Sooner', 'Soon']],
  ['failed', ['Over', 'Broken', 'Elsewhere', 'Twice', 'Odd', 'Failed']],
  ['stale', ['Never']],
  ['VPP Stale!', ['Never']],
  ['vpp 即将到期', ['Over', 'Past', 'Sooner', 'Soon']],
  ['失败', ['Over', 'Broken', 'Elsewhere', 'Twice', 'Odd', 'Failed']],
  ['久未同步', ['Never']],
];
for (const [rest, names] of filtered) {
  test(`“list ${rest}” leaves ${names.join(', ')}`, async (t) => {
    const asked = parse(`list ${rest}`, [command]);
    assert.ok(asked.kind === 'call');
    const lines = (await list(t, onePerTrouble, asked.rest)).split('\n');
    const shown = lines.filter((line) => onePerTrouble.some(({ organizationName }) => organizationName === line));
    assert.deepEqual(shown, names);
    assert.match(lines[0] ?? '', new RegExp(`^${names.length} of 12 tokens`));
  });
}

test('stale is over 36 hours without a sync, and stuck for half an hour', async (t) => {
  const tokens = [
    named('Just', { lastSyncDateTime: hoursAgo(36) }),
    named('Long', { lastSyncDateTime: hoursAgo(36.01) }),
    named('Stuck', { lastSyncStatus: 'inProgress', lastModifiedDateTime: hoursAgo(0.5) }),
    named('Running', { lastSyncStatus: 'inProgress', lastModifiedDateTime: hoursAgo(0.49) }),
  ];
  const shown = await list(t, tokens, 'stale');
  assert.match(shown, /^2 of 4 tokens/);
  assert.match(shown, /Long[\s\S]*Stuck/);
});

test('an unknown filter is answered with the three, in the person’s language, without asking Graph', async (t) => {
  const rig = await startCommandRig(t);
  const shown = said(await rig.ask(command, 'purple'));
  assert.match(shown, /“purple”.*“list vpp expiring”, “list vpp failed” or “list vpp stale”/);
  assert.match(said(await rig.ask(command, '紫色', { locale: 'zh-CN' })), /“紫色”.*列表 即将到期/);
  assert.deepEqual(rig.read, []);
});

test('says plainly that there is no token at all, or none of the kind', async (t) => {
  assert.match(await list(t, []), /no Apple VPP token you can see/);
  assert.match(await list(t, [named('Adatum')], 'expiring'), /^None of the 1 token you can see expires within 30 days/);
  assert.match(await list(t, [named('A'), named('B')], 'failed'), /^All 2 tokens you can see are valid/);
  assert.match(await list(t, [named('A'), named('B')], 'stale'), /^All 2 tokens you can see synced within/);
});

test('of 3,000 tokens fifteen are shown, with a button to the next, in few bytes', async (t) => {
  const rig = await startCommandRig(t);
  rig.tenant.tokens = Array.from({ length: 3000 }, (_, index) =>
    tokenOf(`id-${index}`, { organizationName: 'Branch' }),
  );
  const reply = await rig.ask(createListCommand(rig.services));
  assert.ok(reply.kind === 'card');
  assert.equal(said(reply).split('\nBranch\n').length - 1, 15);
  assert.match(said(reply), /\n1–15 of 3,000\n[\s\S]*\n\[Next\] list\/next/);
  assert.doesNotMatch(said(reply), /Previous/);
  assert.ok(JSON.stringify(reply.card).length < 20_000);
});

test('what is listed is read back from its printed line, filter and all', () => {
  for (const line of ['list', 'list vpp', 'list vpp expiring', '列表 失败']) {
    const parsed = parse(line, [command]);
    assert.ok(parsed.kind === 'call');
    assert.deepEqual(parseLine(printCall(parsed), [command]), parsed);
  }
});
