import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../../src/store/database.ts';
import type { Database } from '../../src/store/schema.ts';
import { createSqliteDialect } from '../../src/store/sqlite.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { ada, at, thread } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';
import { listWorkLeft } from '../support/work-left.ts';

test('what had ended before there were receipts to tell is not told again, and keeps how long it took', async () => {
  const path = join(temporaryFolder(), 'bot.db');
  const old = new Kysely<Database>({ dialect: createSqliteDialect(path, { warn() {} }) });
  const steps = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0004'));
  const { error } = await new Migrator({ db: old, provider: { getMigrations: async () => steps } }).migrateToLatest();
  assert.equal(error, undefined);
  const told = { requester_json: JSON.stringify(ada), conversation_json: JSON.stringify(thread), locale: 'en' };
  const run = (id: string, phase: string, ended_at: number | null) => ({
    ...{ id, phase, ended_at, tenant_id: 't', token_id: id, joined: 0, ...told },
    ...{
      before_json: JSON.stringify(tokenOf(id)),
      seen_in_progress: 0,
      uncertain: 0,
      outcome: ended_at && 'completed',
    },
    started_at: at,
  });
  const batch = (id: string, ended_at: number | null) => ({
    ...{ id, ended_at, tenant_id: 't', ...told },
    ...{ correlation_id: 'c', started_at: at },
  });
  await old
    .insertInto('sync_runs')
    .values(run('ended', 'ended', at + 7) as never)
    .execute();
  await old
    .insertInto('sync_runs')
    .values(run('running', 'running', null) as never)
    .execute();
  await old
    .insertInto('sync_batches')
    .values(batch('ended', at + 7) as never)
    .execute();
  await old
    .insertInto('sync_batches')
    .values(batch('running', null) as never)
    .execute();
  await old.destroy();

  const db = await openStore(path);
  const runs = createSyncRuns<object>(db);
  const { reportedAt: toldAt, tookMs } = (await runs.find('ended')) ?? assert.fail();
  assert.deepEqual({ toldAt, tookMs }, { toldAt: at + 7, tookMs: 7 });
  const left = await listWorkLeft(db);
  const ids = ({ id }: { readonly id: string }) => id;
  assert.deepEqual([left.untold, left.unfinished.map(ids), left.batches.map(ids)], [[], ['running'], ['running']]);
});
