import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { onPostgres } from '../support/open-store.ts';
import { startProcess } from '../support/started-process.ts';
import { queryPostgres } from './test-database.ts';

onPostgres('a test process that is killed', () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`leaves neither a server nor a folder behind: ${signal}`, async () => {
      const testing = startProcess(['test/postgres/starting-process.ts'], { NODE_NO_WARNINGS: '1' });
      const { url, dataFolder } = (await testing.logged('started')) as { url: string; dataFolder: string };
      assert.deepEqual(await queryPostgres(url, 'select 1 as one'), [{ one: 1 }]);
      assert.ok(existsSync(dataFolder));
      testing.child.kill(signal);
      await testing.ended;
      for (const latest = performance.now() + 10_000; existsSync(dirname(dataFolder)); ) {
        assert.ok(performance.now() < latest, `${dataFolder} is still there`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await assert.rejects(queryPostgres(url, 'select 1'), /ECONNREFUSED/);
    });
  }
});
