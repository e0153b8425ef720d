import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Db } from '../../src/store/schema.ts';

/** A folder of its own, gone after the tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-store-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a database that is closed after the tests: a path, which may be `:memory:`, or one of another kind. */
export async function openStore(database: string | Config['database']): Promise<Db> {
  const db = await openDatabase(typeof database === 'string' ? { kind: 'sqlite', path: database } : database);
  after(() => db.destroy());
  return db;
}
