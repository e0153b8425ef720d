import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startRehearsal } from '../rehearsal.ts';
import { type Changes, createDoor } from './door.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
const { sandbox } = rehearsal;
sandbox.connector.setRateLimits(false);
const door = createDoor(rehearsal);

/** Sends it and fails when the bot says anything in Teams, or asks Entra or Graph. */
async function isTakenQuietly(changes: Changes, status = 200) {
  const asked = () => [sandbox.connector, sandbox.entra, sandbox.graph].map(({ requests }) => requests.length);
  const before = asked();
  const outcome = await door.send(door.message(changes));
  assert.equal(outcome.status, status, JSON.stringify(outcome));
  await sandbox.client.idle();
  assert.deepEqual(asked(), before);
  return outcome;
}

suite('an activity of another kind is taken (200) and has no effect:', () => {
  for (const type of [
    'messageReaction',
    'messageDelete',
    'typing',
    'event',
    'endOfConversation',
    'handoff',
    'trace',
    'command',
    'commandResult',
    'invokeResponse',
    'delay',
    'contactRelationUpdate',
    'deleteUserData',
    'suggestion',
    'nobody/knows',
    'Message',
    'MESSAGE',
    'Invoke',
    'ConversationUpdate',
    '__proto__',
    'constructor',
  ]) {
    test(type, async () => {
      await isTakenQuietly({ type });
    });
  }

  test('a message that is edited', async () => {
    await isTakenQuietly({ type: 'messageUpdate', text: 'sync vpp contoso' });
  });
});

suite('an invoke', () => {
  for (const name of [
    'task/fetch',
    'composeExtension/query',
    'fileConsent/invoke',
    'adaptiveCard/Action',
    'toString',
    '',
  ]) {
    test(`that nobody knows (${name || 'without a name'}) is answered 501`, async () => {
      const { body } = await isTakenQuietly({ type: 'invoke', name, value: {} }, 501);
      assert.equal(body, '');
    });
  }

  for (const value of [
    undefined,
    null,
    5,
    'x',
    [],
    {},
    { action: null },
    { action: { verb: 5, data: {} } },
    { action: { verb: 'sync/now' } },
  ]) {
    test(`to press ${JSON.stringify(value)} is a bad request, told within a 200`, async () => {
      const { body } = await isTakenQuietly({ type: 'invoke', name: 'adaptiveCard/action', value });
      const { statusCode, type } = body as { statusCode: number; type: string };
      assert.deepEqual([statusCode, type], [400, 'application/vnd.microsoft.error']);
    });
  }

  test('to press what nobody stored is answered with a message', async () => {
    for (const verb of ['sync/now', 'nobody/knows', '__proto__']) {
      const value = { action: { type: 'Action.Execute', verb, data: { id: 'unknown' } }, trigger: 'manual' };
      const { body } = await isTakenQuietly({ type: 'invoke', name: 'adaptiveCard/action', value });
      const { statusCode, type } = body as { statusCode: number; type: string };
      assert.deepEqual([statusCode, type], [200, 'application/vnd.microsoft.activity.message'], verb);
    }
  });

  for (const value of [
    undefined,
    null,
    5,
    [],
    {},
    { id: 5, token: {} },
    { id: 'unknown', token: 'canary', connectionName: 'x' },
  ]) {
    test(`to exchange ${JSON.stringify(value)} is answered 200 without effect`, async () => {
      await isTakenQuietly({ type: 'invoke', name: 'signin/tokenExchange', value });
    });
  }

  for (const value of [undefined, null, 5, {}, { code: {} }, { code: 'resourcematchfailed', message: 'x' }]) {
    test(`that sign-in failed (${JSON.stringify(value)}), when none is open, is answered 200 without effect`, async () => {
      await isTakenQuietly({ type: 'invoke', name: 'signin/failure', value });
    });
  }

  for (const value of [undefined, null, 5, {}, { state: {} }, { state: 'nobodys' }]) {
    test(`with the sign-in code ${JSON.stringify(value)} is answered 200, and the person told that it is not accepted`, async () => {
      const before = rehearsal.answers(door.chat).length;
      const { status } = await door.send(door.message({ type: 'invoke', name: 'signin/verifyState', value }));
      assert.equal(status, 200);
      const isTold = () => rehearsal.answers(door.chat).length > before;
      await sandbox.client.waitFor(isTold, 5_000, 'a word about the code');
      assert.equal(sandbox.entra.requests.length, 0);
    });
  }

  test('of nobody in particular acts for nobody', async () => {
    const { body } = await isTakenQuietly({
      type: 'invoke',
      name: 'adaptiveCard/action',
      from: { id: '29:x' },
      value: {},
    });
    assert.deepEqual(body, {});
  });
});

test('other methods and other addresses do nothing', async () => {
  const { botUrl } = rehearsal;
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const { status } = await fetch(`${botUrl}/api/messages`, { method });
    assert.ok(status === 404 || status === 405, `${method} ${status}`);
  }
  for (const path of ['/', '/api', '/api/messages/x', '/api/notify', '/auth', '/.env', '/../package.json']) {
    const response = await fetch(`${botUrl}${path}`, { method: 'POST', body: '{}' });
    const text = await response.text();
    assert.ok(response.status === 404 || response.status === 405, `${path} ${response.status}`);
    assert.doesNotMatch(text, /node_modules|at \w+ \(|src\//);
  }
  assert.equal((await fetch(`${botUrl}/healthz`)).status, 200);
});
