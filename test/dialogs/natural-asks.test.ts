import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parse } from '../../src/dialogs/command.ts';
import { commands } from '../support/commands.ts';
import { idOn, press, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { personOf, tokenOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const chat = turnOf();

/** A line with what it is read as: command and rest, or the line that is offered. */
const read: readonly (readonly [line: string, as: string])[] = [
  ['could you please sync adatum?', 'sync | adatum'],
  ['Hi, can you sync adatum for me please', 'sync | adatum'],
  ['please, sync vpp adatum, thanks', 'sync | adatum'],
  ['I’d like to renew adatum', 'renew | adatum'],
  ['请帮我同步 adatum 好吗？', 'sync | adatum'],
  ['麻烦您续订 adatum，谢谢', 'renew | adatum'],
  ['failed', 'list | failed'],
  ['Expiring?', 'list | expiring'],
  ['show me the stale tokens', 'list | stale'],
  ['which tokens are expiring?', 'list | expiring'],
  ['久未同步', 'list | 久未同步'],
  ['哪些令牌即将到期？', 'list | 即将到期'],
  ['Which licences are low?', 'licenses | are low'],
  ['show me the low licenses', 'licenses | low licenses'],
  ['哪些许可证不足？', 'licenses | 不足'],
  ['查看不足的许可证', 'licenses | 不足的许可证'],
  ['weekly', 'offers alerts on weekly'],
  ['周报', 'offers alerts on 周报'],
  ['what is sync adatum?', 'offers nothing'],
  ['show alerts on', 'offers nothing'],
  ['can you not sync adatum', 'offers nothing'],
  ['sync please', 'sync | '],
  ['syncthank you', 'offers nothing'],
  ['please', 'offers nothing'],
];

for (const [line, as] of read) {
  test(`“${line}” is read as what it says`, () => {
    const parsed = parse(line, commands);
    const found =
      parsed.kind === 'call'
        ? `${parsed.command.name} | ${parsed.rest}`
        : `offers ${parsed.kind === 'miss' ? (parsed.nearest ?? 'nothing') : parsed.kind}`;
    assert.equal(found, as);
  });
}

async function start(t: TestContext) {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const soon = new Date(chat.at + 5 * 86_400_000).toISOString();
  rig.tenant.tokens = [
    tokenOf('token-1', { organizationName: 'Adatum', expirationDateTime: soon }),
    tokenOf('token-2', { organizationName: 'Proseware' }),
    tokenOf('token-3', { organizationName: 'Contoso', expirationDateTime: soon }),
    tokenOf('token-4', { organizationName: 'Fabrikam, Inc.' }),
  ];
  return rig;
}

test('several names, or a filter, are a plan to apply, and nothing runs before', async (t) => {
  for (const [line, ids] of [
    ['sync adatum, proseware', ['token-1', 'token-2']],
    ['sync adatum and proseware', ['token-1', 'token-2']],
    ['同步 adatum、proseware', ['token-1', 'token-2']],
    ['sync expiring', ['token-1', 'token-3']],
    ['could you sync the expiring tokens'.replace('the ', ''), ['token-1', 'token-3']],
  ] as const) {
    const rig = await start(t);
    const plan = await rig.message(chat, line);
    assert.deepEqual([rig.posts, rig.begun], [[], []], line);
    await rig.press(turnOf({ cardId: 'card-1' }), press('syncAll/apply', idOn(plan)));
    assert.deepEqual(rig.begun, [[ada.name, ...ids]], line);
  }
});

test('a plan of some is not stopped by what happens to others, but by what happens to its own', async (t) => {
  const rig = await start(t);
  const plan = await rig.message(chat, 'sync adatum, proseware');
  rig.tenant.tokens = [...rig.tenant.tokens, tokenOf('token-5', { organizationName: 'New' })];
  rig.tenant.tokens = rig.tenant.tokens.filter(({ id }) => id !== 'token-2');
  const again = await rig.press(turnOf({ cardId: 'card-1' }), press('syncAll/apply', idOn(plan)));
  assert.ok(again.kind === 'card');
  assert.match(wordsOf(again.reply), /Proseware|token-2/);
  assert.doesNotMatch(wordsOf(again.reply), /New/);
  assert.deepEqual(rig.begun, []);
});

test('a name with a comma is one name, and a name that is not clear starts nothing', async (t) => {
  const rig = await start(t);
  await rig.message(chat, 'sync fabrikam, inc');
  assert.deepEqual(rig.posts, [`${ada.name}: token-4`]);
  assert.match(wordsOf(await rig.message(chat, 'sync adatum, nobody')), /“nobody”\. Nothing was started/);
  assert.equal(rig.posts.length, 1);
});

test('“status all” and “status expiring” are lists', async (t) => {
  const rig = await start(t);
  assert.match(wordsOf(await rig.message(chat, 'status all')), /4 VPP tokens/);
  assert.match(wordsOf(await rig.message(chat, 'status expiring')), /2 of 4 tokens/);
});

test('part of an id, and words over several fields, are a name; with letters swapped it is only offered', async (t) => {
  const id = '1f0c9ab2-77aa-4c01-9d52-0c2e4d6f8101';
  const shop = tokenOf(id, { organizationName: 'Contoso', displayName: 'Contoso Retail', locationName: 'Stores' });
  for (const [line, posts] of [
    ['sync contoso stores', [`${ada.name}: ${id}`]],
    ['sync 1f0c9ab2', [`${ada.name}: ${id}`]],
    ['sync contoso stroes', []],
    ['snyc contoso stores', []],
    ['sync 1f0c9ab', []],
  ] as const) {
    const rig = await start(t);
    rig.tenant.tokens = [...rig.tenant.tokens, shop];
    const answer = wordsOf(await rig.message(chat, line));
    assert.deepEqual(rig.posts, posts, line);
    if (line === 'sync contoso stroes') assert.match(answer, /Did you mean one of them\?.*Contoso Retail/);
  }
});
