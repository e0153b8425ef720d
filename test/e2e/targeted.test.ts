import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { findCard, isSeenBy, listActions, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const rehearsal = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
const { sandbox, answers, ask, waitForWords } = rehearsal;
const { client, connector, conversations } = sandbox;
const { group, channel } = conversations;
const [ada, elif, gita] = [sandbox.person('ada'), sandbox.person('elif'), sandbox.person('gita')];

interface Send {
  readonly method: string;
  readonly query: string;
  readonly isReply: boolean;
  readonly recipient?: unknown;
}

/** What the bot sends from here on. */
function watchSends() {
  const before = connector.requests.length;
  return (): Send[] =>
    connector.requests
      .slice(before)
      .filter(({ method }) => method !== 'GET')
      .map(({ method, query, path, body }) => {
        const { recipient } = JSON.parse(body);
        return { method, query, isReply: /activities\/./.test(path), ...(recipient && { recipient }) };
      });
}

const say = (person: SandboxPerson, where: TeamsConversation, text: string) =>
  client.say(person, where, text, { targeted: true });
const seenBy = (person: SandboxPerson, where: TeamsConversation) =>
  answers(where).filter((each) => isSeenBy(each, person));
const isWaiting = (message: TeamsMessage) => /Syncing|Sync completed/.test(wordsOf(message));
const targeted = '?isTargetedActivity=true';

for (const [kind, where] of [
  ['group chat', group],
  ['channel', channel],
] as const) {
  suite(`in a ${kind}`, () => {
    test('a slash command is answered, followed to its receipt and pressed before its sender’s eyes alone', async () => {
      // Signed in before, so that what follows is the command alone.
      await ask(ada, conversations.personal(ada), 'status vpp adatum');
      const unseen = seenBy(elif, where).length;
      const sends = watchSends();
      await say(ada, where, '/sync adatum');
      const receipt = await waitForWords(where, /Adatum.*Sync completed/s);
      assert.equal(seenBy(ada, where).filter(isWaiting).at(-1)?.id, receipt.id);
      const recipient = { id: ada.teamsId, name: ada.name, isTargeted: true };
      const [posts, edits] = [
        sends().filter((each) => each.method === 'POST'),
        sends().filter((each) => each.method === 'PUT'),
      ];
      assert.ok(posts.length > 0 && edits.length > 0);
      for (const each of posts) assert.deepEqual(each, { method: 'POST', query: targeted, isReply: false, recipient });
      for (const each of edits) assert.deepEqual(each, { method: 'PUT', query: targeted, isReply: true });

      const afterSync = watchSends();
      const pressed = await client.press(ada, where, receipt.id, buttonOn(receipt, 'Refresh'));
      assert.equal(pressed.problem, undefined);
      await client.waitFor(() => afterSync().length > 0, 3000, 'the edit of the pressed card');
      assert.deepEqual(
        afterSync().map(({ method, query }) => [method, query]),
        [['PUT', targeted]],
      );
      assert.equal(seenBy(elif, where).length, unseen, 'nobody else saw any of it');
    });
  });
}

test('a plan that is applied reports to its sender alone, to its end', async () => {
  const unseen = seenBy(elif, group).length;
  const sends = watchSends();
  await say(ada, group, '/sync adatum, fabrikam');
  const plan = await client.waitFor(
    () => seenBy(ada, group).find((each) => listActions(findCard(each)).some(({ title }) => title === 'Apply')),
    5000,
    'a plan',
  );
  await client.press(ada, group, plan.id, buttonOn(plan, 'Apply'));
  await client.waitFor(
    () => listActions(findCard(client.timeline.get(group, plan.id))).some(({ title }) => title === 'History'),
    10_000,
    'the end of all',
  );
  assert.deepEqual(new Set(sends().map(({ query }) => query)), new Set([targeted]));
  assert.equal(seenBy(elif, group).length, unseen);
});

test('a sign-in is asked of the one person alone, and the command goes on before them alone', async () => {
  await ask(elif, conversations.personal(elif), 'sign out');
  client.setSso(elif, 'off');
  const unseen = seenBy(ada, group).length;
  const sends = watchSends();
  await say(elif, group, '/status adatum');
  const offer = await client.waitFor(
    () => seenBy(elif, group).find((each) => each.signIns.has(elif.key)),
    5000,
    'a sign-in',
  );
  await client.signInThroughButton(elif, group, offer.id);
  await client.waitFor(
    () => seenBy(elif, group).some((each) => /Adatum.*Valid/s.test(wordsOf(each))),
    5000,
    'the card',
  );
  assert.deepEqual(new Set(sends().map(({ query }) => query)), new Set([targeted]));
  assert.equal(seenBy(ada, group).length, unseen);
  client.setSso(elif, 'silent');
});

for (const where of [group, channel]) {
  test(`buttons of cards without a record keep to their presser, too (${where.key})`, async () => {
    await ask(ada, conversations.personal(ada), 'status vpp adatum');
    const unseen = seenBy(elif, where).length;
    for (const [words, title] of [
      ['/help', 'list'],
      ['/doctor', 'Run again'],
      ['/alerts settings', 'Save'],
    ] as const) {
      const before = seenBy(ada, where).length;
      await say(ada, where, words);
      const card = await client.waitFor(() => seenBy(ada, where)[before], 5000, words);
      const sends = watchSends();
      const button = listActions(findCard(card)).find((each) => each.title?.startsWith(title));
      assert.ok(button, `${words}: ${listActions(findCard(card)).map((each) => each.title)}`);
      const inputs = [...nodesOf(findCard(card))].flatMap(({ type, id, value }) =>
        String(type).startsWith('Input.') ? [[String(id), value ?? '']] : [],
      );
      const pressed = await client.press(ada, where, card.id, button, Object.fromEntries(inputs));
      await client.waitFor(() => sends().length > 0, 5000, `${words}: ${JSON.stringify(pressed)}`);
      assert.deepEqual(new Set(sends().map(({ query }) => query)), new Set([targeted]), words);
    }
    assert.equal(seenBy(elif, where).length, unseen);
  });
}

test('the Continue button in a channel goes on before its presser alone', async () => {
  await ask(elif, conversations.personal(elif), 'sign out');
  const unseen = seenBy(ada, channel).length;
  const sends = watchSends();
  await say(elif, channel, '/status adatum');
  const card = await client.waitFor(
    () => seenBy(elif, channel).find((each) => listActions(findCard(each)).some(({ title }) => title === 'Continue')),
    5000,
    'Continue',
  );
  await client.press(elif, channel, card.id, buttonOn(card, 'Continue'));
  await client.waitFor(
    () => seenBy(elif, channel).some((each) => /Adatum.*Valid/s.test(wordsOf(each))),
    5000,
    'the card',
  );
  assert.deepEqual(new Set(sends().map(({ query }) => query)), new Set([targeted]));
  assert.equal(seenBy(ada, channel).length, unseen);
});

test('everything else is for all to see: mentions, and presses on cards that all see', async () => {
  const sends = watchSends();
  const card = await ask(ada, group, 'status vpp adatum');
  await client.press(ada, group, card.id, buttonOn(card, 'Refresh'));
  await client.waitFor(() => sends().some(({ method }) => method === 'PUT'), 3000, 'the edit');
  assert.ok(sends().every(({ query, recipient }) => query === '' && recipient === undefined));
  assert.ok(isSeenBy(card, elif));
});

test('a personal chat has no targeted messages: one that claims to be is answered as any other', async () => {
  const chat = conversations.personal(ada);
  const sends = watchSends();
  await say(ada, chat, '/help');
  await waitForWords(chat, /What I can do|sync/i);
  assert.ok(sends().every(({ query }) => query === ''));
});

test('the page sends what begins with a slash so, and shows it to nobody else', async () => {
  const body = JSON.stringify({ person: ada.key, conversation: group.key, text: '/whoami' });
  const sent = await fetch(`${sandbox.baseUrl}/client/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(sent.status, 204);
  const answer = await waitForWords(group, /Ada Lindqvist.*your access|Signed in as/s);
  const idsSeenBy = async (person: SandboxPerson) => {
    const state = await (await fetch(`${sandbox.baseUrl}/client/state?person=${person.key}`)).json();
    const shown = state as {
      readonly conversations: { key: string; messages: { id: string; isTargeted: boolean }[] }[];
    };
    const here = shown.conversations.find(({ key }) => key === group.key) ?? assert.fail();
    return here.messages.filter(({ isTargeted }) => isTargeted).map(({ id }) => id);
  };
  assert.ok((await idsSeenBy(ada)).includes(answer.id));
  assert.ok(!(await idsSeenBy(elif)).includes(answer.id));
});

/** A message in a shared or private channel, as Teams sends it. */
function inChannel(person: SandboxPerson, type: 'shared' | 'private', membershipSource?: object, text = 'help') {
  const id = client.timeline.nextId();
  const conversationId = `${channel.id};messageid=${id}`;
  const activity = client.activities.message(person, channel, { id, conversationId, text, mention: true });
  client.timeline.add(channel, { id, conversationId, author: person, activity });
  const channelData = activity.channelData as { readonly channel: object };
  const described = {
    ...channelData,
    channel: { ...channelData.channel, type },
    ...(membershipSource && { membershipSource }),
  };
  return { ...activity, channelData: described };
}

test('shared and private channels are answered in their threads', async () => {
  for (const type of ['shared', 'private'] as const) {
    const activity = inChannel(ada, type);
    assert.equal((await connector.deliver(activity)).status, 200);
    await client.waitFor(
      () => answers(channel).some(({ rootId }) => rootId === activity.id),
      5000,
      `an answer in a ${type} channel`,
    );
  }
});

test('a member from another tenant is answered politely in a shared channel; their membership’s tenant lets nobody in', async () => {
  const from = (tenantId: string) => ({
    sourceType: 'team',
    id: 'x',
    membershipType: 'transitive',
    teamGroupId: 'y',
    tenantId,
  });
  const activity = inChannel(gita, 'shared', from(gita.tenantId), 'status vpp adatum');
  assert.equal((await connector.deliver(activity)).status, 200);
  const isAnswer = ({ rootId, id }: TeamsMessage) => rootId === activity.id && id !== activity.id;
  const asked = await client.waitFor(() => answers(channel).find(isAnswer), 5000, 'an answer');
  const refused = await client.press(gita, channel, asked.id, buttonOn(asked, 'Continue'));
  assert.match(refused.text ?? '', /Your organisation is not set up for this bot/);
  assert.ok(!sandbox.graph.requests.some(({ personOid }) => personOid === gita.aadObjectId));

  const before = answers(channel).length;
  const elsewhere = { ...inChannel(gita, 'shared', from(ada.tenantId)) };
  const { conversation, channelData } = elsewhere as unknown as {
    readonly conversation: object;
    readonly channelData: { readonly tenant: object };
  };
  for (const disagreeing of [
    { conversation: { ...conversation, tenantId: gita.tenantId } },
    { channelData: { ...channelData, tenant: { id: gita.tenantId } } },
    {
      conversation: { ...conversation, tenantId: gita.tenantId },
      channelData: { ...channelData, tenant: { id: gita.tenantId } },
    },
  ]) {
    assert.equal((await connector.deliver({ ...elsewhere, ...disagreeing })).status, 403);
  }
  assert.equal(answers(channel).length, before);
});
