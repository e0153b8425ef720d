import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite } from 'node:test';
import { type Db, openDatabase } from '../../src/store/open-database.ts';

/** A folder of its own, gone after the tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-store-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a database that is closed after the tests; the path may be `:memory:`. */
export async function openStore(path: string): Promise<Db> {
  const db = await openDatabase({ kind: 'sqlite', path });
  after(() => db.destroy());
  return db;
}

/** The same tests over a store in memory and over one in a real file. */
export function onEveryStore(name: string, tests: (open: () => Promise<Db>) => void): void {
  suite(`${name} in memory`, () => tests(() => openStore(':memory:')));
  suite(`${name} in a file`, () => tests(() => openStore(join(temporaryFolder(), 'bot.db'))));
}
