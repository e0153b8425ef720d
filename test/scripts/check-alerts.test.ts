import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess } from '../support/started-process.ts';

async function checkAlerts(env: Readonly<Record<string, string>>) {
  const started = startProcess(['scripts/check-alerts.ts'], { NODE_NO_WARNINGS: '1', ...env });
  return { ...(await started.ended), said: started.stdout.join('\n') };
}

test('the alarms, their tests and the metrics page pass promtool, where there is one', async () => {
  const { code, said } = await checkAlerts({ PATH: process.env.PATH ?? '' });
  assert.equal(code, 0, said);
  assert.ok(/^promtool is absent/.test(said) || said.match(/^promtool .*: good$/gm)?.length === 3, said);
});

test('without promtool nothing is checked, and the script says so', async () => {
  const { code, said } = await checkAlerts({ PATH: '/nowhere' });
  assert.equal(code, 0);
  assert.match(said, /^promtool is absent/);
});
