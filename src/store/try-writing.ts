import { newOpaqueId } from '../lib/ids.ts';
import type { Db } from './open-database.ts';

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
