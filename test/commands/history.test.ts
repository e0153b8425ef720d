import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHistoryCommand } from '../../src/commands/history.ts';
import { settle } from '../support/clock.ts';
import { personOf, tokenOf } from '../support/turns.ts';
import { startCommandRig } from './command-rig.ts';

test('one history is read at a time for each person: a second waits its turn, and others do not', async (t) => {
  const rig = await startCommandRig(t);
  rig.tenant.tokens = [tokenOf('a')];
  const reading: (() => void)[] = [];
  const { stores } = rig.services;
  const history: typeof stores.history = {
    async list() {
      await new Promise<void>((resolve) => reading.push(resolve));
      return { attempts: [], total: 0 };
    },
  };
  const command = createHistoryCommand({ ...rig.services, stores: { ...stores, history } });
  const asked = [rig.ask(command), rig.ask(command), rig.ask(command, '', { person: personOf('elif') })];
  await settle();
  assert.equal(reading.length, 2, 'Ada’s first and Elif’s');
  reading[0]?.();
  await asked[0];
  await settle();
  assert.equal(reading.length, 3);
  for (const end of reading) end();
  for (const reply of await Promise.all(asked)) assert.equal(reply.kind, 'card');
});
