import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRenewCommand, createVerifyCommand } from '../../src/commands/renewal.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { conversationOf, tenantId, tokenOf } from '../support/turns.ts';
import { daysFromNow, hoursAgo, now, said, startCommandRig } from './command-rig.ts';

const before = tokenOf('token-1', {
  displayName: 'Contoso HQ',
  locationName: 'Head office',
  appleId: 'hq@contoso.com',
  vppTokenAccountType: 'business',
  expirationDateTime: daysFromNow(10),
  lastSyncDateTime: hoursAgo(6),
});
const renewed: Partial<VppToken> = { expirationDateTime: daysFromNow(365) };

async function startRig(t: TestContext, token: VppToken = before) {
  const rig = await startCommandRig(t);
  rig.tenant.tokens = [token];
  const [renew, verify] = [createRenewCommand(rig.services), createVerifyCommand(rig.services)];
  return {
    ...rig,
    become: (changes: Partial<VppToken>) => {
      rig.tenant.tokens = [{ ...token, ...changes }];
    },
    renew: async (rest = 'contoso', turn = {}) => said(await rig.ask(renew, rest, turn)),
    verify: async (rest = 'contoso', turn = {}) => said(await rig.ask(verify, rest, turn)),
  };
}

test('lists the steps in order, with this token’s names and account', async (t) => {
  const { renew } = await startRig(t);
  const shown = await renew();
  assert.match(shown, /^Renew Contoso HQ\nHead office · Contoso\n⚠\ufe0e Expires in 10 days · /);
  const steps = [
    /1\.\nSign in to Apple Business Manager \(business\.apple\.com\) as hq@contoso\.com/,
    /2\.\nOpen Preferences → .* find Head office under Content Tokens/,
    /3\.\nIn the Intune admin center open .* Apple VPP tokens, and there Contoso HQ/,
    /4\.\n.*upload the file to this same token/,
    /5\.\nCome back and say “verify vpp Contoso HQ”/,
  ];
  const at = steps.map((step) => shown.search(step));
  assert.deepEqual(
    at,
    at.toSorted((a, b) => a - b),
  );
  assert.ok(!at.includes(-1), shown);
  assert.match(shown, /Do not delete the token/);
});

test('names Apple School Manager for a school, and both where Intune does not say', async (t) => {
  const rig = await startRig(t);
  rig.become({ vppTokenAccountType: 'education' });
  assert.match(await rig.renew(), /Apple School Manager \(school\.apple\.com\) as/);
  rig.become({ vppTokenAccountType: 'other' });
  assert.match(await rig.renew(), /business\.apple\.com.* or .*school\.apple\.com/);
});

test('masks the Apple ID outside a personal chat, in the steps and in the check', async (t) => {
  const rig = await startRig(t);
  const conversation = conversationOf('channel');
  const shown = await rig.renew('contoso', { conversation });
  rig.become({ appleId: 'home@contoso.com' });
  const checked = await rig.verify('contoso', { conversation });
  for (const text of [shown, checked]) {
    assert.match(text, /h•••@contoso\.com/);
    assert.doesNotMatch(text, /hq@|home@/);
    assert.match(text, /I have sent the whole address to Ada Lindqvist in their own chat with me/);
  }
  const line =
    'Ada Lindqvist: To renew Contoso HQ, sign in at Apple as hq@contoso.com. Others can read the conversation you asked in';
  assert.deepEqual(
    rig.personal.lines.map((each) => each.startsWith(line)),
    [true, true],
  );
});

test('says where to ask for the whole Apple ID when no own chat takes it', async (t) => {
  const rig = await startRig(t);
  rig.personal.isPossible = false;
  const conversation = conversationOf('groupChat');
  assert.match(await rig.renew('contoso', { conversation }), /write “renew Contoso HQ” to the bot in your own chat/);
  rig.become({ appleId: 'home@contoso.com' });
  assert.match(await rig.verify('contoso', { conversation }), /write “verify Contoso HQ” to the bot in your own chat/);
  const shown = await rig.renew('contoso', { conversation, locale: 'zh-CN' });
  assert.match(shown, /要看完整地址，请在与机器人的个人聊天中输入“续订 Contoso HQ”/);
});

test('sends no Apple ID beside a personal chat’s card, which shows it, nor where there is none', async (t) => {
  const rig = await startRig(t);
  await rig.renew();
  rig.become({ appleId: '' });
  await rig.renew('contoso', { conversation: conversationOf('channel') });
  assert.deepEqual(rig.personal.lines, []);
});

test('warns that a new file alone does not repair some states', async (t) => {
  const rig = await startRig(t);
  const warnings = {
    invalid: /still works/,
    assignedToExternalMDM: /Remove the token there/,
    duplicateLocationId: /Remove the duplicate/,
  };
  for (const [state, warning] of Object.entries(warnings)) {
    rig.become({ state });
    assert.match(await rig.renew(), warning);
  }
});

test('a token whose name others share is named by its id in the line to verify', async (t) => {
  const rig = await startRig(t);
  rig.tenant.tokens = [tokenOf('token-1'), tokenOf('token-2')];
  assert.match(await rig.renew('token-1'), /say “verify vpp token-1”/);
});

test('remembers the token as it is now, and a later asking replaces it', async (t) => {
  const rig = await startRig(t);
  await rig.renew();
  const first = { expirationDateTime: daysFromNow(10), appleId: 'hq@contoso.com', organizationName: 'Contoso' };
  assert.deepEqual(await rig.marks.find(tenantId, 'token-1'), {
    tenantId,
    tokenId: 'token-1',
    markedAt: now,
    ...first,
  });
  rig.become(renewed);
  await rig.renew('contoso', { at: now + 1000 });
  const mark = await rig.marks.find(tenantId, 'token-1');
  assert.deepEqual([mark?.expirationDateTime, mark?.markedAt], [daysFromNow(365), now + 1000]);
});

test('asking for the steps again in the midst of a renewal does not hide that another account was used', async (t) => {
  const { renew, verify, become } = await startRig(t);
  await renew();
  become({ ...renewed, appleId: 'somebody-else@contoso.com' });
  await renew();
  become({ expirationDateTime: daysFromNow(366), appleId: 'somebody-else@contoso.com' });
  assert.match(await verify(), /✕ Apple ID/);
});

test('a token read anew counts, not the list it was found in', async (t) => {
  const rig = await startRig(t);
  await rig.verify();
  assert.match(rig.read.at(-1) ?? '', /vppTokens\/token-1$/);
});

test('before anything moved: ✕, that the date may lag, and to ask again', async (t) => {
  const { renew, verify } = await startRig(t);
  await renew();
  const shown = await verify();
  assert.match(shown, /^Contoso HQ\n.*\n✕ Not renewed yet, according to Intune\n✕ Expires\nUnchanged\n/);
  assert.match(
    shown,
    /✓ Apple ID\nhq@contoso\.com, as before\n✓ Organisation\nContoso, as before\n✓ State\nValid\n✓ Last sync\nCompleted/,
  );
  assert.match(shown, /Next step: Intune’s date may lag behind\. Say “verify vpp Contoso HQ” again in a few minutes/);
});

test('when the date moved, account and state are the same and the sync is well: ✓, and nothing to do', async (t) => {
  const rig = await startRig(t);
  await rig.renew();
  rig.become(renewed);
  const shown = await rig.verify();
  assert.match(
    shown,
    /✓ Renewed and healthy\n✓ Expires\nMoved to a later date\n\{\{DATE\(2026-12-03T.* → \{\{DATE\(2027-11-23T/,
  );
  assert.doesNotMatch(shown, /✕/);
  assert.match(shown, /Next step: Nothing to do\./);
});

const wrong: readonly (readonly [why: string, after: Partial<VppToken>, shown: RegExp])[] = [
  [
    'another account',
    { ...renewed, appleId: 'me@home.com' },
    /✕ The token file came from another account[\s\S]*✕ Apple ID\nChanged: hq@contoso\.com → me@home\.com[\s\S]*Next step: Download the file as hq@contoso\.com/,
  ],
  [
    'another organisation',
    { ...renewed, organizationName: 'Adatum' },
    /✕ The token file came from another account[\s\S]*✕ Organisation\nChanged: Contoso → Adatum[\s\S]*Next step: Download the file of Contoso/,
  ],
  [
    'an account gone missing',
    { ...renewed, appleId: undefined as never },
    /✕ Apple ID\nChanged: hq@contoso\.com → none/,
  ],
  [
    'a failed sync',
    { ...renewed, lastSyncStatus: 'failed' },
    /✕ Renewed, but not healthy yet[\s\S]*✕ Last sync\nFailed[\s\S]*Next step: Say “sync vpp Contoso HQ”/,
  ],
  [
    'a sync that runs',
    { ...renewed, lastSyncStatus: 'inProgress', lastModifiedDateTime: hoursAgo(0.1) },
    /✕ Renewed, but not healthy yet[\s\S]*↻ Last sync\nIn progress[\s\S]*Next step: Wait for the sync to end/,
  ],
  [
    'an old sync',
    { ...renewed, lastSyncDateTime: hoursAgo(37) },
    /✕ Last sync\nCompleted, but over 36 hours ago[\s\S]*Next step: Say “sync vpp/,
  ],
  [
    'a state that is not valid yet',
    { ...renewed, state: 'invalid' },
    /✕ State\nInvalid[\s\S]*Next step: Say “sync vpp/,
  ],
  [
    'another MDM',
    { ...renewed, state: 'assignedToExternalMDM' },
    /✕ State\nIn use by another MDM[\s\S]*Next step: Remove the token from the other service/,
  ],
  [
    'an earlier date',
    { expirationDateTime: daysFromNow(5) },
    /✕ Not renewed yet[\s\S]*✕ Expires\nMoved to an earlier date/,
  ],
  ['a date in the past', { expirationDateTime: daysFromNow(-1) }, /✕ Not renewed yet[\s\S]*✕ Expires\nHas passed/],
  ['no date', { expirationDateTime: undefined as never }, /✕ Not renewed yet[\s\S]*✕ Expires\nIntune gives no date/],
];
for (const [why, after, expected] of wrong) {
  test(`${why} is explained with its next step`, async (t) => {
    const rig = await startRig(t);
    await rig.renew();
    rig.become(after);
    assert.match(await rig.verify(), expected);
  });
}

test('the account’s upper and lower case do not matter', async (t) => {
  const rig = await startRig(t);
  await rig.renew();
  rig.become({ ...renewed, appleId: 'HQ@Contoso.com ' });
  assert.match(await rig.verify(), /✓ Renewed and healthy/);
});

test('without the steps having been asked for, a date about a year ahead counts as renewed, a nearer one does not', async (t) => {
  const rig = await startRig(t);
  rig.become({ expirationDateTime: daysFromNow(300) });
  const shown = await rig.verify();
  assert.match(
    shown,
    /✓ Renewed[\s\S]*✓ Expires\nNo earlier date[\s\S]*• Apple ID\nhq@contoso\.com; nothing to compare it with/,
  );
  rig.become({ expirationDateTime: daysFromNow(299) });
  assert.match(await rig.verify(), /✕ Not renewed yet[\s\S]*✕ Expires\nToo soon/);
});

test('a token renewed before its steps were asked for is not called unrenewed for good', async (t) => {
  const rig = await startRig(t);
  rig.become(renewed);
  await rig.renew();
  assert.match(await rig.verify(), /✕ Expires\nUnchanged[\s\S]*With 365 days left, it may have been renewed before/);
});

test('a mark of another tenant is not compared with', async (t) => {
  const rig = await startRig(t);
  await rig.marks.put({ tenantId: 'another', tokenId: 'token-1', markedAt: now, appleId: 'x@y.z' });
  assert.match(await rig.verify(), /nothing to compare it with/);
});
