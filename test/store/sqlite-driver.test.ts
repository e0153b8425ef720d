import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { Kysely } from 'kysely';
import { openDatabase } from '../../src/store/database.ts';
import type { Database, Db } from '../../src/store/schema.ts';
import { createSqliteDialect } from '../../src/store/sqlite.ts';
import { createStores } from '../../src/store/stores.ts';
import { ada, at, thread } from '../support/stored.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { runningRun } from './running-run.ts';

type Synced = (error: NodeJS.ErrnoException | null) => void;

/** A migrated file whose writes to the disk are counted, and end when the test says so. */
async function openCounted({ held = false } = {}) {
  const path = join(temporaryFolder(), 'counted.db');
  const log = { warn: () => undefined };
  await (await openDatabase({ kind: 'sqlite', path }, { log })).destroy();
  const waiting: Synced[] = [];
  const disk = { syncs: 0, isHeld: held };
  function sync(_file: number, done: Synced): void {
    disk.syncs += 1;
    if (disk.isHeld) waiting.push(done);
    else setImmediate(done, null);
  }
  const kysely = new Kysely<Database>({ dialect: createSqliteDialect(path, log, sync as never) });
  const db: Db = Object.assign(kysely, { rowLog: { warnRow: () => undefined, warnDetail: () => undefined } });
  after(() => db.destroy());
  const stores = createStores(db, { owner: 'this process', leaseMs: 8_000, now: () => at });
  const settle = (error: NodeJS.ErrnoException | null = null) => {
    disk.isHeld = false;
    for (const done of waiting.splice(0)) done(error);
  };
  return { db, stores, disk, settle };
}

const turnOf = (key: string) => ({
  key,
  reply: { conversation: thread, locale: 'en', personId: ada.aadObjectId, at } as const,
});

suite('a write that must survive a power cut', () => {
  test('is on the disk when it resolves', async () => {
    const { stores, disk, settle } = await openCounted({ held: true });
    let isStored = false;
    const storing = stores.runs.add(runningRun('one')).then(() => {
      isStored = true;
    });
    while (disk.syncs === 0) await new Promise((next) => setImmediate(next));
    assert.equal(isStored, false);
    settle();
    await storing;
    assert.equal(disk.syncs, 1);
  });

  test('holds up nobody else meanwhile', async () => {
    const { stores, disk, settle } = await openCounted({ held: true });
    const storing = stores.runs.add(runningRun('one'));
    while (disk.syncs === 0) await new Promise((next) => setImmediate(next));
    assert.equal(await stores.turns.claim(turnOf('another')), 'new');
    assert.equal((await stores.runs.find('one'))?.id, 'one');
    settle();
    await storing;
  });

  test('shares one sync with those that come while another is under way', async () => {
    const { stores, disk, settle } = await openCounted({ held: true });
    const first = stores.runs.add(runningRun('first'));
    while (disk.syncs === 0) await new Promise((next) => setImmediate(next));
    const others = Array.from({ length: 20 }, (_, n) => stores.runs.add(runningRun(`other ${n}`)));
    for (let n = 0; n < 20; n += 1) await stores.runs.find('first');
    settle();
    await Promise.all([first, ...others]);
    assert.equal(disk.syncs, 2);
  });

  test('is still stored when the file is closed before the disk is done', async () => {
    const { db, stores, disk, settle } = await openCounted({ held: true });
    const storing = [stores.runs.add(runningRun('one'))];
    while (disk.syncs === 0) await new Promise((next) => setImmediate(next));
    storing.push(stores.runs.add(runningRun('two')));
    await stores.runs.find('one');
    const closing = db.destroy();
    setImmediate(settle);
    await Promise.all([...storing, closing]);
  });

  test('is refused when the disk fails, and the next is tried anew', async () => {
    const { stores, disk, settle } = await openCounted({ held: true });
    const storing = stores.runs.add(runningRun('one'));
    while (disk.syncs === 0) await new Promise((next) => setImmediate(next));
    settle(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
    await assert.rejects(storing, /EIO/);
    await stores.runs.add(runningRun('two'));
    assert.equal(disk.syncs, 2);
  });
});

test('what a usual turn writes waits for no disk: its claim, its end, its conversation, its card', async () => {
  const { stores, disk } = await openCounted();
  assert.equal(await stores.turns.claim(turnOf('one')), 'new');
  await stores.turns.renewLeases(['one']);
  await stores.turns.claimAbandoned(5);
  await stores.conversations.record({ reference: thread, seenAt: at });
  await stores.records.add({
    id: 'card',
    kind: 'tokenCard',
    conversationId: thread.id,
    payload: { tokenId: 'token' },
    createdAt: at,
    expiresAt: at + 1_000,
  });
  await stores.records.cancelDialogs(ada.aadObjectId, thread.id, at);
  await stores.turns.end(['one']);
  assert.equal(disk.syncs, 0);
});

test('reading waits for no disk, and neither does a write that changes nothing', async () => {
  const { stores, disk } = await openCounted();
  await stores.runs.find('nobody');
  await stores.runs.end('nobody', { outcome: 'completed', endedAt: at });
  await stores.secrets.prune(at);
  assert.equal(disk.syncs, 0);
});

test('a secret and a transaction about alerts are on the disk', async () => {
  const { stores, disk } = await openCounted();
  await stores.secrets.put({ name: 'one', keyId: 'k', ownerId: ada.aadObjectId, sealed: 's', expiresAt: at });
  assert.equal(disk.syncs, 1);
  await stores.alertRepositories.tenants.watch([ada.tenantId], at);
  assert.equal(disk.syncs, 2);
});
