import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, type Record } from './verdict.ts';

/** Loaded into every test process, with where it writes in RECORD_FOLDER. */
export const recorder = new URL('record.ts', import.meta.url).href;

/** Loaded into every test process, too: see there. */
export const wholeFile = new URL('whole-file.ts', import.meta.url).href;

/** Where one run of the tests is recorded. */
export function startRunRecord() {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-record-'));
  return {
    env: { RECORD_FOLDER: folder },
    /** Judges what was recorded, says so, and takes the records away. False when the run must fail for it. */
    close({ isWholeRun }: { readonly isWholeRun: boolean }): boolean {
      const records = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record);
      rmSync(folder, { recursive: true });
      const { breaches, requests, writes } = judge(records);
      if (breaches.length > 0) process.stderr.write(`Least privilege is broken:\n${breaches.join('\n')}\n`);
      const sawNothing = isWholeRun && writes === 0;
      if (sawNothing) process.stderr.write('The recorder saw no write to Graph in a whole run: it does not listen.\n');
      if (requests > 0) process.stderr.write(`Recorded ${requests} requests to Graph, ${writes} of them writes.\n`);
      return breaches.length === 0 && !sawNothing;
    },
  };
}
