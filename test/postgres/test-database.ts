import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { Client } from 'pg';
import { findPostgres } from './find-postgres.ts';

/** An empty database on the run's PostgreSQL, gone after the tests with whoever still uses it. */
export async function createTestDatabase(): Promise<string> {
  const { url, drop } = await makeTestDatabase();
  after(drop);
  return url;
}

/** The same, to be dropped by whoever knows when nobody uses it any more. */
export async function makeTestDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const postgres = await findPostgres();
  if ('missing' in postgres) throw new Error(`there is no PostgreSQL: ${postgres.missing}`);
  const name = `test_${randomBytes(9).toString('hex')}`;
  await queryPostgres(postgres.url, `create database ${name}`);
  const url = new URL(postgres.url);
  url.pathname = name;
  return {
    url: url.href,
    async drop() {
      await queryPostgres(postgres.url, `drop database ${name} with (force)`);
    },
  };
}

/** Says one sentence of SQL over a connection of its own. */
export async function queryPostgres<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
