import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { BusyError } from '../../src/domain/turn.ts';
import { createBackground } from '../../src/lib/worker.ts';
import type { TurnClaim } from '../../src/store/turns.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import type { OpenTurns } from '../../src/teams/open-turns.ts';
import type { Outbox } from '../../src/teams/outbox.ts';
import { createReceive } from '../../src/teams/receive.ts';
import { partOf } from '../support/part-of.ts';
import { createLines } from '../support/runtime.ts';
import { readInbound } from './read-inbound.ts';

const base = {
  id: 'activity-1',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:ada', aadObjectId: 'ada', name: 'Ada' },
  recipient: { id: '28:bot', name: 'VPP Sync' },
  conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant-1' },
};
const empty = { status: 200, body: {} };
const away = () => Promise.reject(new Error('the store is away'));

function createRig(claim: () => Promise<TurnClaim>, send: () => Promise<string | undefined> = async () => 'sent') {
  const done: string[] = [];
  const { lines, log } = createLines();
  const background = createBackground(log);
  const receive = createReceive({
    turns: partOf<OpenTurns>({
      claim,
      answered: async () => void done.push('answered'),
    }),
    recordConversation: async () => void done.push('record'),
    async host({ kind }) {
      done.push(`handle ${kind}`);
      return { status: 200 };
    },
    outbox: partOf<Outbox>({
      send(_, __, reply, replyToId) {
        done.push(`send ${reply.kind} to ${replyToId}`);
        return send();
      },
      async sendIfRoom(_, text, replyToId) {
        done.push(`line to ${replyToId}: ${text}`);
        await send();
      },
    }),
    background,
    startTurn: () => ({ run: (work) => work(), end: () => void done.push('turn ended') }),
    log,
  });
  return {
    done,
    lines,
    async receive(activity: Partial<InboundActivity>) {
      const answer = await receive(readInbound({ ...base, type: 'invoke', ...activity }));
      await background.drain();
      return answer;
    },
  };
}

for (const claim of ['new', 'abandoned'] as const) {
  test(`an activity that is ${claim} is recorded, handled, and its turn answered`, async () => {
    const { done, receive } = createRig(async () => claim);
    assert.deepEqual(await receive({ type: 'message' }), { status: 200 });
    assert.deepEqual(done, ['record', 'handle message', 'answered', 'turn ended']);
  });
}

test('a repeated activity has no effect; a repeated press is answered in words', async () => {
  const { done, receive } = createRig(async () => 'repeat');
  assert.deepEqual(await receive({ type: 'message' }), empty);
  assert.match(JSON.stringify(await receive({ name: 'adaptiveCard/action' })), /activity\.message/);
  assert.deepEqual(done, []);
});

suite('while the store is busy nothing is done, and', () => {
  const busy = () => Promise.reject(new BusyError('all connections are in use'));

  test('a message is 429 with one busy line, in its sender’s language, for which somebody else need not wait', async () => {
    const { done, lines, receive } = createRig(busy);
    assert.deepEqual(await receive({ type: 'message' }), { status: 429 });
    assert.deepEqual(await receive({ type: 'message', locale: 'zh-CN' }), { status: 429 });
    assert.match(done[0] ?? '', /^line to activity-1: The bot is busy\. Try again in a moment\. Reference/);
    assert.match(done[1] ?? '', /机器人正忙。 请稍后重试。/);
    assert.equal(lines[0]?.message, 'nothing was done: the store is busy');
  });

  test('a press reads so; a silent sign-in is 412, so that its button remains; all else is 429', async () => {
    const { done, receive } = createRig(busy);
    assert.match(JSON.stringify(await receive({ name: 'adaptiveCard/action' })), /The bot is busy\. Try again/);
    const { status } = await receive({ name: 'signin/tokenExchange', value: { id: 'r', connectionName: 'c' } });
    assert.equal(status, 412);
    assert.deepEqual(await receive({ name: 'signin/verifyState', value: { state: '1' } }), { status: 429 });
    assert.deepEqual(await receive({ type: 'installationUpdate', action: 'add' }), { status: 429 });
    assert.deepEqual(done, []);
  });
});

suite('while the store is away nothing is done, and', () => {
  test('the sender of a message is notified in answer to it', async () => {
    const { done, receive } = createRig(away);
    assert.deepEqual(await receive({ type: 'message' }), empty);
    assert.deepEqual(done, ['send refusal to activity-1']);
  });

  test('a press is answered on the spot', async () => {
    const { done, receive } = createRig(away);
    const answer = await receive({ name: 'adaptiveCard/action' });
    assert.match(JSON.stringify(answer), /"statusCode":200.*can’t reach its database/);
    assert.deepEqual([answer.status, done], [200, []]);
  });

  test('a silent sign-in is answered 412, so that each client shows the sign-in button', async () => {
    const { done, receive } = createRig(away);
    const { status, body } = await receive({ name: 'signin/tokenExchange', value: { id: 'r', connectionName: 'c' } });
    assert.equal(status, 412);
    assert.match(JSON.stringify(body), /^\{"id":"r","connectionName":"c","failureDetail":".*its database/);
    assert.deepEqual(done, []);
  });

  test('whoever comes back from the sign-in window is notified in the chat', async () => {
    const { done, receive } = createRig(away);
    assert.deepEqual(await receive({ name: 'signin/verifyState', value: null }), empty);
    assert.deepEqual(done, ['send refusal to undefined']);
  });

  test('what asks for nothing is answered 200, an unknown invoke 501', async () => {
    const { done, lines, receive } = createRig(away);
    assert.deepEqual(await receive({ name: 'signin/failure' }), empty);
    assert.deepEqual(await receive({ name: 'constructor' }), { status: 501 });
    for (const activity of [
      { type: 'message', from: { id: '29:x' } },
      { type: 'installationUpdate', action: 'add' },
      { type: 'conversationUpdate', membersRemoved: [{ id: '28:bot' }] },
      { type: 'typing' },
    ]) {
      assert.deepEqual(await receive(activity), empty);
    }
    assert.deepEqual([done, lines.length], [[], 6]);
  });

  test('with Teams away too a message’s HTTP request is answered', async () => {
    const { lines, receive } = createRig(away, () => Promise.reject(new Error('Teams is away')));
    assert.deepEqual(await receive({ type: 'message' }), empty);
    assert.equal(lines.at(-1)?.message, 'nobody could be notified of it');
  });
});
