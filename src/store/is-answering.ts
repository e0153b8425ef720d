import { wait } from '../lib/async.ts';
import type { Db } from './open-database.ts';
import { tryWriting } from './try-writing.ts';

/** A probe is not kept waiting for a database that says nothing. */
const withinMs = 2_000;

/** Whether the database takes what is written to it: one that is full, read-only or busy does not. Never rejects. */
export async function isAnswering(db: Db, now: number): Promise<boolean> {
  const answered = tryWriting(db, now).then(
    () => true,
    () => false,
  );
  const late = new AbortController();
  const answer = await Promise.race([answered, wait(withinMs, late.signal).then(() => false)]);
  late.abort();
  return answer;
}
