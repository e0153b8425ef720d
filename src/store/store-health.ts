import { sql } from 'kysely';
import type { Db } from './open-database.ts';
import { tryWriting } from './try-writing.ts';

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
