import { sql } from 'kysely';
import type { Db } from './open-database.ts';

/** Whether the database answers a question. Never rejects. */
export async function isAnswering(db: Db): Promise<boolean> {
  return sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
}
