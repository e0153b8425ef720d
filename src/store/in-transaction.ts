import type { Db } from './open-database.ts';

/** All or nothing: in the transaction that the database already is, else in one of its own. */
export const inTransaction = <T>(db: Db, work: (within: Db) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work);
