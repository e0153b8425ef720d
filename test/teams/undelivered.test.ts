import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createConnectorClient } from '../../src/teams/connector-client.ts';
import { ConnectorError } from '../../src/teams/connector-error.ts';
import { toUndelivered } from '../../src/teams/undelivered.ts';

const refused = (status: number, code?: string) => new ConnectorError({ reason: 'refused', status, code });
const judged = (error: unknown) => {
  const { isWorthRepeating, mayBeTaken } = toUndelivered(error);
  return { isWorthRepeating, mayBeTaken };
};

for (const [what, errors, isWorthRepeating, mayBeTaken] of [
  [
    'a bot that was removed, blocked or is unknown',
    [
      refused(403, 'BotNotInConversationRoster'),
      refused(403, 'ConversationBlockedByUser'),
      refused(401, 'BotNotRegistered'),
    ],
    false,
    false,
  ],
  [
    'a conversation or message that is gone, and one Teams cannot take',
    [
      refused(404, 'ConversationNotFound'),
      refused(400, 'BadSyntax'),
      refused(413, 'MessageSizeTooBig'),
      new ConnectorError({ reason: 'addressRefused' }),
    ],
    false,
    false,
  ],
  ['too many at once, and a token that ran out', [refused(429), refused(412), refused(401)], true, false],
  ['a service that is away', [refused(500), refused(502), refused(503), refused(504), refused(408)], true, true],
  ['no answer', [new ConnectorError({ reason: 'unreachable', cause: new Error('timeout') })], true, true],
  [
    'a failure before anything was sent',
    [new Error('odd'), new ConnectorError({ reason: 'noToken' }), new ConnectorError({ reason: 'noRoom' })],
    true,
    false,
  ],
] as const) {
  test(`${what}: ${isWorthRepeating ? 'passes' : 'is final'}, ${mayBeTaken ? 'and may' : 'and cannot'} have been taken`, () => {
    for (const error of errors) assert.deepEqual(judged(error), { isWorthRepeating, mayBeTaken }, String(error));
  });
}

test('Teams’ own time and the error itself come along', () => {
  const error = new ConnectorError({ reason: 'refused', status: 429, retryAfterMs: 7000 });
  const undelivered = toUndelivered(error);
  assert.deepEqual([undelivered.retryAfterMs, undelivered.cause, undelivered.message], [7000, error, error.message]);
});

test('a connection that was never made took nothing; one that broke may have', async (t) => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const connector = createConnectorClient({
    findToken: async () => undefined,
    isAllowed: () => true,
    pace: { count: () => undefined, waitForRoom: async () => undefined },
    now: Date.now,
    wait: async () => undefined,
  });
  const send = (at: number) => connector.send(`http://127.0.0.1:${at}`, 'a:1', { type: 'message' }).catch(judged);
  assert.deepEqual(await send(port), { isWorthRepeating: true, mayBeTaken: true });
  const closed = await new Promise<number>((resolve) => {
    const other = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = other.address() as AddressInfo;
      other.close(() => resolve(free));
    });
  });
  assert.deepEqual(await send(closed), { isWorthRepeating: true, mayBeTaken: false });
});
