import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import type { NewAuditEntry } from '../../src/store/audit-chain.ts';
import { createAuditHistory } from '../../src/store/audit-history.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { entry, logOver } from '../support/audit-chain.ts';
import { onEveryStore } from '../support/open-store.ts';
import { ada, at, elif } from '../support/stored.ts';
import { runningRun } from './running-run.ts';

const run = (id: string, changes: Partial<SyncRun> = {}) => runningRun(id, { tokenId: 'token-1', ...changes });

const ask = (tokenIds: readonly string[], most = 15) => ({ tenantId: ada.tenantId, tokenIds, most });

const asked = (runId: string | null, changes: Partial<NewAuditEntry> = {}) =>
  entry({ reason: null, run_id: runId, ...changes });
const ended = (runId: string, changes: Partial<NewAuditEntry>) => ({
  ...entry({ stage: 'ended', reason: null, ...changes }),
  run_id: runId,
});

onEveryStore('the history of attempts', (open) => {
  test('lists the newest first, however each ended, refusals too, and each with its end once', async () => {
    const db = await open();
    const log = logOver(db);
    await log.append(asked('first', { at: at - 3000 }));
    await log.append(asked('first', { stage: 'answered', outcome: 'accepted' }));
    await log.appendEnd(ended('first', { outcome: 'completed', at: at - 2000 }));
    await log.append(asked('second', { at: at - 1000, person_name: elif.name }));
    await log.appendEnd(ended('second', { outcome: 'refused', reason: 'forbidden', at: at - 900 }));
    await log.append(asked(null, { outcome: 'coolingDown', at: at - 800 }));
    await log.append(asked('third', { outcome: 'joined', at: at - 500, person_name: elif.name }));
    await log.append(asked('overtaken', { at: at - 100 }));
    await log.appendEnd(ended('overtaken', { outcome: 'overtaken', at }));
    await log.append(asked(null, { action: 'renewStart', outcome: 'done', at }));
    const { attempts, total } = await createAuditHistory(db).list(ask(['token-1']));
    const common = { action: 'sync', tokenId: 'token-1', requesterName: ada.name, outcome: 'started' };
    assert.deepEqual(attempts, [
      { ...common, action: 'renewStart', outcome: 'done', at },
      { ...common, requesterName: elif.name, outcome: 'joined', at: at - 500 },
      { ...common, outcome: 'coolingDown', at: at - 800 },
      {
        ...common,
        requesterName: elif.name,
        at: at - 1000,
        ended: { outcome: 'refused', reason: 'forbidden', at: at - 900, tookMs: 100 },
      },
      { ...common, at: at - 3000, ended: { outcome: 'completed', at: at - 2000, tookMs: 1000 } },
    ]);
    assert.equal(total, 5);
  });

  test('lists the syncs of one batch once, of the tokens asked about, and a refused batch not at all', async () => {
    const db = await open();
    const runs = createSyncRuns(db);
    const log = logOver(db);
    for (const index of [1, 2, 3]) {
      const id = `run-${index}`;
      const token = { token_id: `token-${index}`, action: 'syncAll' };
      await runs.add(run(id, { tokenId: token.token_id, batchId: 'batch-1' }));
      await log.append(asked(id, token));
      const outcome = index === 3 ? 'failed' : 'completed';
      if (index !== 1) await runs.end(id, { outcome, endedAt: at + 9000, tookMs: 8000 });
      await log.append(asked(`refused-${index}`, { ...token, at: at + 1 }));
      await log.appendEnd(ended(`refused-${index}`, { ...token, outcome: 'refused', reason: 'forbidden' }));
      await log.append(asked(null, { ...token, outcome: 'refused', reason: 'forbidden' }));
    }
    await log.append(asked(null, { outcome: 'coolingDown' }));
    const history = createAuditHistory(db);
    const all = await history.list(ask(['token-1', 'token-2', 'token-3'], 2));
    assert.deepEqual(
      all.attempts.map(({ outcome, batch }) => batch ?? outcome),
      ['coolingDown', { tokens: 3, completed: 1, running: 1, others: 1 }],
    );
    assert.equal(all.total, 2);
    const batchId = all.attempts[1]?.batchId;
    assert.ok(batchId !== undefined);
    const each = await history.list({ ...ask(['token-1', 'token-3'], 1), batchId, skip: 1 });
    assert.deepEqual([each.attempts.map(({ tokenId, batch }) => batch ?? tokenId), each.total], [['token-1'], 2]);
    const [own] = (await history.list(ask(['token-3']))).attempts;
    assert.deepEqual([own?.batch, own?.ended], [undefined, { outcome: 'failed', at: at + 9000, tookMs: 8000 }]);
  });

  test('knows how a sync ended from its run before the audit does', async () => {
    const db = await open();
    const runs = createSyncRuns(db);
    await runs.add(run('run-1'));
    await logOver(db).append(asked('run-1'));
    const history = createAuditHistory(db);
    assert.equal((await history.list(ask(['token-1']))).attempts[0]?.ended, undefined);
    await runs.end('run-1', { outcome: 'failed', endedAt: at + 7 });
    assert.deepEqual((await history.list(ask(['token-1']))).attempts[0]?.ended, { outcome: 'failed', at: at + 7 });
  });

  test('lists the requested tokens of that tenant and no other', async () => {
    const db = await open();
    const log = logOver(db);
    await log.append(asked(null));
    await log.append(asked(null, { token_id: 'token-2' }));
    await log.append(asked(null, { tenant_id: 'other' }));
    await log.append(asked(null, { token_id: null }));
    const history = createAuditHistory(db);
    const listed = async (...tokenIds: string[]) =>
      (await history.list(ask(tokenIds))).attempts.map(({ tokenId }) => tokenId);
    assert.deepEqual(await listed('token-1'), ['token-1']);
    assert.deepEqual((await listed('token-1', 'token-2')).toSorted(), ['token-1', 'token-2']);
    assert.deepEqual(await listed('unknown'), []);
    assert.deepEqual(await history.list(ask([])), { attempts: [], total: 0 });
  });

  test('counts what it does not show, over 3,000 tokens', async () => {
    const db = await open();
    const log = logOver(db);
    for (let index = 0; index < 20; index += 1)
      await log.append(asked(null, { token_id: `token-${index * 100}`, at: at + index }));
    const every = Array.from({ length: 3000 }, (_, index) => `token-${index}`);
    const { attempts, total } = await createAuditHistory(db).list(ask(every));
    assert.deepEqual([attempts.length, attempts[0]?.at, total], [15, at + 19, 20]);
    const rest = await createAuditHistory(db).list({ ...ask(every), skip: 15 });
    assert.deepEqual([rest.attempts.length, rest.attempts[0]?.at, rest.total], [5, at + 4, 20]);
  });

  test('reads no more than the newest of a grown audit', async () => {
    const db = await open();
    await sql`
      with recursive n (n) as (select 1 union all select n + 1 from n where n < 6000)
      insert into audit_entries (seq, at, tenant_id, action, via, stage, outcome, token_id, hash)
      select n, n, ${ada.tenantId}, 'mark', 'message', 'asked', 'done', case when n <= 1 then 'rare' else 'token-1' end, '' from n`.execute(
      db,
    );
    const history = createAuditHistory(db);
    assert.equal((await history.list(ask(['token-1']))).total, 1_000);
    assert.equal((await history.list(ask(['token-1', 'rare']))).total, 3_000);
    assert.equal((await history.list(ask(['rare']))).total, 1);
  });
});
