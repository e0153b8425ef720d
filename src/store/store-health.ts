import { sql } from 'kysely';
import { newOpaqueId } from '../ids.ts';
import type { Db } from './open-database.ts';

export interface StoreHealth {
  /** Name of the newest step of the schema. */
  readonly newestStep: string;
  /** Epoch milliseconds. */
  readonly appliedAt: number;
}

/** Writes a row, reads it back and takes it away, all or nothing. Rejects when the store does not do as it is told. */
export async function checkStore(db: Db, now: number): Promise<StoreHealth> {
  const key = `doctor ${newOpaqueId()}`;
  await db.transaction().execute(async (within) => {
    await within.insertInto('processed_activities').values({ key, at: now }).execute();
    const read = await within.selectFrom('processed_activities').select('at').where('key', '=', key).executeTakeFirst();
    if (Number(read?.at) !== now) throw new Error('the store does not hold what was just written');
    await within.deleteFrom('processed_activities').where('key', '=', key).execute();
  });
  const steps = await sql<{ name: string; timestamp: string }>`
    select name, timestamp from kysely_migration order by name desc limit 1`.execute(db);
  const [newest] = steps.rows;
  if (!newest) throw new Error('the store knows of no step of its schema');
  return { newestStep: newest.name, appliedAt: Date.parse(newest.timestamp) };
}
