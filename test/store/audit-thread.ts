import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../../src/config.ts';
import { openDatabase } from '../../src/store/database.ts';
import { entry, logOver } from '../support/audit-chain.ts';

export interface AuditWork {
  readonly database: Config['database'];
  readonly name: string;
  readonly count: number;
}

// Appends its entries as another process would.
const { database, name, count } = workerData as AuditWork;
const db = await openDatabase(database);
const log = logOver(db);
const runIds = Array.from({ length: count }, (_, index) => `${name} ${index}`);
await Promise.all(runIds.map((run_id) => log.append(entry({ run_id }))));
await db.destroy();
parentPort?.postMessage('done');
