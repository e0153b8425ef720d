import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCardActionInvokes } from '../../src/teams/invokes.ts';
import { turnOf } from '../dialogs/turns.ts';

for (const [trigger, read] of [
  [undefined, 'manual'],
  ['manual', 'manual'],
  ['automatic', 'automatic'],
  ['Manual', 'Manual'],
  [null, 'unreadable'],
  [true, 'unreadable'],
  [['manual'], 'unreadable'],
  [{ toString: 1, valueOf: 1 }, 'unreadable'],
] as const) {
  test(`a press whose trigger is ${JSON.stringify(trigger)} is taken for ${read === 'manual' ? '' : 'no '}press by hand`, async () => {
    const triggers: string[] = [];
    const answer = createCardActionInvokes({
      async press(_, press) {
        triggers.push(press.trigger);
        return { kind: 'message', text: 'told' };
      },
      continuePress: () => assert.fail('no Continue was pressed'),
      deliver: () => assert.fail('nothing is to be shown'),
      addresses: { idUri: 'api://bot', publicUrl: 'https://bot.example.com' },
    });
    const action = { type: 'Action.Execute', verb: 'sync/start', data: { id: 'record' } };
    await answer(turnOf(), { action, ...(trigger !== undefined && { trigger }) });
    assert.deepEqual(triggers, [read]);
  });
}
