import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Stopped } from '../../src/cards/progress-card.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createBatchBoard, type TokenBatch } from '../../src/sync/batch-board.ts';
import type { CardReply } from '../../src/turn.ts';
import { conversationOf, createLines, openStore, personOf, tenantId, tokenOf } from '../dialogs/turns.ts';
import { createClock, settle } from './clock.ts';
import { runOf } from './runs.ts';

const item = (tokenId: string) => ({ tokenId, name: `Token ${tokenId}`, joined: false });
const batchOf = (...ids: readonly string[]): TokenBatch => ({
  ...{ id: 'batch', tenantId, requester: personOf('ada'), conversation: conversationOf('groupChat'), locale: 'en' },
  ...{ messageId: 'message-1', correlationId: 'ref0000001', startedAt: 0, items: ids.map(item) },
});
const endedRun = (tokenId: string, outcome: 'completed' | 'failed' = 'completed') => {
  const after = tokenOf(tokenId, outcome === 'failed' ? { state: 'expired' } : {});
  return { ...runOf({ tokenId, batchId: 'batch', phase: 'ended' }), outcome, endedAt: 1, after };
};

/** A board over the real store, whose wall keeps what is written on it. */
async function createRig(t: TestContext, { sent = true } = {}) {
  const clock = createClock();
  const batches = createSyncBatches<Stopped>(await openStore(t));
  const written: { at: number; cardId: string | undefined; summary: string; card: string }[] = [];
  const mentions: string[] = [];
  const counted: string[] = [];
  const { lines, log } = createLines();
  const firstCard = Promise.withResolvers<void>();
  const wall = {
    refuse: undefined as Error | undefined,
    async write(_: unknown, cardId: string | undefined, { summary, card }: CardReply) {
      written.push({ at: clock.at, cardId, summary, card: JSON.stringify(card) });
      if (wall.refuse) throw wall.refuse;
      return cardId ?? 'new card';
    },
    async mention(_: unknown, { name }: { name: string }, text: string, replyToId?: string) {
      mentions.push(`${name} ${text} (${replyToId})`);
    },
  };
  if (sent) firstCard.resolve();
  const board = createBatchBoard({
    ...{ batches, wall, log, now: clock.now, wait: clock.wait, editEveryMs: 3_000 },
    cardSent: () => firstCard.promise,
    onEnd: (outcome) => counted.push(outcome),
  });
  t.after(() => board.stop());
  const open = async (batch: TokenBatch) => {
    await batches.add(batch);
    const reply = board.open(batch, batch.items);
    if (sent) await board.setCard(batch.id, 'card-1');
    await settle();
    return reply;
  };
  return { clock, batches, written, mentions, counted, lines, wall, board, open, firstCard };
}

test('the card is edited at most once every 3 s while something changes, and at once at the end', async (t) => {
  const rig = await createRig(t);
  const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
  await rig.open(batchOf(...ids));
  for (const id of ids) await rig.board.put('batch', { ...item(id), running: true });
  await rig.board.close('batch');
  for (const id of ids) {
    await rig.clock.advance(250);
    await rig.board.showEnd(endedRun(id));
  }
  await settle();
  assert.deepEqual(
    rig.written.map(({ at }) => at),
    [3000, 6000, 9000, 10_000],
  );
  assert.match(rig.written[0]?.summary ?? '', /Syncing 40 tokens: 1\d done/);
  assert.match(rig.written.at(-1)?.summary ?? '', /All 40 tokens synced in 10 seconds/);
  assert.ok(rig.written.every(({ cardId }) => cardId === 'card-1'));
  assert.deepEqual(await rig.batches.listUnfinished(), []);
  assert.deepEqual(rig.counted, Array(40).fill('completed'));
});

test('nothing is written while nothing changes', async (t) => {
  const rig = await createRig(t);
  await rig.open(batchOf('a', 'b'));
  await rig.board.put('batch', { ...item('a'), running: true });
  await rig.clock.advance(600_000);
  assert.equal(rig.written.length, 1);
});

test('nothing is written before the first card was sent; then on that very card', async (t) => {
  const rig = await createRig(t, { sent: false });
  await rig.open(batchOf('a'));
  await rig.board.put('batch', { ...item('a'), running: true });
  await rig.board.close('batch');
  await rig.board.showEnd(endedRun('a'));
  await rig.clock.advance(10_000);
  assert.equal(rig.written.length, 0);
  await rig.board.setCard('batch', 'card-7');
  rig.firstCard.resolve();
  await settle();
  assert.deepEqual(
    rig.written.map(({ cardId }) => cardId),
    ['card-7'],
  );
});

test('a first card that never left is sent anew', async (t) => {
  const rig = await createRig(t, { sent: false });
  await rig.open(batchOf('a', 'b'));
  rig.firstCard.resolve();
  await rig.board.put('batch', { ...item('a'), running: true });
  await rig.clock.advance(3_000);
  await rig.board.put('batch', { ...item('b'), running: true });
  await rig.clock.advance(3_000);
  assert.deepEqual(
    rig.written.map(({ cardId }) => cardId),
    [undefined, 'new card'],
  );
});

test('who asked is called back after more than 30 s, once, in answer to what they said', async (t) => {
  for (const [ms, calls] of [
    [30_000, 0],
    [30_001, 1],
  ] as const) {
    const rig = await createRig(t);
    await rig.open(batchOf('a'));
    await rig.board.put('batch', { ...item('a'), running: true });
    await rig.board.close('batch');
    await rig.clock.advance(ms);
    await rig.board.showEnd(endedRun('a', 'failed'));
    await settle();
    assert.equal(rig.mentions.length, calls);
    if (calls) assert.match(rig.mentions[0] ?? '', /^Ada Lindqvist 0 of 1 token synced in 30 seconds \(message-1\)$/);
  }
});

test('the end is a receipt: how many, each that did not complete with its reason, the largest trouble first', async (t) => {
  const rig = await createRig(t);
  await rig.open(batchOf('a', 'b', 'c', 'd'));
  await rig.board.put('batch', { ...item('a'), running: true, joined: true });
  await rig.board.put('batch', { ...item('b'), running: true });
  await rig.board.put('batch', { ...item('c'), outcome: 'forbidden' });
  await rig.board.showEnd({ ...endedRun('a'), joined: true });
  await rig.board.showEnd(endedRun('b', 'failed'));
  await rig.board.close('batch', { reason: 'missingScope', scopes: ['Some.Scope'] });
  await settle();
  const { card, summary } = rig.written.at(-1) ?? assert.fail();
  assert.match(summary, /1 of 4 tokens synced/);
  for (const words of ['Completed: 1', 'Failed: 2', 'Not started: 1', 'begun: 1', 'Some.Scope', 'ref0000001'])
    assert.ok(card.includes(words), words);
  assert.match(card, /Token b.*state: Expired.*Token c.*refused to you.*Token d.*not started/s);
  assert.deepEqual(rig.lines, []);
});

test('what becomes of each token is stored before it is shown', async (t) => {
  const rig = await createRig(t);
  await rig.open(batchOf('a', 'b'));
  await rig.board.put('batch', { ...item('a'), running: true });
  await rig.board.showEnd(endedRun('a', 'failed'));
  const [stored] = await rig.batches.listUnfinished();
  assert.deepEqual(stored?.items, [{ ...item('a'), outcome: 'failed', detail: 'expired' }, item('b')]);
});

test('a wall that refuses is logged; the batch goes on and ends', async (t) => {
  const rig = await createRig(t);
  rig.wall.refuse = new Error('Teams says no');
  await rig.open(batchOf('a'));
  await rig.board.put('batch', { ...item('a'), running: true });
  await rig.clock.advance(3_000);
  await rig.board.close('batch');
  await rig.board.showEnd(endedRun('a'));
  await settle();
  assert.equal(rig.lines.length, 2);
  assert.deepEqual(await rig.batches.listUnfinished(), []);
});

test('stopping ends at once, writes nothing more, and leaves the batch stored', async (t) => {
  const rig = await createRig(t);
  await rig.open(batchOf('a'));
  await rig.board.put('batch', { ...item('a'), running: true });
  await rig.board.close('batch');
  await rig.board.stop();
  await rig.board.showEnd(endedRun('a'));
  await rig.clock.advance(60_000);
  assert.equal(rig.written.length, 0);
  const [stored] = await rig.batches.listUnfinished();
  assert.equal(stored?.items[0]?.outcome, 'completed');
});

test('the end of a run whose batch nobody shows any more is only counted', async (t) => {
  const rig = await createRig(t);
  await rig.board.showEnd(endedRun('a'));
  assert.deepEqual([rig.counted, rig.written, rig.lines], [['completed'], [], []]);
});
