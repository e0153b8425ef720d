import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { replyToError } from '../../src/cards/refusal.ts';
import { createLicensesCommand } from '../../src/commands/licenses.ts';
import { parse, parseLine, printCall } from '../../src/dialogs/command.ts';
import { GraphError, type GraphErrorReason } from '../../src/domain/graph.ts';
import type { CountedApp } from '../../src/domain/license-runway.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import { conversationOf, tenantId, tokenOf, turnOf } from '../support/turns.ts';
import { now, said, startCommandRig } from './command-rig.ts';

const appleId = 'hq@contoso.com';
const contoso = tokenOf('token-1', { appleId });
const app = (displayName: string, used: number, total: number, changes: Partial<VppApp> = {}): VppApp => ({
  id: `app-${displayName}`,
  displayName,
  usedLicenseCount: used,
  totalLicenseCount: total,
  vppTokenAppleId: appleId,
  vppTokenOrganizationName: 'Contoso',
  ...changes,
});
const apps = [
  app('None', 0, 0),
  app('Plenty', 1, 100),
  app('Half', 50, 100),
  app('Nearly', 95, 100),
  app('Not quite', 94, 100),
  app('Out', 40, 40),
  app('Over', 43, 40),
];

async function startRig(t: TestContext) {
  const rig = await startCommandRig(t);
  rig.tenant.tokens = [contoso, tokenOf('token-2', { organizationName: 'Adatum', appleId: 'a@adatum.com' })];
  rig.tenant.apps = apps;
  const command = createLicensesCommand(rig.services);
  return { ...rig, command, licenses: async (rest: string) => withoutBars(said(await rig.ask(command, rest))) };
}

/** Bars repeat the numbers beside them. */
const withoutBars = (text: string) => text.replaceAll(/\n[▁▂]+(?=\n|$)/g, '');

test('shows per app what is left and how many of how many are in use, worst first', async (t) => {
  const { licenses } = await startRig(t);
  const shown = await licenses('contoso');
  assert.match(
    shown,
    /^Licences of Contoso\nhq@contoso\.com\n✕ 7 apps · 1 over-assigned · 1 used up · 1 nearly used up · 3 with licences left · 1 without licences\n/,
  );
  const rows =
    'Over\n✕ 3 too many in use\n43 of 40 used\nOut\n✕ 0 left\n40 of 40 used\nNearly\n⚠\ufe0e 5 left\n95 of 100 used\n' +
    'Not quite\n✓ 6 left\n94 of 100 used\nHalf\n✓ 50 left\n50 of 100 used\nPlenty\n✓ 99 left\n1 of 100 used\nNone\n• No licences\n';
  assert.ok(shown.includes(rows), shown);
  assert.match(shown, /More licences are in use than were bought/);
});

test('“low” leaves those with 95% or more in use', async (t) => {
  const { licenses } = await startRig(t);
  for (const word of ['low', 'LOW', '不足']) {
    const shown = await licenses(`contoso ${word}`);
    assert.match(shown, /3 of 7 apps with 95% or more in use/);
    assert.doesNotMatch(shown, /Not quite|Half|Plenty|None/);
  }
});

test('“low” ends the line as a word of its own, and is no part of a name', async (t) => {
  const rig = await startRig(t);
  rig.tenant.tokens = [tokenOf('yellow', { organizationName: 'Yellow', appleId })];
  rig.tenant.apps = apps.map((each) => ({ ...each, vppTokenOrganizationName: 'Yellow' }));
  assert.match(await rig.licenses('yellow'), /^Licences of Yellow\nhq@contoso\.com\n✕ 7 apps/);
  assert.match(await rig.licenses('"Yellow" low'), /3 of 7 apps/);
  assert.match(await rig.licenses('low'), /3 of 7 apps/);
});

test('“licenses low” alone shows the low apps of every token, each with its token’s name, or its organisation where several share the account', async (t) => {
  const rig = await startRig(t);
  rig.tenant.tokens = ['yellow', 'blue'].map((id) => tokenOf(id, { organizationName: id, appleId }));
  rig.tenant.apps = apps.map((each, n) => ({ ...each, vppTokenOrganizationName: n % 2 ? 'Yellow' : 'Blue' }));
  const all = await rig.licenses('low');
  assert.match(all, /^Licences of all tokens\n✕ 3 of 7 apps/);
  assert.match(all, /Yellow|Blue/);
  rig.tenant.tokens = [tokenOf('yellow', { displayName: 'Mountain shops', organizationName: 'Yellow', appleId })];
  rig.tenant.apps = apps.map((each) => ({ ...each, vppTokenOrganizationName: 'Yellow' }));
  assert.match(await rig.licenses('low'), /Mountain shops/);
  rig.tenant.apps = [];
  assert.equal(await rig.licenses('low'), 'all tokens: of 0 apps, none has 95% or more of its licences in use.');
});

test('an app that runs out soon comes before those of which few are left, and says when', async (t) => {
  const rig = await startRig(t);
  const day = Math.floor(now / 86_400_000);
  const count = (name: string, used: number, total: number, days: number, more: Partial<CountedApp> = {}) => {
    const counted = {
      id: `app-${name}`,
      tokenId: 'token-1',
      name,
      day: day - 1,
      used,
      total,
      runsOutOn: day + days,
      ...more,
    };
    return { app: counted, history: [] };
  };
  await rig.services.stores.countedApps.putAll(tenantId, [
    count('Half', 49, 100, 9),
    count('Not quite', 90, 100, 30),
    count('Plenty', 1, 50, 3),
    count('Out', 39, 40, 2),
    count('Elsewhere', 39, 40, 2),
  ]);
  const shown = await rig.licenses('contoso');
  assert.match(shown, /\n✕ 7 apps · 1 runs out within 14 days · 1 over-assigned/);
  const rows =
    'Out\n✕ 0 left\n40 of 40 used\nHalf\n⚠\ufe0e 50 left\n50 of 100 used\nruns out in about 9 days\nNot quite\n✓ 6 left\n' +
    '94 of 100 used\nruns out in about 30 days\nNearly\n⚠\ufe0e 5 left\n95 of 100 used\nPlenty\n✓ 99 left\n1 of 100 used\n';
  assert.ok(shown.includes(rows), shown);
});

test('an app’s name shows how it stands at each token; a token called so comes first', async (t) => {
  const rig = await startRig(t);
  const at = (token: string, name: string, used: number, total: number) =>
    app(name, used, total, {
      id: `${name} at ${token}`,
      vppTokenAppleId: `${token}@contoso.com`,
      vppTokenOrganizationName: token,
    });
  rig.tenant.tokens = ['Yellow', 'Blue', 'Meadow'].map((name) =>
    tokenOf(name, { organizationName: name, displayName: `The ${name}`, appleId: `${name}@contoso.com` }),
  );
  rig.tenant.apps = [
    at('Yellow', 'Meadow Notes', 3, 50),
    at('Blue', 'Meadow Notes', 50, 50),
    at('Blue', 'Meadow Maps', 1, 5),
    at('Yellow', '门店盘点', 5, 6),
  ];
  const notes = await rig.licenses('meadow notes');
  assert.match(notes, /^Licences of Meadow Notes\n✕ 2 apps · 1 used up · 1 with licences left\n/);
  assert.match(notes, /Meadow Notes\nThe Blue\n✕ 0 left\n50 of 50 used\nMeadow Notes\nThe Yellow\n✓ 47 left/);
  assert.match(
    await rig.licenses('"Meadow Notes" low'),
    /1 of 2 apps with 95% or more in use[\s\S]*The Blue\n✕ 0 left/,
  );
  assert.match(await rig.licenses('maps'), /^Licences of Meadow Maps\n✓ 1 app/);
  assert.match(await rig.licenses('盘点'), /^Licences of 门店盘点\n✓ 1 app/);
  assert.match(await rig.licenses('maps low'), /^Meadow Maps: of 1 app, none has 95%/);
  assert.match(
    await rig.licenses('meadow'),
    /Licences of The Meadow|no iPhone or iPad app with licences of The Meadow/,
  );
  rig.tenant.tokens = rig.tenant.tokens.slice(0, 2);
  assert.match(await rig.licenses('meadow'), /^Licences of “meadow”\n✕ 3 apps/);
  assert.match(await rig.licenses('pages'), /I can’t find|no token|None of/i);
});

test('an app of many tokens has pages, which its buttons read anew', async (t) => {
  const rig = await startRig(t);
  rig.tenant.apps = Array.from({ length: 20 }, (_, n) => app('Notes', n + 1, 50, { id: `app-${n}` }));
  const reply = await rig.ask(rig.command, 'notes');
  assert.ok(reply.kind === 'card' && reply.recordId);
  assert.match(said(reply), /1–15 of 20|1 to 15 of 20/);
  const record = await rig.records.find(reply.recordId);
  assert.deepEqual(record?.payload, { command: 'licenses', asked: 'notes', page: 0, rows: [] });
});

test('says that no app of the token is low, that it has none, and that it cannot be known', async (t) => {
  const rig = await startRig(t);
  assert.match(await rig.licenses('adatum'), /no iPhone or iPad app with licences of Adatum/);
  rig.tenant.apps = [app('Plenty', 1, 100)];
  assert.equal(await rig.licenses('contoso low'), 'Contoso: of 1 app, none has 95% or more of its licences in use.');
  rig.tenant.tokens = [tokenOf('token-3')];
  assert.match(await rig.licenses('contoso'), /doesn’t say which apps belong to Contoso: the token has no Apple ID/);
});

test('says that the list is approximate as soon as another token shares Apple ID and organisation', async (t) => {
  const rig = await startRig(t);
  assert.doesNotMatch(await rig.licenses('contoso'), /Approximate/);
  rig.tenant.tokens = [contoso, tokenOf('token-2', { appleId })];
  assert.match(await rig.licenses('token-1'), /⚠\ufe0e Approximate: .* other tokens share both/);
});

test('hides the Apple ID outside a personal chat', async (t) => {
  const rig = await startRig(t);
  const shown = said(await rig.ask(rig.command, 'contoso', { conversation: conversationOf('channel') }));
  assert.match(shown, /h•••@contoso\.com/);
  assert.doesNotMatch(shown, /hq@/);
});

test('of many apps fifteen are shown, with a button to the next; namesakes are distinguished by their bundle', async (t) => {
  const rig = await startRig(t);
  rig.tenant.apps = Array.from({ length: 40 }, (_, index) =>
    app('Notes', 1, 2, { id: `app-${index}`, bundleId: `com.example.notes${index}` }),
  );
  const shown = await rig.licenses('contoso');
  assert.match(shown, /Notes\ncom\.example\.notes0\n✓ 1 left/);
  assert.match(shown, /\n1–15 of 40\n[\s\S]*\[Next\] licenses\/next/);
  assert.equal(shown.split('\nNotes\n').length - 1, 15);
});

for (const [reason, words] of [
  ['forbidden', /denied you access to apps.*Mobile apps: Read/s],
  ['missingScope', /lacks a permission.*DeviceManagementApps\.Read\.All/s],
  ['throttled', /refuses your organisation’s requests/],
] as const satisfies readonly (readonly [GraphErrorReason, RegExp])[]) {
  test(`apps refused with ${reason} are explained as such, with a reference`, async (t) => {
    const rig = await startRig(t);
    rig.tenant.appsFault = new GraphError(reason, { clientRequestId: 'c', status: 403, requestId: 'request-9' });
    const error = await rig.ask(rig.command, 'contoso').then(
      () => assert.fail('The apps were refused'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof GraphError);
    assert.deepEqual([error.reason, error.status, error.requestId], [reason, 403, 'request-9']);
    const reply = replyToError(turnOf(), error);
    assert.ok(reply.kind === 'refusal');
    assert.match(reply.text, words);
    assert.match(reply.text, /Reference: ref0000001/);
  });
}

test('a name that several tokens have keeps “low” over the choice', async (t) => {
  const rig = await startRig(t);
  rig.tenant.tokens = [contoso, tokenOf('token-2')];
  const reply = await rig.ask(rig.command, 'contoso low');
  assert.match(said(reply), /^“contoso” matches 2 tokens[\s\S]*\[Show licences\] licenses\/choose/);
  const person = turnOf().person.aadObjectId;
  const record = await rig.records.findOpenChoice(person, turnOf().conversation.id, 0);
  assert.match(JSON.stringify(record?.payload), /"suffix":"low"/);
});

test('a line with “low” is read back from its printed form', async (t) => {
  const { command } = await startRig(t);
  for (const line of ['licenses vpp contoso low', 'licences "contoso hq" low', '许可证 contoso 不足', 'licenses low']) {
    const parsed = parse(line, [command]);
    assert.ok(parsed.kind === 'call');
    assert.deepEqual(parseLine(printCall(parsed), [command]), parsed);
  }
});

test('apps without numbers are said to be uncounted, and never vanish without a word', async (t) => {
  const { tenant, licenses } = await startRig(t);
  const odd = (name: string) => ({ ...app(name, Number.NaN, 10), '@odata.type': '#microsoft.graph.iosVppApp' });
  tenant.apps = [...apps, odd('Odd')];
  assert.match(await licenses('contoso'), /⚠\ufe0e Intune gives no licence numbers for 1 app, so it is not counted\./);
  tenant.apps = [odd('Odd'), odd('Odder')];
  assert.match(await licenses('contoso'), /^Intune gives no licence numbers for 2 apps, so they are not counted\./);
  tenant.apps = [];
  assert.match(await licenses('contoso'), /Mac apps and books are not counted\./);
});
