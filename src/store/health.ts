import { sql } from 'kysely';
import { within } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Db } from './schema.ts';

/** A probe waits no longer for a database that does not answer. */
export const withinMs = 2_000;

/** False for a database that is full, read-only, locked or away; true for one that is merely asked much. Never rejects. */
export async function isAnswering(db: Db, now: number): Promise<boolean> {
  const answered = tryWriting(db, now).then(
    () => true,
    () => false,
  );
  return ((await within(withinMs, answered)) ?? false) || (db.isBusy?.() ?? false);
}

export interface StoreHealth {
  /** Name of the newest migration. */
  readonly newestMigration: string;
  /** Epoch milliseconds. */
  readonly appliedAt: number;
}

/** Rejects when the store takes no writes. */
export async function checkStore(db: Db, now: number): Promise<StoreHealth> {
  await tryWriting(db, now);
  const applied = await sql<{ name: string; timestamp: string }>`
    select name, timestamp from kysely_migration order by name desc limit 1`.execute(db);
  const [newest] = applied.rows;
  if (!newest) throw new Error('no migration was applied to the store');
  return { newestMigration: newest.name, appliedAt: Date.parse(newest.timestamp) };
}

/** Writes a row, reads it back and deletes it, all or nothing. Rejects when any of that fails. */
export async function tryWriting(db: Db, now: number): Promise<void> {
  const key = `probe ${newOpaqueId()}`;
  await db.transaction().execute(async (within) => {
    await within.insertInto('processed_activities').values({ key, at: now }).execute();
    const read = await within.selectFrom('processed_activities').select('at').where('key', '=', key).executeTakeFirst();
    if (read?.at !== now) throw new Error('the store does not hold what was just written');
    await within.deleteFrom('processed_activities').where('key', '=', key).execute();
  });
}
