import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../../src/config.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';

export interface ClaimingWork {
  readonly database: Config['database'];
  readonly keys: readonly string[];
  readonly at: number;
  readonly threads: number;
  /** Counts the threads that are ready, so that all begin at the same moment. */
  readonly ready: SharedArrayBuffer;
}

// Claims every key it is given, as another process would, and says which ones it got.
const { database, keys, at, threads, ready } = workerData as ClaimingWork;
const count = new Int32Array(ready);
Atomics.add(count, 0, 1);
while (Atomics.load(count, 0) < threads) Atomics.wait(count, 0, Atomics.load(count, 0), 1);
const db = await openDatabase(database);
const processed = createProcessedActivities(db);
const won: string[] = [];
for (const key of keys) if (await processed.claim(key, at)) won.push(key);
await db.destroy();
parentPort?.postMessage(won);
