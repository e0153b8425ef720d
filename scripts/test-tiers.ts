// Which test file runs when, and in whose company. The whole path of a file decides, else that of its folder.
import { globSync } from 'node:fs';
import { dirname, sep } from 'node:path';

/**
 * - `shared`: in `npm test`; such files of one folder share a process.
 * - `alone`: in `npm test`, in a process of its own: it starts the product, processes or threads, or changes what all share.
 * - `slow`: only in `npm run test:all`, in a process of its own: engines, kills, outages, long runs, matrices of faults.
 * - `crowded`: only in `npm run test:all`, with nothing beside it: several bots at once, or clocks against work.
 */
export type Place = 'shared' | 'alone' | 'slow' | 'crowded';

export const isQuick = (place: Place | undefined): boolean => place === 'shared' || place === 'alone';

export const places: Readonly<Record<string, Place>> = {
  test: 'shared',
  'test/main.test.ts': 'crowded',
  'test/transcripts.test.ts': 'alone',

  'test/alerts': 'shared',
  'test/alerts/delivery-over-http.test.ts': 'slow',
  'test/alerts/monitors-side-by-side.test.ts': 'slow',
  'test/app-package': 'shared',
  'test/audit': 'shared',
  'test/audit/audit-script.test.ts': 'slow',
  'test/cards': 'shared',
  // Its snapshot is named after its file.
  'test/cards/outlines.test.ts': 'alone',
  'test/commands': 'shared',
  'test/deploy': 'shared',
  'test/dialogs': 'shared',
  'test/doctor': 'shared',
  'test/doctor/preflight.test.ts': 'alone',
  'test/documents': 'shared',
  'test/domain': 'shared',
  'test/graph': 'shared',
  'test/i18n': 'shared',
  'test/identity': 'shared',
  'test/identity/credential.test.ts': 'alone',
  'test/identity/shared-sign-ins.test.ts': 'slow',
  'test/lib': 'shared',
  'test/recorder': 'shared',
  'test/recorder/whole-file.test.ts': 'slow',
  'test/sandbox': 'shared',
  'test/sandbox/sandbox.test.ts': 'alone',
  'test/sandbox/sandbox-main.test.ts': 'slow',
  'test/sandbox/sandbox-page.test.ts': 'slow',
  'test/scripts': 'slow',
  'test/store': 'shared',
  'test/store/back-up.test.ts': 'slow',
  'test/store/database.test.ts': 'alone',
  'test/store/postgres-outage.test.ts': 'slow',
  'test/store/sqlite-trouble.test.ts': 'slow',
  'test/sync': 'shared',
  'test/teams': 'shared',
  'test/teams/clock-jumps.test.ts': 'alone',
  'test/teams/hostile-requests.test.ts': 'alone',
  'test/teams/inbound-accepted.test.ts': 'alone',
  'test/teams/inbound-refused.test.ts': 'alone',
  'test/telemetry': 'shared',

  'test/e2e': 'slow',
  'test/e2e/alerts.test.ts': 'alone',
  'test/e2e/crash.test.ts': 'alone',
  'test/e2e/main-job.test.ts': 'alone',
  'test/e2e/restart.test.ts': 'alone',
  'test/e2e/sign-in-faults.test.ts': 'alone',
  'test/e2e/sync-all.test.ts': 'alone',
  'test/e2e/burst.test.ts': 'crowded',
  'test/e2e/faults.test.ts': 'crowded',
  'test/e2e/outages.test.ts': 'crowded',
  'test/e2e/replicas.test.ts': 'crowded',
  'test/e2e/browser': 'slow',
  'test/e2e/browser/sync-all.test.ts': 'alone',

  'test/fuzz': 'alone',
  'test/postgres': 'slow',
  'test/soak': 'slow',
};

/** Undefined for a file whose folder is not listed; test/tiers.test.ts notices. */
export function placeOf(file: string): Place | undefined {
  return places[file] ?? places[dirname(file)];
}

/** Every test file below a folder, or the file of that name, as a path with slashes from the root of the project. */
export function listTestFiles(under = 'test'): string[] {
  const found = globSync(under.endsWith('.ts') ? under : `${under.replace(/[/\\]$/, '')}/**/*.test.ts`);
  return found
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
}
