import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KnownConversation } from '../../src/domain/alert-repositories.ts';
import { createBackground } from '../../src/lib/async.ts';
import { botMoveOf, findConversation, type InboundActivity } from '../../src/teams/activity.ts';
import { createRecordConversation } from '../../src/teams/welcome.ts';

const message: InboundActivity = {
  type: 'message',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  conversation: { id: '19:team@thread.tacv2;messageid=5', conversationType: 'channel', tenantId: 'TENANT' },
  recipient: { id: '28:bot', name: 'VPP Sync' },
  from: { id: '29:ada', aadObjectId: 'ADA', name: 'Ada' },
};
const inPersonal: InboundActivity = {
  ...message,
  conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant' },
};

function createBed(options: { readonly fails?: boolean } = {}) {
  const noted: [KnownConversation, unknown][] = [];
  const erased: string[] = [];
  const removed: string[] = [];
  const heard: string[] = [];
  const logged: object[] = [];
  const background = createBackground({ error: (fields) => void logged.push(fields) });
  const note = createRecordConversation({
    conversations: {
      async record(known, how) {
        if (options.fails) throw new Error('away');
        noted.push([known, how]);
      },
      erase: async (id) => void erased.push(id),
      listIdsOfTeam: async (tenantId, teamId) =>
        tenantId === 'tenant' && teamId === '19:team' ? ['19:team@thread.tacv2', '19:other@thread.tacv2'] : [],
    },
    markRemoved: async (id) => void removed.push(id),
    onHeard: async (id) => {
      heard.push(id);
      if (options.fails) throw new Error('away');
    },
    ...{ background, now: () => 7, log: { warn: (fields) => void logged.push(fields) } },
  });
  return { note, noted, erased, removed, heard, logged, background };
}

suite('where an activity came from', () => {
  test('is noted without the thread, and whoever waits for that conversation is told', async () => {
    const { note, noted, heard } = createBed();
    await note(message);
    const reference = {
      ...{ serviceUrl: 'https://smba.trafficmanager.net/emea/', id: '19:team@thread.tacv2', kind: 'channel' },
      ...{ tenantId: 'tenant', bot: { id: '28:bot', name: 'VPP Sync' } },
    };
    assert.deepEqual(noted, [[{ reference, seenAt: 7 }, { afresh: false }]]);
    assert.deepEqual(heard, ['19:team@thread.tacv2']);
  });

  test('is noted with the person in their own chat, and with nobody elsewhere', async () => {
    const { note, noted } = createBed();
    await note(inPersonal);
    await note({ ...inPersonal, from: { id: '29:ada' } });
    assert.deepEqual(
      noted.map(([{ personId }]) => personId),
      ['ada', undefined],
    );
  });

  test('is noted afresh when the bot came there, and erased when it left', async () => {
    const { note, noted, erased, removed, heard } = createBed();
    await note({ ...message, type: 'installationUpdate', action: 'add' });
    assert.deepEqual(noted[0]?.[1], { afresh: true });
    await note({ ...message, type: 'installationUpdate', action: 'remove' });
    assert.deepEqual([erased, noted.length, heard.length], [['19:team@thread.tacv2'], 1, 1]);
    assert.deepEqual(removed, erased, 'nothing more is told there');
    await note({ ...message, type: 'conversationUpdate', membersRemoved: [{ id: '28:bot' }] });
    assert.equal(removed.length, 2, 'a member list that loses the bot says the same');
  });

  test('is noted with its team, which the bot leaves with all its channels, whichever Teams names', async () => {
    const { note, noted, erased, removed } = createBed();
    const inTeam = { ...message, channelData: { team: { id: '19:team' } } };
    await note(inTeam);
    assert.equal(noted[0]?.[0].teamId, '19:team');
    await note({ ...inTeam, type: 'installationUpdate', action: 'remove' });
    assert.deepEqual(erased, ['19:team@thread.tacv2', '19:other@thread.tacv2']);
    assert.deepEqual(removed, erased);
  });

  test('is nothing when the activity does not say it', async () => {
    const { note, noted, erased, logged } = createBed();
    await note({ type: 'message' });
    assert.deepEqual([noted, erased, logged], [[], [], []]);
  });

  test('that cannot be noted is logged, and no more', async () => {
    const { note, logged, background } = createBed({ fails: true });
    await note(message);
    await background.drain();
    assert.equal(logged.length, 1);
  });
});

test('the bot comes and goes by either of Teams’ two activities; members and versions are others', () => {
  const bot = [{ id: '28:bot' }];
  const moves: readonly (readonly [Partial<InboundActivity>, string | undefined])[] = [
    [{ type: 'installationUpdate', action: 'add' }, 'came'],
    [{ type: 'installationUpdate', action: 'remove' }, 'left'],
    [{ type: 'installationUpdate', action: 'add-upgrade' }, undefined],
    [{ type: 'installationUpdate', action: 'remove-upgrade' }, undefined],
    [{ type: 'conversationUpdate', membersAdded: bot }, 'came'],
    [{ type: 'conversationUpdate', membersRemoved: bot }, 'left'],
    [{ type: 'conversationUpdate', membersAdded: [{ id: '29:ada' }, null, {}] }, undefined],
    [{ type: 'message', action: 'remove', membersRemoved: bot }, undefined],
  ];
  for (const [changes, move] of moves)
    assert.equal(botMoveOf({ ...message, ...changes }), move, JSON.stringify(changes));
});

test('a conversation whose kind is not said is known by its id', () => {
  const kindOf = (id: string) => findConversation({ ...message, conversation: { id, tenantId: 'tenant' } })?.kind;
  assert.equal(kindOf('19:team@thread.tacv2;messageid=5'), 'channel');
  assert.equal(kindOf('19:team@thread.skype'), 'channel');
  assert.equal(kindOf('19:chat@thread.v2'), 'groupChat');
  assert.equal(kindOf('a:1'), 'personal');
});
