import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardRecord } from '../../src/domain/card-record.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { onEveryStore } from '../support/open-store.ts';
import { ada, at, elif, minuteMs, thread } from '../support/stored.ts';

function choice(id: string, changes: Partial<CardRecord> = {}): CardRecord {
  const tokens = [
    { id: 'a', name: 'Adatum' },
    { id: 'b', name: '"; drop table card_records; --' },
  ];
  const payload = { command: 'sync', asked: '学校 "x"', actionTitle: 'Sync', tokens };
  const whose = { ownerId: ada.aadObjectId, conversationId: thread.id };
  return { id, kind: 'choice', ...whose, payload, createdAt: at, expiresAt: at + minuteMs, ...changes };
}

onEveryStore('press records', (open) => {
  test('come back as they were stored, with an owner or without', async () => {
    const records = createCardRecords(await open());
    const { ownerId: _, ...anybodys } = choice('b', { kind: 'tokenCard', payload: { tokenId: 'a' } });
    const payload = { page: 2, which: ['all', 'syncFailed', 'alert-1'], rows: ['token-1'], locale: 'zh-CN' };
    const openAlerts = choice('d', { kind: 'openAlerts', payload });
    const settings = choice('e', { kind: 'alertSettings', payload: { tokenIds: ['token-1'] } });
    for (const record of [choice('a'), anybodys, openAlerts, settings]) {
      await records.add(record);
      assert.deepEqual(await records.find(record.id), record);
    }
    assert.equal(await records.find('c'), undefined);
    assert.equal(await records.find("a' or '1'='1"), undefined);
  });

  test('are taken once, however many press at once', async () => {
    const records = createCardRecords(await open());
    await records.add(choice('a'));
    const taken = await Promise.all(Array.from({ length: 20 }, () => records.take('a', at)));
    assert.equal(taken.filter((won) => won).length, 1);
    assert.equal((await records.find('a'))?.usedAt, at);
  });

  test('are not taken once expired, and not when nobody stored them', async () => {
    const records = createCardRecords(await open());
    await records.add(choice('a'));
    assert.equal(await records.take('a', at + minuteMs), false);
    assert.equal(await records.take('b', at), false);
    assert.equal(await records.take('a', at + minuteMs - 1), true);
  });

  test('can be taken again once given back, still only in their time', async () => {
    const records = createCardRecords(await open());
    await records.add(choice('a'));
    await records.take('a', at);
    await records.reopen('a');
    assert.deepEqual(await records.find('a'), choice('a'));
    assert.equal(await records.take('a', at + minuteMs), false);
    assert.equal(await records.take('a', at + 1), true);
    assert.equal(await records.take('a', at + 1), false);
  });

  test('offer a person their newest open question of this conversation alone', async () => {
    const records = createCardRecords(await open());
    const find = (now = at) => records.findOpenChoice(ada.aadObjectId, thread.id, now);
    await records.add(choice('elsewhere', { conversationId: '19:other@thread.v2' }));
    await records.add(choice('of-elif', { ownerId: elif.aadObjectId }));
    await records.add(choice('a-card', { kind: 'tokenCard' }));
    assert.equal(await find(), undefined);
    await records.add(choice('older', { createdAt: at - 2 }));
    await records.add(choice('newer', { createdAt: at - 1 }));
    assert.equal((await find())?.id, 'newer');
    const older = (await records.find('older')) ?? assert.fail();
    assert.equal(older.usedAt, at - 1);
    assert.deepEqual(older.payload, { command: '', asked: '', actionTitle: '', tokens: [] });
    assert.equal(await find(at + minuteMs), undefined);
    await records.take('newer', at);
    assert.equal(await find(), undefined);
  });

  test('distinguish a person’s plan that waits from their questions', async () => {
    const records = createCardRecords(await open());
    const find = (now = at) => records.findOpenPlan(ada.aadObjectId, thread.id, now);
    await records.add(choice('a question', { createdAt: at - 1 }));
    await records.add(choice('of-elif', { kind: 'plan', ownerId: elif.aadObjectId }));
    assert.equal(await find(), undefined);
    await records.add(choice('a plan', { kind: 'plan', payload: { tokens: [] } }));
    assert.equal((await find())?.id, 'a plan');
    assert.equal(await records.findOpenChoice(ada.aadObjectId, thread.id, at), undefined);
    assert.equal(await find(at + minuteMs), undefined);
  });

  test('lose a person’s open questions and plans when a new command comes, and nobody else’s', async () => {
    const records = createCardRecords(await open());
    const others = [
      choice('of-elif', { ownerId: elif.aadObjectId }),
      choice('a-card', { kind: 'tokenCard' }),
      choice('elsewhere', { conversationId: '19:other@thread.v2' }),
    ];
    for (const record of [choice('a'), choice('c', { kind: 'plan', payload: { tokens: [] } }), ...others])
      await records.add(record);
    await records.cancelDialogs(ada.aadObjectId, thread.id, at);
    for (const id of ['a', 'c']) assert.equal(await records.take(id, at), false, id);
    for (const { id } of others) assert.equal(await records.take(id, at), true, id);
  });

  test('of one person are twenty questions and plans at most, the newest, in all conversations together', async () => {
    const records = createCardRecords(await open());
    await records.add(choice('of-elif', { ownerId: elif.aadObjectId }));
    await records.add(choice('a-card', { kind: 'tokenCard', payload: { tokenId: 'a' } }));
    for (let n = 0; n < 25; n += 1) {
      await records.add(choice(`of-${n}`, { conversationId: `19:${n}@thread.v2`, createdAt: at + n }));
    }
    const ids = ['of-elif', 'a-card', ...Array.from({ length: 25 }, (_, n) => `of-${n}`)];
    const kept = await Promise.all(ids.map(async (id) => ((await records.find(id)) ? [id] : [])));
    assert.deepEqual(kept.flat(), ids.toSpliced(2, 5));
  });

  test('are found by the message that shows them, in its conversation alone, the newest first', async () => {
    const records = createCardRecords(await open());
    const card = { kind: 'tokenCard' as const, payload: { tokenId: 'a' } };
    await records.add(choice('first', card));
    await records.add(choice('second', { ...card, createdAt: at + 1 }));
    assert.equal(await records.findByCard(thread.id, '42'), undefined);
    for (const id of ['first', 'second']) await records.setCard(id, '42');
    assert.deepEqual(await records.findByCard(thread.id, '42'), {
      ...choice('second', { ...card, createdAt: at + 1 }),
      cardId: '42',
    });
    assert.equal((await records.findByCard(`${thread.id};messageid=7`, '42'))?.id, 'second');
    assert.equal(await records.findByCard('19:other@thread.v2', '42'), undefined);
    assert.equal(await records.findByCard(thread.id, '43'), undefined);
  });

  test('remember that one person alone sees their card', async () => {
    const records = createCardRecords(await open());
    await records.add(choice('hers', { isTargeted: true }));
    await records.add(choice('ours', { isTargeted: false, ownerId: elif.aadObjectId }));
    assert.deepEqual(await records.find('hers'), choice('hers', { isTargeted: true }));
    assert.equal((await records.find('ours'))?.isTargeted, undefined);
  });

  test('are erased once they have expired', async () => {
    const records = createCardRecords(await open());
    await records.add(choice('a'));
    await records.prune(at + minuteMs);
    assert.ok(await records.find('a'));
    await records.prune(at + minuteMs + 1);
    assert.equal(await records.find('a'), undefined);
  });
});
