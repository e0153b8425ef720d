import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SendingError } from '../../src/domain/turn.ts';
import { ConnectorError, type ConnectorErrorParts, createConnectorClient } from '../../src/teams/connector.ts';

const refused = (status: number, code?: string): ConnectorErrorParts => ({ reason: 'refused', status, code });
const faultOf = (parts: ConnectorErrorParts) => new ConnectorError(parts).fault;

test('what passes by itself: throttling, Teams’ own trouble, no answer, no token, no room, a tenant left out', () => {
  for (const status of [408, 412, 429, 500, 502, 503, 504]) assert.equal(faultOf(refused(status, 'X')), 'passing');
  for (const reason of ['unreachable', 'noToken', 'noRoom', 'tenantRefused'] as const)
    assert.equal(faultOf({ reason }), 'passing');
});

test('a 401 is the bot’s own trouble unless Teams does not know the bot', () => {
  assert.equal(faultOf(refused(401)), 'passing');
  assert.equal(faultOf(refused(401, 'Unauthorized')), 'passing');
  assert.equal(faultOf(refused(401, 'BotNotRegistered')), 'closed');
});

test('what ends a conversation for the bot until something changes there', () => {
  for (const code of [
    ...['BotNotInConversationRoster', 'ConversationBlockedByUser', 'BotDisabledByAdmin', 'NotEnoughPermissions'],
    ...['ForbiddenOperationException', 'InvalidBotApiHost', 'MessageWritesBlocked', 'SomethingNew'],
  ])
    assert.equal(faultOf(refused(403, code)), 'closed', code);
  assert.equal(faultOf(refused(404, 'ConversationNotFound')), 'closed');
  assert.equal(faultOf({ reason: 'addressRefused' }), 'closed');
});

test('a message that is gone is not a conversation that is gone', () => {
  for (const code of ['ActivityNotFoundInConversation', 'MessageNotFound', 'ActivityNotFound'])
    assert.equal(faultOf(refused(404, code)), 'messageGone');
});

test('all else is refused for good', () => {
  for (const status of [400, 404, 405, 409, 413]) assert.equal(faultOf(refused(status, 'X')), 'refused');
});

test('says what went wrong in Teams’ own word, or by status, or by reason', () => {
  assert.equal(new ConnectorError(refused(403, 'BotDisabledByAdmin')).code, 'BotDisabledByAdmin');
  assert.equal(new ConnectorError(refused(502)).code, '502');
  assert.equal(new ConnectorError({ reason: 'unreachable' }).code, 'unreachable');
  const cause = new Error('reset');
  const error = new ConnectorError({ reason: 'refused', status: 429, retryAfterMs: 5, cause });
  assert.ok(error instanceof SendingError);
  assert.deepEqual([error.retryAfterMs, error.cause, error.name], [5, cause, 'ConnectorError']);
});

test('what Teams broke off over, or did not answer, may have been taken; what it refused, or never got, was not', () => {
  const mayBeTaken = (parts: ConnectorErrorParts) => new ConnectorError(parts).mayBeTaken;
  for (const status of [408, 500, 502, 503, 504]) assert.equal(mayBeTaken(refused(status)), true, String(status));
  assert.equal(mayBeTaken({ reason: 'unreachable', cause: new Error('timeout') }), true);
  for (const status of [400, 401, 403, 404, 412, 413, 429])
    assert.equal(mayBeTaken(refused(status)), false, String(status));
  for (const reason of ['addressRefused', 'tenantRefused', 'noToken', 'noRoom'] as const)
    assert.equal(mayBeTaken({ reason }), false);
});

test('a connection that was never made took nothing; one that broke may have', async (t) => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const connector = createConnectorClient({
    findToken: async () => undefined,
    isAllowed: () => true,
    isServed: () => true,
    pace: { count: () => undefined, waitForRoom: async () => undefined },
    now: Date.now,
    wait: async () => undefined,
  });
  const send = (at: number) => connector.send(`http://127.0.0.1:${at}`, 'a:1', { type: 'message' });
  await assert.rejects(send(port), { fault: 'passing', mayBeTaken: true });
  const closed = await new Promise<number>((resolve) => {
    const other = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = other.address() as AddressInfo;
      other.close(() => resolve(free));
    });
  });
  await assert.rejects(send(closed), { fault: 'passing', mayBeTaken: false });
});
