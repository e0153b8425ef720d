import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import type { Db } from '../../src/store/schema.ts';
import { findPostgres } from '../postgres/find-postgres.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { openStore, temporaryFolder } from './temporary-store.ts';
import { isQuickTier } from './tier.ts';

type Database = Config['database'];

// Asked for before any suite is declared: whether there is one decides what is declared.
const postgres = isQuickTier ? { missing: 'the quick tests use SQLite alone' } : await findPostgres();

/**
 * The same tests over a store in memory, over one in a real file and over one on a real PostgreSQL; each `open` is a new store.
 * The quick tests have the first alone.
 */
export function onEveryStore(name: string, tests: (open: () => Promise<Db>) => void): void {
  suite(`${name} in memory`, () => tests(() => openStore(':memory:')));
  if (!isQuickTier) onEveryEngine(name, (newDatabase) => tests(async () => openStore(await newDatabase())));
}

/** The same tests over databases that several may open: a file and one on PostgreSQL. Each is new, empty, and gone afterwards. */
export function onEveryEngine(name: string, tests: (newDatabase: () => Promise<Database>) => void): void {
  suite(`${name} in a file`, () => tests(async () => ({ kind: 'sqlite', path: join(temporaryFolder(), 'bot.db') })));
  onPostgres(name, () => tests(async () => ({ kind: 'postgres', url: await createTestDatabase() })));
}

/** Tests that need a real PostgreSQL: none in the quick tests. Skipped where none runs; in CI on 64-bit Linux one must run. */
export function onPostgres(name: string, tests: () => void): void {
  if (isQuickTier) return;
  suite(`${name} on PostgreSQL`, () => {
    if (!('missing' in postgres)) return tests();
    const skip = `PostgreSQL does not run here: ${postgres.missing}`;
    const mustRun = process.env.CI === 'true' && process.platform === 'linux' && process.arch === 'x64';
    test('needs one', mustRun ? {} : { skip }, () => {
      throw new Error(skip);
    });
  });
}
