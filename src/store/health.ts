import { sql } from 'kysely';
import { within } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Db } from './schema.ts';

/** A probe is not kept waiting for a database that says nothing. */
export const withinMs = 2_000;

/** Whether the database takes what is written to it: one that is full, read-only or busy does not. Never rejects. */
export async function isAnswering(db: Db, now: number): Promise<boolean> {
  const answered = tryWriting(db, now).then(
    () => true,
    () => false,
  );
  return (await within(withinMs, answered)) ?? false;
}

export interface StoreHealth {
  /** Name of the newest step of the schema. */
  readonly newestStep: string;
  /** Epoch milliseconds. */
  readonly appliedAt: number;
}

/** Rejects when the store does not take what is written to it. */
export async function checkStore(db: Db, now: number): Promise<StoreHealth> {
  await tryWriting(db, now);
  const steps = await sql<{ name: string; timestamp: string }>`
    select name, timestamp from kysely_migration order by name desc limit 1`.execute(db);
  const [newest] = steps.rows;
  if (!newest) throw new Error('the store knows of no step of its schema');
  return { newestStep: newest.name, appliedAt: Date.parse(newest.timestamp) };
}

/** Writes a row, reads it back and takes it away, all or nothing. Rejects when the store does not do as it is told. */
export async function tryWriting(db: Db, now: number): Promise<void> {
  const key = `probe ${newOpaqueId()}`;
  await db.transaction().execute(async (within) => {
    await within.insertInto('processed_activities').values({ key, at: now }).execute();
    const read = await within.selectFrom('processed_activities').select('at').where('key', '=', key).executeTakeFirst();
    if (Number(read?.at) !== now) throw new Error('the store does not hold what was just written');
    await within.deleteFrom('processed_activities').where('key', '=', key).execute();
  });
}
