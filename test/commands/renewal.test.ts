import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  createRemindRenewalCommand,
  createRenewCommand,
  createStartRenewalCommand,
  createVerifyCommand,
} from '../../src/commands/renewal.ts';
import type { Command } from '../../src/dialogs/command.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { conversationOf, personOf, tenantId, tokenOf } from '../support/turns.ts';
import { daysFromNow, hoursAgo, now, said, startCommandRig } from './command-rig.ts';

const before = tokenOf('token-1', {
  displayName: 'Contoso HQ',
  locationName: 'Head office',
  appleId: 'hq@contoso.com',
  vppTokenAccountType: 'business',
  expirationDateTime: daysFromNow(10),
  lastSyncDateTime: hoursAgo(6),
});
const dayMs = 86_400_000;
const renewed: Partial<VppToken> = { expirationDateTime: daysFromNow(365) };

async function startRig(t: TestContext, token: VppToken = before) {
  const rig = await startCommandRig(t);
  rig.tenant.tokens = [token];
  const [renew, verify] = [createRenewCommand(rig.services), createVerifyCommand(rig.services)];
  const [start, remind] = [createStartRenewalCommand(rig.services), createRemindRenewalCommand(rig.services)];
  return {
    ...rig,
    become: (changes: Partial<VppToken>) => {
      rig.tenant.tokens = [{ ...token, ...changes }];
    },
    renew: async (rest = 'contoso', turn = {}) => said(await rig.ask(renew, rest, turn)),
    start: async (rest = 'contoso', turn = {}) => said(await rig.ask(start, rest, turn)),
    remind: async (rest = 'contoso', turn = {}) => said(await rig.ask(remind, rest, turn)),
    verify: async (rest = 'contoso', turn = {}) => said(await rig.ask(verify, rest, turn)),
  };
}

test('lists the steps in order, with this token’s names and account', async (t) => {
  const { renew } = await startRig(t);
  const shown = await renew();
  assert.match(shown, /^Renew Contoso HQ\nHead office · Contoso\n⚠\ufe0e Expires in 10 days\n/);
  const steps = [
    /1\.\nSign in to Apple Business \(business\.apple\.com\) as hq@contoso\.com/,
    /2\.\nOpen Settings → Payments & Billing → Apps & Books, find Head office and download/,
    /3\.\nIn the Intune admin center open .* Apple VPP tokens, and there Contoso HQ/,
    /4\.\n.*upload the file to this same token/,
    /5\.\nCome back and press “Check renewal”, or say “verify vpp Contoso HQ”/,
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
  assert.match(
    await rig.renew(),
    /Apple School Manager \(school\.apple\.com\) as[\s\S]*Open Preferences → Payments and Billing/,
  );
  rig.become({ vppTokenAccountType: 'other' });
  assert.match(await rig.renew(), /business\.apple\.com.* or .*school\.apple\.com/);
});

test('masks the Apple ID outside a personal chat, in the steps and in the check', async (t) => {
  const rig = await startRig(t);
  const conversation = conversationOf('channel');
  const shown = await rig.renew('contoso', { conversation });
  await rig.start('contoso', { conversation });
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
  await rig.start();
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

test('looking at the steps begins no renewal; “I have started” stores the token as it is, who, and where', async (t) => {
  const rig = await startRig(t);
  assert.match(await rig.renew(), /Press “I have started” when you begin/);
  assert.equal(await rig.renewals.find(tenantId, 'token-1'), undefined);
  const shown = await rig.start();
  assert.match(shown, /↻ Renewal started by Ada Lindqvist\n\{\{DATE\(2026-11-23T08:00:00Z, SHORT\)\}\}/);
  assert.match(shown, /I’ll let whoever started it know, in the same place, once Intune shows the new date/);
  assert.deepEqual(await rig.renewals.find(tenantId, 'token-1'), {
    tenantId,
    tokenId: 'token-1',
    startedAt: now,
    person: personOf('ada'),
    conversation: conversationOf('personal'),
    locale: 'en',
    expirationDateTime: daysFromNow(10),
    appleId: 'hq@contoso.com',
    organizationName: 'Contoso',
  });
});

test('what helps next comes first: to start, then to check; at Apple and in Intune are one press away', async (t) => {
  const { ask, services, renew, start, become } = await startRig(t);
  const titlesOn = async (command: Command) => {
    const reply = await ask(command, 'contoso');
    assert.ok(reply.kind === 'card');
    return (reply.card.actions as { title: string; style?: string }[]).map(({ title, style }) =>
      style === 'positive' ? `[${title}]` : title,
    );
  };
  await renew();
  const command = createRenewCommand(services);
  const apple = ['Open Apple Business', 'Open in Intune admin center'];
  assert.deepEqual(await titlesOn(command), ['[I have started]', ...apple, 'Check renewal', 'Remind me tomorrow']);
  await start();
  assert.deepEqual(await titlesOn(command), ['[Check renewal]', ...apple, 'Remind me tomorrow']);
  become({ vppTokenAccountType: 'other' });
  const both = ['Open Apple Business', 'Open Apple School Manager', 'Open in Intune admin center'];
  assert.deepEqual(await titlesOn(command), ['[Check renewal]', ...both, 'Remind me tomorrow']);
});

test('starting again while a renewal is under way changes nothing, so that another account stays visible', async (t) => {
  const { start, verify, become } = await startRig(t);
  await start();
  become({ ...renewed, appleId: 'somebody-else@contoso.com' });
  assert.match(await start('contoso', { person: personOf('elif') }), /Renewal started by Ada Lindqvist/);
  become({ expirationDateTime: daysFromNow(366), appleId: 'somebody-else@contoso.com' });
  assert.match(await verify(), /✕ Apple ID/);
});

test('after a renewal is over the next one can be started', async (t) => {
  const rig = await startRig(t);
  await rig.start();
  rig.become(renewed);
  assert.match(await rig.renew(), /Press “I have started” when you begin/);
  await rig.start('contoso', { at: now + 1000 });
  const renewal = await rig.renewals.find(tenantId, 'token-1');
  assert.deepEqual([renewal?.expirationDateTime, renewal?.startedAt], [daysFromNow(365), now + 1000]);
});

test('who reads the new date where they started is not notified of it as well; anybody else’s reading notifies them', async (t) => {
  const rig = await startRig(t);
  await rig.start();
  rig.become(renewed);
  await rig.verify();
  assert.deepEqual(await rig.notices.listDue(now), []);
  await rig.start();
  rig.become({ expirationDateTime: daysFromNow(800) });
  await rig.verify('contoso', { person: personOf('elif') });
  await rig.verify('contoso', { person: personOf('elif') });
  const due = await rig.notices.listDue(now);
  assert.deepEqual(
    due.map(({ kind, person, token, locale }) => [kind, person.name, token.expirationDateTime, locale]),
    [['renewed', 'Ada Lindqvist', daysFromNow(800), 'en']],
  );
});

test('a reminder is for tomorrow and the presser’s own chat, and says so', async (t) => {
  const rig = await startRig(t);
  assert.match(
    await rig.remind('contoso', { timeZone: 'Pacific/Auckland' }),
    /^I’ll remind you tomorrow in your own chat with me to renew Contoso HQ\.$/,
  );
  assert.deepEqual(rig.personal.lines, []);
  assert.deepEqual(await rig.notices.listDue(now + dayMs - 1), []);
  const [due] = await rig.notices.listDue(now + dayMs);
  assert.deepEqual([due?.kind, due?.token, due?.locale], ['reminder', before, 'en']);
  assert.deepEqual(due?.person, { ...personOf('ada'), timeZone: 'Pacific/Auckland' });
  await rig.remind('contoso', { conversation: conversationOf('channel'), locale: 'zh-CN' });
  assert.deepEqual(rig.personal.lines, ['Ada Lindqvist: 明天我会在这里提醒您续订 Contoso HQ。']);
});

test('no reminder is promised to whom the bot cannot write', async (t) => {
  const rig = await startRig(t);
  rig.personal.isPossible = false;
  const shown = await rig.remind('contoso', { conversation: conversationOf('groupChat') });
  assert.match(shown, /Open a chat with me and say “renewal reminder Contoso HQ” there/);
  assert.deepEqual(await rig.notices.listDue(now + dayMs), []);
});

test('a token read anew counts, not the list it was found in', async (t) => {
  const rig = await startRig(t);
  await rig.verify();
  assert.match(rig.read.at(-1) ?? '', /vppTokens\/token-1$/);
});

test('before anything moved: ✕, that the date may lag, and to ask again', async (t) => {
  const { start, verify } = await startRig(t);
  await start();
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
  await rig.start();
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
    await rig.start();
    rig.become(after);
    assert.match(await rig.verify(), expected);
  });
}

test('the account’s upper and lower case do not matter', async (t) => {
  const rig = await startRig(t);
  await rig.start();
  rig.become({ ...renewed, appleId: 'HQ@Contoso.com ' });
  assert.match(await rig.verify(), /✓ Renewed and healthy/);
});

test('without a renewal under way the check says that and how the token is, without alarm', async (t) => {
  const rig = await startRig(t);
  const shown = await rig.verify();
  assert.match(shown, /• No renewal is under way\n• Expires\nNothing to compare it with\n\{\{DATE\(2026-12-03T/);
  assert.match(shown, /Next step: To renew it, say “renew vpp Contoso HQ”\./);
  assert.doesNotMatch(shown, /✕/);
  rig.become({ expirationDateTime: daysFromNow(300) });
  assert.match(
    await rig.verify(),
    /• No renewal is under way[\s\S]*Next step: Nothing to do\. It is valid for 300 days\./,
  );
  assert.match(await rig.verify('contoso', { locale: 'zh-CN' }), /• 没有正在进行的续订/);
});

test('a token renewed before its renewal was started is not called unrenewed for good', async (t) => {
  const rig = await startRig(t);
  rig.become(renewed);
  await rig.start();
  assert.match(await rig.verify(), /✕ Expires\nUnchanged[\s\S]*With 365 days left, it may have been renewed before/);
});

test('a renewal of another tenant is not compared with', async (t) => {
  const rig = await startRig(t);
  const where = { person: personOf('ada'), conversation: conversationOf('personal'), locale: 'en' as const };
  await rig.renewals.start({ ...where, tenantId: 'another', tokenId: 'token-1', startedAt: now, appleId: 'x@y.z' });
  assert.match(await rig.verify(), /nothing to compare it with/);
});
