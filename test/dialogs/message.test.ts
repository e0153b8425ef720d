import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choiceExpiresMs } from '../../src/dialogs/choose.ts';
import type { Reply } from '../../src/domain/turn.ts';
import { assertionOf, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { conversationOf, expired, personOf, tokenOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const elif = personOf('elif');
const several = [
  tokenOf('id-1', { displayName: 'Contoso HQ', appleId: 'hq@contoso.example.com' }),
  tokenOf('id-2', { displayName: 'Contoso Retail North' }),
  tokenOf('id-3', { displayName: 'Contoso Retail South' }),
];
const group = turnOf({ conversation: conversationOf('groupChat') });
const groupOfElif = { ...group, person: elif };

async function askSeveral(t: Parameters<typeof startDialogs>[0], turn = turnOf()) {
  const rig = await startDialogs(t);
  rig.tenant.tokens = several;
  rig.signInAs(ada);
  rig.signInAs(elif);
  const question = await rig.message(turn, 'sync vpp contoso');
  return { rig, question };
}

test('a name of one token goes on to the sync, as the person who asked', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const reply = await rig.message(turnOf(), 'sync vpp adatum');
  assert.ok(reply.kind === 'card' && reply.runId !== undefined);
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('without a sign-in nothing is asked of Graph, and the command waits, bound to its person and place', async (t) => {
  const rig = await startDialogs(t);
  rig.refuse(ada, 'forbidden');
  const reply = await rig.message(turnOf(), 'sync vpp adatum');
  assert.ok(reply.kind === 'signIn');
  assert.equal(reply.how, 'silent');
  const request = await rig.requests.find(reply.requestId);
  const { resume, owner, messageId, conversation } = request ?? assert.fail();
  assert.deepEqual([resume, owner.aadObjectId, messageId], ['sync vpp adatum', ada.aadObjectId, 'message-1']);
  assert.deepEqual(conversation, turnOf().conversation);
});

test('several matches are asked about, and nothing runs', async (t) => {
  const { rig, question } = await askSeveral(t);
  assert.match(wordsOf(question), /matches 3 tokens/);
  assert.deepEqual(rig.posts, []);
});

for (const [typed, chosen] of [
  ['2', 'id-2'],
  ['#3', 'id-3'],
  ['1.', 'id-1'],
  ['２', 'id-2'],
  [' 3) ', 'id-3'],
  ['contoso hq', 'id-1'],
  ['retail south', 'id-3'],
  ['hq@contoso', 'id-1'],
] as const) {
  test(`“${typed}” typed after the question is ${chosen}`, async (t) => {
    const { rig } = await askSeveral(t);
    await rig.message(turnOf({ messageId: 'message-2' }), typed);
    assert.deepEqual(rig.posts, [`Ada Lindqvist: ${chosen}`]);
  });
}

test('more of the name that still fits several narrows the question', async (t) => {
  const { rig } = await askSeveral(t);
  const narrower = await rig.message(turnOf(), 'retail');
  assert.match(wordsOf(narrower), /matches 2 tokens/);
  assert.deepEqual(rig.posts, []);
  await rig.message(turnOf(), '2');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-3']);
});

test('more of the name finds a token beyond the fifteen that are shown', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.tenant.tokens = Array.from({ length: 40 }, (_, index) =>
    tokenOf(`id-${index}`, { displayName: `Contoso ${index + 100}` }),
  );
  const question = await rig.message(turnOf(), 'sync contoso');
  assert.match(wordsOf(question), /1–15 of 40/);
  assert.match(wordsOf(await rig.message(turnOf(), '16')), /from 1 to 15/);
  await rig.message(turnOf(), 'contoso 138');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-38']);
});

test('a yes or a no is never read as the beginning of a token’s name', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.tenant.tokens = ['North', 'Nordschule', 'Yonder'].map((displayName) =>
    tokenOf(displayName, { displayName, organizationName: 'Contoso' }),
  );
  await rig.message(turnOf(), 'sync contoso');
  for (const line of ['y', 'yes', 'OK', '是']) {
    assert.match(wordsOf(await rig.message(turnOf(), line)), /Type a number from 1 to 3/, line);
  }
  assert.match(wordsOf(await rig.message(turnOf(), 'no')), /Cancelled/);
  assert.match(wordsOf(await rig.message(turnOf(), '1')), /I don’t know that command/);
  assert.deepEqual(rig.posts, []);
});

test('a number that is no choice runs nothing and leaves the question open', async (t) => {
  const { rig } = await askSeveral(t);
  for (const typed of ['0', '4', '99', '#1234']) {
    assert.match(wordsOf(await rig.message(turnOf(), typed)), /from 1 to 3/, typed);
  }
  assert.deepEqual(rig.posts, []);
  await rig.message(turnOf(), '1');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-1']);
});

test('a question is answered once', async (t) => {
  const { rig } = await askSeveral(t);
  await rig.message(turnOf(), '1');
  assert.match(wordsOf(await rig.message(turnOf(), '2')), /don’t know that command/);
  assert.deepEqual(rig.posts.length, 1);
});

test('a question ends after five minutes', async (t) => {
  const { rig } = await askSeveral(t);
  rig.clock.now += choiceExpiresMs;
  assert.match(wordsOf(await rig.message(turnOf(), '1')), /don’t know that command/);
  assert.deepEqual(rig.posts, []);
});

test('a new command ends the open question', async (t) => {
  const { rig } = await askSeveral(t);
  await rig.message(turnOf(), 'help');
  assert.match(wordsOf(await rig.message(turnOf(), '1')), /don’t know that command/);
  assert.deepEqual(rig.posts, []);
});

test('a colleague’s number answers nobody’s question, in the same group', async (t) => {
  const { rig } = await askSeveral(t, group);
  assert.match(wordsOf(await rig.message(groupOfElif, '1')), /don’t know that command/);
  assert.deepEqual(rig.posts, []);
  await rig.message(group, '1');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-1']);
});

test('a number typed in another conversation answers nothing', async (t) => {
  const { rig } = await askSeveral(t, group);
  await rig.message(turnOf(), '1');
  assert.deepEqual(rig.posts, []);
});

test('a number in another thread of the same channel answers nothing', async (t) => {
  const thread = (root: number) => turnOf({ conversation: conversationOf('channel', `19:channel;messageid=${root}`) });
  const { rig } = await askSeveral(t, thread(1));
  await rig.message(thread(2), '1');
  assert.deepEqual(rig.posts, []);
});

test('near names are offered and never run, until one is named', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const offered = await rig.message(turnOf(), 'sync adatim');
  assert.match(wordsOf(offered), /No token you can see is called “adatim”/);
  for (const idle of ['thanks', '🙂', '"', "''", 'ok then', 'yes?']) await rig.message(turnOf(), idle);
  assert.deepEqual(rig.posts, []);
  await rig.message(turnOf(), 'adatum');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('no match says so, and how names are found', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const reply = await rig.message(turnOf(), 'sync <b>tailspin</b>');
  assert.equal(reply.kind, 'text');
  assert.match(wordsOf(reply), /No token you can see is called “<b>tailspin<\/b>”\. Type part of/);
});

test('a tenant without tokens says so', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.tenant.tokens = [];
  assert.match(wordsOf(await rig.message(turnOf(), 'sync contoso')), /no Apple VPP token you can see/);
});

test('an expired token is not synced for a typed name; the answer says why', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  for (const state of ['expired', 'invalid', 'assignedToExternalMDM']) {
    rig.tenant.tokens = [tokenOf('token-1', { ...expired, organizationName: 'Adatum', state })];
    assert.match(wordsOf(await rig.message(turnOf(), 'sync adatum')), /it can’t sync/, state);
  }
  assert.deepEqual(rig.posts, []);
});

test('an empty line is met with help, an unknown one with the nearest command, a long one with the limit', async (t) => {
  const rig = await startDialogs(t);
  assert.match(wordsOf(await rig.message(turnOf(), ' &nbsp;')), /What I can do/);
  assert.match(wordsOf(await rig.message(turnOf(), 'synk contoso')), /Did you mean “sync/);
  assert.match(wordsOf(await rig.message(turnOf({ locale: 'zh-CN' }), '同部 Org A')), /“同步 Org A”/);
  assert.match(wordsOf(await rig.message(turnOf(), `sync ${'x'.repeat(100_000)}`)), /at most 500 characters/);
  assert.match(wordsOf(await rig.message(turnOf({ locale: 'zh-CN' }), '同步步')), /[\p{Script=Han}]/u);
});

test('sign out forgets the session; the next command asks to sign in', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  assert.match(wordsOf(await rig.message(turnOf(), 'sign out')), /signed out/);
  assert.equal((await rig.message(turnOf(), 'sync adatum')).kind, 'signIn');
});

test('a code from the sign-in page may be typed: it resumes its own command, once, for its own person', async (t) => {
  const rig = await startDialogs(t);
  const asked = await rig.message(group, 'sync adatum');
  assert.ok(asked.kind === 'signIn');
  const request = (await rig.requests.find(asked.requestId)) ?? assert.fail();
  const code = await rig.codes.issue(assertionOf(ada), request);
  assert.match(wordsOf(await rig.message(groupOfElif, code)), /wasn’t accepted/);
  assert.deepEqual([rig.posts, rig.exchanged], [[], []]);
  await rig.message(group, code);
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
  assert.match(wordsOf(await rig.message(group, code)), /wasn’t accepted/);
  assert.equal(rig.posts.length, 1);
});

/** Says that a message of Teams shows the card, as sending it does. */
async function showAs(rig: Awaited<ReturnType<typeof startDialogs>>, reply: Reply, cardId: string) {
  assert.ok(reply.kind === 'card' && reply.recordId !== undefined);
  await rig.records.setCard(reply.recordId, cardId);
}

test('an answered question’s card becomes what was chosen', async (t) => {
  for (const [typed, line] of [
    ['2', 'Answered: Contoso Retail North.'],
    ['retail south', 'Answered: retail south.'],
    ['no', 'Cancelled. Nothing was changed.'],
  ]) {
    const { rig, question } = await askSeveral(t);
    await showAs(rig, question, '42');
    const reply = await rig.message(turnOf(), typed ?? '');
    assert.deepEqual(reply.collapses, { cardId: '42', text: line });
  }
});

test('a question narrowed to several leaves no live card behind, and no answer to it does', async (t) => {
  const { rig, question } = await askSeveral(t);
  await showAs(rig, question, '42');
  const narrower = await rig.message(turnOf(), 'retail');
  assert.deepEqual(narrower.collapses, { cardId: '42', text: 'Answered: retail.' });
  await showAs(rig, narrower, '43');
  assert.equal((await rig.message(turnOf(), '9')).collapses, undefined);
  assert.equal((await rig.message(turnOf(), 'what now')).collapses, undefined);
  assert.equal((await rig.message(turnOf(), '1')).collapses?.cardId, '43');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-2']);
});

test('a question keeps the ids and names of what it shows, and nothing more', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.tenant.tokens = Array.from({ length: 3000 }, (_, n) =>
    tokenOf(`id-${n}`, { displayName: `Contoso ${n}`, appleId: `vpp${n}@contoso.example.com` }),
  );
  const question = await rig.message(turnOf(), 'sync contoso');
  assert.ok(question.kind === 'card');
  const { payload } = (await rig.records.find(question.recordId ?? '')) ?? assert.fail();
  const tokens = Array.from({ length: 15 }, (_, n) => ({ id: `id-${n}`, name: `Contoso ${n}` }));
  assert.deepEqual(payload, { command: 'sync', asked: 'contoso', actionTitle: 'Sync now', tokens });
  const plan = await rig.message(turnOf(), 'sync all');
  assert.ok(plan.kind === 'card');
  const planned = (await rig.records.find(plan.recordId ?? '')) ?? assert.fail();
  assert.ok(JSON.stringify(planned.payload).length < 3000 * 50);
  assert.match(JSON.stringify(await rig.message(turnOf(), 'apply')), /3,000/);
});

test('a quoted number answers the quoted question, of its owner alone and once', async (t) => {
  const { rig, question } = await askSeveral(t, group);
  await showAs(rig, question, '42');
  const quoting = { ...group, quotedId: '42' };
  assert.match(wordsOf(await rig.message({ ...quoting, person: elif }, '2')), /Only the person who asked/);
  assert.match(wordsOf(await rig.message({ ...quoting, quotedId: '7' }, 'hm')), /don’t know that command/);
  assert.deepEqual(rig.posts, []);
  await rig.message(quoting, '2');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-2']);
  assert.match(wordsOf(await rig.message(quoting, '1')), /already used/);
  rig.clock.now += choiceExpiresMs;
  assert.match(wordsOf(await rig.message(quoting, '1')), /expired/);
  assert.deepEqual(rig.posts.length, 1);
});

test('a quoted plan is applied or cancelled by its owner alone', async (t) => {
  const { rig } = await askSeveral(t, group);
  const plan = await rig.message(group, 'sync all');
  await showAs(rig, plan, '42');
  const quoting = { ...group, quotedId: '42' };
  assert.match(wordsOf(await rig.message({ ...quoting, person: elif }, 'apply')), /Only the person who asked/);
  assert.equal(rig.begun.length, 0);
  const applied = await rig.message(quoting, '应用');
  assert.deepEqual(applied.collapses, { cardId: '42', text: 'Applied. The newest card shows the progress.' });
  assert.equal(rig.begun.length, 1);
});

test('a command that quotes a token’s card is about that token, as the speaker', async (t) => {
  const { rig } = await askSeveral(t, group);
  await showAs(rig, await rig.message(group, 'status contoso hq'), '42');
  const quoting = { ...groupOfElif, quotedId: '42' };
  await rig.message(quoting, 'sync');
  assert.deepEqual(rig.posts, ['Elif Karaduman: id-1']);
  assert.match(wordsOf(await rig.message(quoting, '状态')), /Contoso HQ/);
  assert.match(wordsOf(await rig.message(quoting, 'renew vpp')), /Contoso HQ/);
  assert.match(wordsOf(await rig.message(quoting, 'licences low')), /Contoso HQ/);
  assert.match(wordsOf(await rig.message(quoting, 'alerts on')), /Contoso HQ/);
  assert.match(wordsOf(await rig.message(quoting, 'sync retail south')), /Contoso Retail South/);
  assert.deepEqual(rig.posts, ['Elif Karaduman: id-1', 'Elif Karaduman: id-3']);
  rig.hide(elif, ['id-1']);
  assert.match(wordsOf(await rig.message(quoting, 'status')), /No token you can see/);
  const elsewhere = turnOf({ conversation: conversationOf('groupChat', '19:other'), quotedId: '42' });
  assert.match(wordsOf(await rig.message(elsewhere, 'sync')), /Which of the 3 tokens/);
});

test('licences, renewals, their checks and histories are quoted as a token’s card is, with “it” or without', async (t) => {
  const { rig } = await askSeveral(t, group);
  const licenses = { usedLicenseCount: 40, totalLicenseCount: 40, vppTokenAppleId: 'hq@contoso.example.com' };
  rig.tenant.apps = [{ id: 'app-1', displayName: 'Maps', vppTokenOrganizationName: 'Contoso', ...licenses }];
  for (const [line, quoting, shown] of [
    ['licences contoso hq', 'sync it', 'sync'],
    ['renew contoso hq', 'verify this token', /Contoso HQ/],
    ['verify contoso hq', '状态 它', /Contoso HQ/],
    ['history contoso hq', 'licences it low', /Contoso HQ/],
  ] as const) {
    const posts = rig.posts.length;
    await showAs(rig, await rig.message(group, line), line);
    const reply = await rig.message({ ...groupOfElif, quotedId: line }, quoting);
    if (shown === 'sync') assert.deepEqual(rig.posts.slice(posts), ['Elif Karaduman: id-1'], line);
    else assert.match(wordsOf(reply), shown, line);
  }
});

test('namesakes are distinguished by what differs, and whatever their lines show may be typed', async (t) => {
  const countries = ['DE', 'FR', 'JP', 'BR', 'US'];
  const ids = countries.map((_, n) => `5c7d1a0${n}-3e92-4f3b-8a60-1b2c3d4e5a01`);
  const tokens = countries.map((countryOrRegion, n) =>
    tokenOf(ids[n] ?? '', { organizationName: 'Contoso', appleId: `vpp${n}@contoso.example.com`, countryOrRegion }),
  );
  for (const [typed, chosen] of [
    ['germany', 0],
    ['日本', 2],
    ['contoso france', 1],
    ['5c7d1a03', 3],
    ['sync contoso brazil', 3],
    ['sync 5C7D1A04', 4],
  ] as const) {
    const rig = await startDialogs(t);
    rig.signInAs(ada);
    rig.tenant.tokens = tokens;
    const question = wordsOf(await rig.message(group, 'sync contoso'));
    for (const country of ['Germany', 'France', 'Japan', 'Brazil', 'United States'])
      assert.match(question, new RegExp(country));
    await rig.message(group, typed);
    assert.deepEqual(rig.posts, [`Ada Lindqvist: ${ids[chosen]}`], typed);
  }
});

test('namesakes that differ in nothing but the id show its beginning', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.tenant.tokens = ['5c7d1a00', '6c7d1a00'].map((start) =>
    tokenOf(`${start}-3e92-4f3b-8a60-1b2c3d4e5a01`, { organizationName: 'Contoso' }),
  );
  assert.match(wordsOf(await rig.message(turnOf(), 'sync contoso')), /5c7d1a00.*6c7d1a00/);
  await rig.message(turnOf(), '6c7d1a00');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: 6c7d1a00-3e92-4f3b-8a60-1b2c3d4e5a01']);
});

test('days are those of the calendar of whoever asks', async (t) => {
  const rig = await startDialogs(t);
  rig.clock.now = Date.parse('2026-11-30T22:30:00Z');
  rig.signInAs(ada);
  const expirationDateTime = '2026-12-02T10:30:00Z';
  for (const [timeZone, days] of [
    ['Pacific/Auckland', '1 day'],
    ['America/Los_Angeles', '2 days'],
  ] as const) {
    const turn = turnOf({ at: rig.clock.now, timeZone });
    rig.tenant.tokens = several.map((token) => ({ ...token, expirationDateTime }));
    for (const line of ['status contoso hq', 'list', 'status contoso', 'renew contoso hq', 'verify contoso hq']) {
      const words = wordsOf(await rig.message(turn, line));
      const counted = [...words.matchAll(/(\d+ days?) left|Expires in (\d+ days?)/g)].map(
        ([, left, until]) => left ?? until,
      );
      assert.deepEqual([...new Set(counted)], [days], `${line} in ${timeZone}`);
    }
  }
});
