import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFindFormer } from '../../src/commands/alerts-asked.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createTokenSnapshots } from '../../src/store/alerts.ts';
import { createInstallations } from '../../src/store/conversations.ts';
import type { InboundActivity } from '../../src/teams/activity.ts';
import { ConnectorError, type OutboundActivity } from '../../src/teams/connector.ts';
import { createWelcome } from '../../src/teams/welcome.ts';
import { subscriptionOf } from '../cards/contoso-berlin.ts';
import { createLines, openStore } from '../dialogs/turns.ts';

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

/** The welcome over the real store, with a way out that fails as told before it works. */
async function createBed(t: Parameters<typeof openStore>[0], failures: Error[]) {
  const db = await openStore(t);
  const subscriptions = createAlertSubscriptions(db);
  const lookUp = createFindFormer({ subscriptions, snapshots: createTokenSnapshots(db) });
  const broken = { lookUp: false };
  const sent: OutboundActivity[] = [];
  const waits: number[] = [];
  const { log } = createLines();
  const welcome = createWelcome({
    installations: createInstallations(db),
    alerts: {
      findFormer: (...asked) => (broken.lookUp ? Promise.reject(new Error('away')) : lookUp(...asked)),
    },
    outbox: {
      async post(_, activity) {
        const failure = failures.shift();
        if (failure) throw failure;
        sent.push(activity);
        return '1';
      },
    },
    roster: { findMemberName: async () => undefined },
    now: () => 0,
    wait: async (ms) => void waits.push(ms),
    log,
  });
  return { welcome, sent, waits, subscriptions, broken };
}

test('a welcome that Teams does not take yet is sent once more a little later', async (t) => {
  const { welcome, sent, waits } = await createBed(t, [notYetThere]);
  await Promise.all([welcome.onMove(added), welcome.onMove(installed)]);
  assert.equal(sent.length, 1);
  assert.deepEqual(waits, [2000]);
});

test('a welcome that Teams refused twice may be given by what Teams tells next', async (t) => {
  const { welcome, sent } = await createBed(t, [notYetThere, notYetThere]);
  await welcome.onMove(added);
  assert.equal(sent.length, 0);
  await welcome.onMove(installed);
  await welcome.onMove(installed);
  assert.equal(sent.length, 1);
});

test('a welcome that met no answer may have been taken, and is never given twice', async (t) => {
  const { welcome, sent, waits } = await createBed(t, [noAnswer]);
  await welcome.onMove(added);
  await welcome.onMove(installed);
  assert.deepEqual([sent.length, waits.length], [0, 0]);
});

test('an activity that does not say where it is from is left alone', async (t) => {
  const { welcome, sent } = await createBed(t, []);
  await welcome.onMove({ type: 'installationUpdate', action: 'add' });
  await welcome.onMove({ type: 'conversationUpdate', membersAdded: [{}, null] });
  assert.equal(sent.length, 0);
});

const removed: InboundActivity = { ...installed, action: 'remove' };
const here = subscriptionOf({ conversationId: '19:group@thread.v2', events: ['expired'] });
const textOf = (activity: OutboundActivity | undefined) => JSON.stringify(activity);

test('where alerts were on before the bot was removed, the welcome offers the words that bring them back', async (t) => {
  const { welcome, sent, subscriptions } = await createBed(t, []);
  await welcome.onMove(installed);
  assert.doesNotMatch(textOf(sent[0]), /Alerts were on/);
  await subscriptions.put(here);
  await welcome.onMove(removed);
  await subscriptions.markRemoved(here.conversationId, 0);
  assert.equal((await subscriptions.listOfTenant(here.tenantId)).length, 0);
  await welcome.onMove(installed);
  assert.match(textOf(sent[1]), /Alerts were on here.*Ada Lindqvist had set them up.*alerts on all expired/);
  assert.equal((await subscriptions.listOfTenant(here.tenantId)).length, 0, 'nothing is on before somebody says so');
});

test('a member list that loses the bot is a removal, too', async (t) => {
  const { welcome, sent } = await createBed(t, []);
  await welcome.onMove(installed);
  await welcome.onMove({ ...added, membersAdded: [], membersRemoved: [{ id: '28:bot' }] });
  await welcome.onMove(installed);
  assert.equal(sent.length, 2, 'it introduces itself anew');
});

test('a welcome comes, without that offer, when former alerts cannot be looked up', async (t) => {
  const { welcome, sent, subscriptions, broken } = await createBed(t, []);
  await subscriptions.put({ ...here, removedAt: 1 });
  broken.lookUp = true;
  await welcome.onMove(installed);
  assert.equal(sent.length, 1);
  assert.doesNotMatch(textOf(sent[0]), /Alerts were on/);
});
