import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { newOpaqueId } from '../../src/lib/ids.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import { createLaterMoves, createNotifyStoreAway } from '../../src/teams/store-away.ts';
import { createClock, settle } from '../support/clock.ts';
import { createLines } from '../support/runtime.ts';
import { readInbound, readKind } from './read-inbound.ts';

suite('later moves', () => {
  const moveOf = (id: string) => readKind('botAdded', { type: 'installationUpdate', action: 'add', id });

  function createRig(t: TestContext) {
    const clock = createClock();
    const store = { isAway: true };
    const taken: string[] = [];
    const { lines, log } = createLines();
    const moves = createLaterMoves({
      async take({ activity: { id } }) {
        if (store.isAway) throw new Error('away');
        taken.push(id ?? '');
      },
      ...{ wait: clock.wait, log },
    });
    t.after(() => moves.stop());
    return { clock, store, taken, lines, moves };
  }

  test('moves wait until the store is back, and are taken in their order, once', async (t) => {
    const { clock, store, taken, moves } = createRig(t);
    for (const id of ['a', 'b']) moves.keep(moveOf(id));
    await clock.advance(60_000);
    assert.deepEqual(taken, []);
    store.isAway = false;
    await clock.advance(5_000);
    moves.keep(moveOf('c'));
    await clock.advance(5_000);
    await clock.advance(60_000);
    assert.deepEqual(taken, ['a', 'b', 'c']);
  });

  test('a thousand wait at most, and what does not fit is logged', async (t) => {
    const { clock, store, taken, lines, moves } = createRig(t);
    for (let n = 0; n < 1_001; n += 1) moves.keep(moveOf(`${n}`));
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['a move of the bot was not noted'],
    );
    store.isAway = false;
    await clock.advance(5_000);
    assert.equal(taken.length, 1_000);
  });

  test('stopping ends at once, and says how many are left', async (t) => {
    const { lines, moves, taken } = createRig(t);
    moves.keep(moveOf('a'));
    await settle();
    await moves.stop();
    assert.deepEqual([taken, lines.at(-1)?.message], [[], 'moves of the bot were not noted']);
  });
});

suite('tell store away', () => {
  const base = {
    id: 'activity-1',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:ada', aadObjectId: 'ada', name: 'Ada' },
    recipient: { id: '28:bot', name: 'VPP Sync' },
    conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant-1' },
  };
  const away = new Error('away');

  function createRig(send: () => Promise<string | undefined> = async () => 'sent') {
    const told: (string | undefined)[] = [];
    const kept: string[] = [];
    const { lines, log } = createLines();
    const tellStoreAway = createNotifyStoreAway({
      outbox: {
        send(_, __, ___, replyToId) {
          told.push(replyToId);
          return send();
        },
      },
      laterMoves: { keep: ({ activity }) => void kept.push(activity.type) },
      log,
    });
    return {
      ...{ told, kept, lines },
      answer: (activity: Partial<InboundActivity>) =>
        tellStoreAway(readInbound({ ...base, type: 'invoke', ...activity }), away),
    };
  }

  test('who said something is told in answer to it', async () => {
    const { answer, told } = createRig();
    assert.deepEqual([await answer({ type: 'message' }), told], [{ status: 200, body: {} }, ['activity-1']]);
  });

  test('a press is answered on the spot', async () => {
    const { answer, told } = createRig();
    const { status, body } = await answer({ name: 'adaptiveCard/action' });
    assert.deepEqual([status, told], [200, []]);
    assert.match(JSON.stringify(body), /"statusCode":200.*cannot reach its own records/);
  });

  test('who signs in is told in the chat, once for all devices that answer one request', async () => {
    const { answer, told } = createRig();
    const exchange = (id: unknown) => answer({ name: 'signin/tokenExchange', value: { id, connectionName: 'c' } });
    const [one, two] = [newOpaqueId(), newOpaqueId()];
    assert.deepEqual(await exchange(one), { status: 200, body: { id: one, connectionName: 'c' } });
    for (const id of [one, two, { toString: 1 }, 'none of ours']) await exchange(id);
    await answer({ name: 'signin/verifyState', value: null });
    assert.equal(told.length, 3);
  });

  test('a silent failure needs no word, another invoke does not exist, and nobody in particular is told nothing', async () => {
    const { answer, told, lines } = createRig();
    assert.deepEqual(await answer({ name: 'signin/failure' }), { status: 200, body: {} });
    assert.deepEqual(await answer({ name: 'constructor' }), { status: 501 });
    assert.deepEqual(await answer({ type: 'message', from: { id: '29:x' } }), { status: 200, body: {} });
    assert.deepEqual([told, lines.length], [[], 3]);
  });

  test('where the bot came or left is kept for later; other activities are not', async () => {
    const { answer, kept, told } = createRig();
    const moves = [
      { type: 'installationUpdate', action: 'add' },
      { type: 'conversationUpdate', membersRemoved: [{ id: '28:bot' }] },
    ];
    for (const move of [...moves, { type: 'conversationUpdate', membersAdded: [{ id: '29:x' }] }, { type: 'typing' }])
      assert.deepEqual(await answer(move), { status: 200, body: {} });
    assert.deepEqual([kept, told], [moves.map(({ type }) => type), []]);
  });

  test('with Teams away too it is answered all the same', async () => {
    const { answer, lines } = createRig(() => Promise.reject(new Error('Teams is away')));
    assert.deepEqual(await answer({ type: 'message' }), { status: 200, body: {} });
    assert.equal(lines.at(-1)?.message, 'that the store did not answer could not be told');
  });
});
