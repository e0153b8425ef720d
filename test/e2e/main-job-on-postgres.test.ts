// The main job once more, word for word, with PostgreSQL for a store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPostgres } from '../postgres/find-postgres.ts';
import { makeTestDatabase, queryPostgres } from '../postgres/test-database.ts';
import { onPostgres } from '../support/open-store.ts';
import { rehearseOn } from '../support/rehearsal.ts';

if ('missing' in (await findPostgres())) onPostgres('the main job', () => assert.fail());
else {
  const urls: string[] = [];
  rehearseOn(async () => {
    const database = await makeTestDatabase();
    urls.push(database.url);
    return database;
  });
  await import('./main-job.test.ts');
  test('all of it was kept in PostgreSQL', async () => {
    const [first = assert.fail('nothing was rehearsed')] = urls;
    const ended = "select requester_json from sync_runs where phase = 'ended'";
    assert.ok((await queryPostgres(first, ended)).length >= 5);
  });
}
