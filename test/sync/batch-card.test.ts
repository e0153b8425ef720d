import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import type { BatchReceipt } from '../../src/cards/progress-card.ts';
import type { SyncBatch } from '../../src/domain/sync-batch.ts';
import { type CardReply, SendingError, type SendingFault } from '../../src/domain/turn.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createBatchCard } from '../../src/sync/batch-card.ts';

import { tallyOf } from '../../src/sync/batch-item.ts';
import { createClock, settle } from '../support/clock.ts';
import { runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { conversationOf, openStore, personOf, tenantId, tokenOf } from '../support/turns.ts';
import { listWorkLeft } from '../support/work-left.ts';

suite('batch card', () => {
  const item = (tokenId: string) => ({ tokenId, name: `Token ${tokenId}`, joined: false });
  const batchOf = (...ids: readonly string[]): SyncBatch => ({
    id: 'batch',
    tenantId,
    requester: personOf('ada'),
    conversation: conversationOf('groupChat'),
    locale: 'en',
    messageId: 'message-1',
    correlationId: 'ref0000001',
    startedAt: 0,
    items: ids.map(item),
  });
  const endedRun = (tokenId: string, outcome: 'completed' | 'failed' = 'completed') => {
    const after = tokenOf(tokenId, outcome === 'failed' ? { state: 'expired' } : {});
    return { ...runOf({ tokenId, batchId: 'batch', phase: 'ended' }), outcome, endedAt: 1, after };
  };

  /** A batch's card over the real store, and a Teams that keeps what is written on it. */
  async function createRig(t: TestContext, { sent = true, compared = true } = {}) {
    const clock = createClock();
    const db = await openStore(t);
    const batches = createSyncBatches(db);
    const written: { at: number; cardId: string | undefined; summary: string; card: string }[] = [];
    const mentions: string[] = [];
    const { lines, log } = createLines();
    const firstCard = Promise.withResolvers<string | undefined>();
    const receipt = Promise.withResolvers<BatchReceipt>();
    if (compared) receipt.resolve({ changes: [], licenses: { compared: 1, notCompared: 0, approximate: false } });
    const teams = {
      refuse: undefined as Error | undefined,
      async write(_: unknown, cardId: string | undefined, { summary, card: content }: CardReply) {
        written.push({ at: clock.at, cardId, summary, card: JSON.stringify(content) });
        if (teams.refuse) throw teams.refuse;
        return cardId ?? 'new card';
      },
      tryWriting: () => assert.fail('a batch’s card has its own pace'),
      async mention(_: unknown, { name }: { name: string }, text: string, replyToId?: string) {
        mentions.push(`${name} ${text} (${replyToId})`);
      },
    };
    if (sent) firstCard.resolve(undefined);
    const card = createBatchCard({
      runtime: createRuntime({ ...clock, log }),
      batches,
      records: createCardRecords(db),
      messenger: teams,
      findReceipt: () => receipt.promise,
      cardSent: { record() {}, waitFor: () => firstCard.promise, forget() {} },
    });
    t.after(() => card.stop());
    const open = async (batch: SyncBatch) => {
      await batches.add(batch);
      const reply = card.open(batch, batch.items);
      if (sent) await card.setCard(batch.id, 'card-1');
      await settle();
      return reply;
    };
    const listUnreported = async () => (await listWorkLeft(db)).batches;
    return { clock, batches, listUnreported, written, mentions, lines, teams, card, open, firstCard, receipt };
  }

  test('the card is edited at most once every 3 s while something changes, and at once at the end', async (t) => {
    const rig = await createRig(t);
    const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
    await rig.open(batchOf(...ids));
    for (const id of ids) await rig.card.put('batch', { ...item(id), running: true });
    await rig.card.close('batch');
    for (const id of ids) {
      await rig.clock.advance(250);
      await rig.card.showEnd(endedRun(id));
    }
    await settle();
    assert.deepEqual(
      rig.written.map(({ at }) => at),
      [3000, 6000, 9000, 10_000],
    );
    assert.match(rig.written[0]?.summary ?? '', /Syncing 40 tokens: 1\d done/);
    assert.match(rig.written.at(-1)?.summary ?? '', /All 40 tokens synced in 10 seconds/);
    assert.ok(rig.written.every(({ cardId }) => cardId === 'card-1'));
    assert.deepEqual(await rig.listUnreported(), []);
  });

  test('nothing is written while nothing changes', async (t) => {
    const rig = await createRig(t);
    await rig.open(batchOf('a', 'b'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.clock.advance(600_000);
    assert.equal(rig.written.length, 1);
  });

  test('nothing is written before the first card was sent; then on that very card', async (t) => {
    const rig = await createRig(t, { sent: false });
    await rig.open(batchOf('a'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.card.close('batch');
    await rig.card.showEnd(endedRun('a'));
    await rig.clock.advance(10_000);
    assert.equal(rig.written.length, 0);
    await rig.card.setCard('batch', 'card-7');
    rig.firstCard.resolve(undefined);
    await settle();
    assert.deepEqual(
      rig.written.map(({ cardId }) => cardId),
      ['card-7'],
    );
  });

  test('a first card that never left is sent anew', async (t) => {
    const rig = await createRig(t, { sent: false });
    await rig.open(batchOf('a', 'b'));
    rig.firstCard.resolve(undefined);
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.clock.advance(3_000);
    await rig.card.put('batch', { ...item('b'), running: true });
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
      await rig.card.put('batch', { ...item('a'), running: true });
      await rig.card.close('batch');
      await rig.clock.advance(ms);
      await rig.card.showEnd(endedRun('a', 'failed'));
      await settle();
      assert.equal(rig.mentions.length, calls);
      if (calls) assert.match(rig.mentions[0] ?? '', /^Ada Lindqvist 0 of 1 token synced in 30 seconds \(message-1\)$/);
    }
  });

  test('the end is a receipt: how many, each that did not complete with its reason, the largest trouble first', async (t) => {
    const rig = await createRig(t);
    await rig.open(batchOf('a', 'b', 'c', 'd'));
    await rig.card.put('batch', { ...item('a'), running: true, joined: true });
    await rig.card.put('batch', { ...item('b'), running: true });
    await rig.card.put('batch', { ...item('c'), outcome: 'forbidden' });
    await rig.card.showEnd({ ...endedRun('a'), joined: true });
    await rig.card.showEnd(endedRun('b', 'failed'));
    await rig.card.close('batch', { reason: 'missingScope', scopes: ['Some.Scope'] });
    await settle();
    const { card, summary } = rig.written.at(-1) ?? assert.fail();
    assert.match(summary, /1 of 4 tokens synced/);
    for (const words of [
      'Completed: 1',
      'Failed: 2',
      'Not started: 1',
      'already running: 1',
      'Some.Scope',
      'ref0000001',
    ])
      assert.ok(card.includes(words), words);
    assert.match(card, /Token b.*state: Expired.*Token c.*Intune denied access.*Token d.*not started/s);
    assert.deepEqual(rig.lines, []);
  });

  test('what becomes of each token is stored before it is shown', async (t) => {
    const rig = await createRig(t);
    await rig.open(batchOf('a', 'b'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.card.showEnd(endedRun('a', 'failed'));
    const [stored] = await rig.listUnreported();
    assert.deepEqual(stored?.items, [{ ...item('a'), outcome: 'failed', detail: 'expired' }, item('b')]);
  });

  /** A batch of one token that takes 40 s, whose teams refuses all that is written from its end on. */
  async function endUnreported(t: TestContext, fault: SendingFault) {
    const rig = await createRig(t);
    await rig.open(batchOf('a'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.card.close('batch');
    await rig.clock.advance(40_000);
    rig.teams.refuse = new SendingError(fault, '500');
    await rig.card.showEnd(endedRun('a'));
    await settle();
    return rig;
  }

  test('a last card that Teams does not take now is written once it does, as it was at the end, and then calls back', async (t) => {
    const rig = await endUnreported(t, 'passing');
    await rig.clock.advance(4 * 3_600_000);
    assert.deepEqual([(await rig.listUnreported())[0]?.endedAt, rig.mentions], [40_000, []]);
    assert.ok(rig.lines.every(({ level }) => level === 'warn'));
    rig.teams.refuse = undefined;
    await rig.clock.advance(900_000);
    assert.match(rig.written.at(-1)?.summary ?? '', /All 1 token synced in 40 seconds/);
    assert.equal(rig.mentions.length, 1);
    assert.deepEqual(await rig.listUnreported(), []);
  });

  test('a last card that Teams refuses for good is given up and logged', async (t) => {
    const rig = await endUnreported(t, 'refused');
    assert.deepEqual([rig.written.length, rig.lines.at(-1)?.level, rig.mentions], [2, 'error', []]);
    assert.deepEqual(await rig.listUnreported(), []);
  });

  test('progress that cannot be shown is logged, and shown with the next change', async (t) => {
    const rig = await createRig(t);
    rig.teams.refuse = new Error('Teams says no');
    await rig.open(batchOf('a', 'b'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.clock.advance(3_000);
    rig.teams.refuse = undefined;
    await rig.card.put('batch', { ...item('b'), running: true });
    await rig.clock.advance(3_000);
    assert.deepEqual([rig.lines.length, rig.written.length], [1, 2]);
  });

  test('the last card waits a moment for what changed, then says that it is being compared, and is completed later', async (t) => {
    const rig = await createRig(t, { compared: false });
    await rig.open(batchOf('a'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.card.close('batch');
    await rig.clock.advance(40_000);
    await rig.card.showEnd(endedRun('a'));
    await settle();
    const before = rig.written.length;
    await rig.clock.advance(750);
    assert.match(rig.written[before]?.card ?? '', /Comparing apps/);
    assert.equal((await rig.listUnreported()).length, 1, 'a process that dies now leaves it to the next');
    const app = { what: 'app', id: 'n', name: 'Notes', after: { used: 0, total: 50 } } as const;
    const licenses = { compared: 1, notCompared: 0, approximate: false };
    rig.receipt.resolve({ changes: [{ name: 'Token a', change: app }], licenses });
    await rig.clock.advance(3_000);
    const [first, last] = rig.written.slice(before);
    assert.equal((last?.at ?? 0) - (first?.at ?? 0), 3_000);
    assert.match(last?.card ?? '', /Token a: .*App added · Notes · 0 of 50 used/);
    assert.deepEqual([rig.written.length - before, rig.mentions.length], [2, 1]);
    assert.deepEqual(await rig.listUnreported(), []);
  });

  test('a batch that an earlier process left at its end is reported as it was then, and once more against a late edit', async (t) => {
    const rig = await createRig(t);
    rig.clock.at = 9_000_000;
    const batch = { ...batchOf('a'), activityId: 'card-1' };
    await rig.batches.add(batch);
    rig.card.open(batch, [{ ...item('a'), outcome: 'completed' }], { endedAt: 12_000 });
    await rig.card.close('batch');
    await settle();
    assert.match(rig.written[0]?.summary ?? '', /All 1 token synced in 12 seconds/);
    assert.deepEqual([rig.written.length, await rig.listUnreported(), rig.mentions], [1, [], []]);
    await rig.clock.advance(10_000);
    assert.equal(rig.written.length, 2);
  });

  test('stopping ends at once, writes nothing more, and leaves the batch stored', async (t) => {
    const rig = await createRig(t);
    await rig.open(batchOf('a'));
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.card.close('batch');
    await rig.card.stop();
    await rig.card.showEnd(endedRun('a'));
    await rig.clock.advance(60_000);
    assert.equal(rig.written.length, 0);
    const [stored] = await rig.listUnreported();
    assert.equal(stored?.items[0]?.outcome, 'completed');
  });

  test('the end of a run whose batch nobody shows any more changes nothing', async (t) => {
    const rig = await createRig(t);
    await rig.card.showEnd(endedRun('a'));
    assert.deepEqual([rig.written, rig.lines], [[], []]);
  });

  test('a batch comes to its end although the end of a run was stored before', async (t) => {
    const rig = await createRig(t);
    await rig.open(batchOf('a', 'b'));
    for (const id of ['a', 'b']) await rig.card.put('batch', { ...item(id), running: true });
    await rig.card.close('batch');
    await rig.card.showEnd(endedRun('a'));
    await rig.card.showStoredEnd(endedRun('b'));
    await rig.clock.advance(10_000);
    assert.match(rig.written.at(-1)?.summary ?? '', /All 2 tokens synced/);
    assert.deepEqual(await rig.listUnreported(), []);
  });

  test('a batch comes to its end although nothing of it can be stored for a while', async (t) => {
    const rig = await createRig(t);
    await rig.open(batchOf('a', 'b', 'c'));
    const real = { ...rig.batches };
    const away = () => Promise.reject(new Error('away'));
    Object.assign(rig.batches, { putItem: away, markStopped: away, endUnasked: away });
    await rig.card.put('batch', { ...item('a'), running: true });
    await rig.card.put('batch', { ...item('b'), outcome: 'forbidden' });
    await rig.card.close('batch', { reason: 'tokenRejected' });
    await rig.card.showEnd(endedRun('a'));
    Object.assign(rig.batches, real);
    await rig.clock.advance(10_000);
    assert.match(rig.written.at(-1)?.summary ?? '', /1 of 3 tokens synced/);
    assert.deepEqual(await rig.listUnreported(), []);
    assert.ok(rig.lines.filter(({ level }) => level === 'error').length >= 4);
    assert.deepEqual(rig.card.list(), []);
  });
});

suite('batch tally', () => {
  const item = (name: string, outcome?: string) => ({
    tokenId: name,
    name,
    joined: false,
    ...(outcome !== undefined && { outcome }),
  });

  test('every token is counted once, and joined ones beside that', () => {
    const { counts } = tallyOf([
      item('a'),
      { ...item('b'), running: true, joined: true },
      { ...item('c', 'completed'), joined: true },
      item('d', 'failed'),
      item('e', 'noResult'),
      item('f', 'notAsked'),
    ]);
    assert.deepEqual(counts, {
      waiting: 1,
      running: 1,
      completed: 1,
      failed: 1,
      noResult: 1,
      notStarted: 1,
      joined: 2,
    });
  });

  test('the largest trouble comes first, else the order of the plan holds; what completed is none', () => {
    const { troubles } = tallyOf([
      item('a', 'notAsked'),
      item('b', 'stuck'),
      item('c', 'forbidden'),
      item('d', 'completed'),
      item('e', 'aReasonNobodyKnows'),
      item('f', 'coolingDown'),
      item('g', 'lost'),
      { ...item('h', 'failed'), detail: 'expired' },
    ]);
    assert.deepEqual(
      troubles.map(({ name, kind }) => `${name} ${kind}`),
      ['c failed', 'e failed', 'h failed', 'b noResult', 'g noResult', 'a notStarted', 'f notStarted'],
    );
    assert.equal(troubles[2]?.detail, 'expired');
  });
});
