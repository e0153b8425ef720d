import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { Client } from 'pg';
import { findPostgres } from './find-postgres.ts';

/** An empty database on the run's PostgreSQL, gone after the tests with whoever still uses it. */
export async function createTestDatabase(): Promise<string> {
  const postgres = await findPostgres();
  if ('missing' in postgres) throw new Error(`there is no PostgreSQL: ${postgres.missing}`);
  const name = `test_${randomBytes(9).toString('hex')}`;
  await tell(postgres.url, `create database ${name}`);
  after(() => tell(postgres.url, `drop database ${name} with (force)`));
  const url = new URL(postgres.url);
  url.pathname = name;
  return url.href;
}

/** Says one sentence of SQL over a connection of its own. */
export async function tell<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
