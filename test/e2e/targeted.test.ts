import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { isSeenBy, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
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

/** A message in a shared or private channel, as Teams sends it. */
function inChannel(person: SandboxPerson, type: 'shared' | 'private', membershipSource: object | undefined) {
  const id = client.timeline.nextId();
  const conversationId = `${channel.id};messageid=${id}`;
  const activity = client.activities.message(person, channel, { id, conversationId, text: 'help', mention: true });
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
    const activity = inChannel(ada, type, undefined);
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
  const activity = inChannel(gita, 'shared', from(gita.tenantId));
  assert.equal((await connector.deliver(activity)).status, 200);
  await client.waitFor(() => answers(channel).some(({ rootId }) => rootId === activity.id), 5000, 'an answer');
  const refused = await ask(gita, group, 'status vpp adatum');
  assert.match(wordsOf(refused), /Your organisation is not set up for this bot/);

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
