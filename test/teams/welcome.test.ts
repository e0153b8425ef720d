import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createFindFormer } from '../../src/commands/print-alerts-on.ts';
import type { Conversations, KnownConversation } from '../../src/domain/alert-repositories.ts';
import { createBackground } from '../../src/lib/worker.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createInstallations } from '../../src/store/conversations.ts';
import { createTokenSnapshots } from '../../src/store/token-snapshots.ts';
import type { Connector, OutboundActivity } from '../../src/teams/connector.ts';
import { ConnectorError } from '../../src/teams/connector-error.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import type { Outbox } from '../../src/teams/outbox.ts';
import { createRecordConversation } from '../../src/teams/receive.ts';
import { createWelcome } from '../../src/teams/welcome.ts';
import { subscriptionOf } from '../support/contoso-berlin.ts';
import { partOf } from '../support/part-of.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { openStore } from '../support/turns.ts';
import { readInbound } from './read-inbound.ts';

suite('note conversation', () => {
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
    const { lines, log } = createLines();
    const background = createBackground(log);
    const record = createRecordConversation({
      conversations: partOf<Conversations>({
        async record(known, how) {
          if (options.fails) throw new Error('away');
          noted.push([known, how]);
        },
        erase: async (id) => void erased.push(id),
        listIdsOfTeam: async (tenantId, teamId) =>
          tenantId === 'tenant' && teamId === '19:team' ? ['19:team@thread.tacv2', '19:other@thread.tacv2'] : [],
      }),
      markRemoved: async (id) => void removed.push(id),
      onHeard: async (id) => {
        heard.push(id);
        if (options.fails) throw new Error('away');
      },
      background,
      runtime: createRuntime({ now: () => 7, log }),
    });
    const note = (activity: InboundActivity) => record(readInbound(activity));
    return { note, noted, erased, removed, heard, lines, background };
  }

  suite('where an activity came from', () => {
    test('is recorded without the thread, and whoever waits for that conversation learns it', async () => {
      const { note, noted, heard } = createBed();
      await note(message);
      const reference = {
        serviceUrl: 'https://smba.trafficmanager.net/emea/',
        id: '19:team@thread.tacv2',
        kind: 'channel',
        tenantId: 'tenant',
        bot: { id: '28:bot', name: 'VPP Sync' },
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
      assert.deepEqual(removed, erased, 'nothing more is posted there');
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
      const { note, noted, erased, lines } = createBed();
      await note({ type: 'message' });
      assert.deepEqual([noted, erased, lines], [[], [], []]);
    });

    test('that cannot be noted is logged, and no more', async () => {
      const { note, lines, background } = createBed({ fails: true });
      await note(message);
      await background.drain();
      assert.equal(lines.length, 1);
    });
  });
});

suite('welcome', () => {
  const installed: InboundActivity = {
    type: 'installationUpdate',
    action: 'add',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:ada', name: 'Ada' },
    recipient: { id: '28:bot', name: 'VPP Sync' },
    conversation: { id: '19:group@thread.v2', conversationType: 'groupChat', tenantId: 'tenant-1' },
  };
  const added: InboundActivity = { ...installed, type: 'conversationUpdate', membersAdded: [{ id: '28:bot' }] };
  const notYetThere = new ConnectorError({ reason: 'refused', status: 403, code: 'BotNotInConversationRoster' });
  const noAnswer = new ConnectorError({ reason: 'unreachable' });

  /** The welcome over the real store, with a way out that fails as given before it works. */
  async function createBed(t: Parameters<typeof openStore>[0], failures: Error[]) {
    const db = await openStore(t);
    const subscriptions = createAlertSubscriptions(db);
    const lookUp = createFindFormer({ subscriptions, snapshots: createTokenSnapshots(db) });
    const broken = { lookUp: false };
    const sent: OutboundActivity[] = [];
    const waits: number[] = [];
    const welcome = createWelcome({
      installations: createInstallations(db),
      alerts: {
        findFormer: (...asked) => (broken.lookUp ? Promise.reject(new Error('away')) : lookUp(...asked)),
      },
      outbox: partOf<Outbox>({
        async post(_, activity) {
          const failure = failures.shift();
          if (failure) throw failure;
          sent.push(activity);
          return '1';
        },
      }),
      connector: partOf<Connector>({ findMemberName: async () => undefined }),
      runtime: createRuntime({ wait: async (ms) => void waits.push(ms) }),
    });
    const onInstallation = async (activity: InboundActivity) => {
      const inbound = readInbound(activity);
      if (inbound.kind === 'botAdded' || inbound.kind === 'botRemoved') await welcome(inbound);
    };
    return { onInstallation, sent, waits, subscriptions, broken };
  }

  test('a welcome that Teams does not take yet is sent once more a little later', async (t) => {
    const { onInstallation, sent, waits } = await createBed(t, [notYetThere]);
    await Promise.all([onInstallation(added), onInstallation(installed)]);
    assert.equal(sent.length, 1);
    assert.deepEqual(waits, [2000]);
  });

  test('a welcome that Teams refused twice may be given at the next activity', async (t) => {
    const { onInstallation, sent } = await createBed(t, [notYetThere, notYetThere]);
    await onInstallation(added);
    assert.equal(sent.length, 0);
    await onInstallation(installed);
    await onInstallation(installed);
    assert.equal(sent.length, 1);
  });

  test('a welcome that met no answer may have been taken, and is never given twice', async (t) => {
    const { onInstallation, sent, waits } = await createBed(t, [noAnswer]);
    await onInstallation(added);
    await onInstallation(installed);
    assert.deepEqual([sent.length, waits.length], [0, 0]);
  });

  test('an activity that does not say where it is from is left alone', async (t) => {
    const { onInstallation, sent } = await createBed(t, []);
    await onInstallation({ type: 'installationUpdate', action: 'add' });
    await onInstallation({ type: 'conversationUpdate', membersAdded: [{}, null] });
    assert.equal(sent.length, 0);
  });

  const removed: InboundActivity = { ...installed, action: 'remove' };
  const here = subscriptionOf({ conversationId: '19:group@thread.v2', events: ['expired'] });
  const textOf = (activity: OutboundActivity | undefined) => JSON.stringify(activity);

  test('where alerts were on before the bot was removed, the welcome offers the words that bring them back', async (t) => {
    const { onInstallation, sent, subscriptions } = await createBed(t, []);
    await onInstallation(installed);
    assert.doesNotMatch(textOf(sent[0]), /Alerts were on/);
    await subscriptions.put(here);
    await onInstallation(removed);
    await subscriptions.markRemoved(here.conversationId, 0);
    assert.equal((await subscriptions.listPage(here.tenantId, '', 9)).subscriptions.length, 0);
    await onInstallation(installed);
    assert.match(textOf(sent[1]), /Alerts were on here.*Ada Lindqvist set them up.*alerts on all expired/);
    assert.equal(
      (await subscriptions.listPage(here.tenantId, '', 9)).subscriptions.length,
      0,
      'nothing is on before somebody says so',
    );
  });

  test('a member list that loses the bot is a removal, too', async (t) => {
    const { onInstallation, sent } = await createBed(t, []);
    await onInstallation(installed);
    await onInstallation({ ...added, membersAdded: [], membersRemoved: [{ id: '28:bot' }] });
    await onInstallation(installed);
    assert.equal(sent.length, 2, 'it introduces itself anew');
  });

  test('a welcome comes, without that offer, when former alerts cannot be looked up', async (t) => {
    const { onInstallation, sent, subscriptions, broken } = await createBed(t, []);
    await subscriptions.put({ ...here, removedAt: 1 });
    broken.lookUp = true;
    await onInstallation(installed);
    assert.equal(sent.length, 1);
    assert.doesNotMatch(textOf(sent[0]), /Alerts were on/);
  });
});
