import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../../src/store/open-database.ts';
import { entry, logOver } from './audit-rig.ts';

export interface AuditWork {
  readonly path: string;
  readonly name: string;
  readonly count: number;
}

// Appends its entries as another process would.
const { path, name, count } = workerData as AuditWork;
const db = await openDatabase({ kind: 'sqlite', path });
const log = logOver(db);
for (let index = 0; index < count; index += 1) await log.append(entry({ run_id: `${name} ${index}` }));
await db.destroy();
parentPort?.postMessage('done');
