import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createHttpServer, type HttpLimits } from '../../src/teams/server.ts';
import { startGuardedServer } from './guarded-server.ts';
import { openRaw, type RawConnection, sayRaw } from './raw-http.ts';

/** The bot's own server and guard, with a tenth of a second where production has ten. */
const limits: HttpLimits = { headersMs: 150, requestMs: 300, checkEveryMs: 30 };
/** By then whoever is too slow must have been sent away. */
const patienceMs = 6_000;

const { port, lines } = await startGuardedServer({ limits });
const healthz = 'GET /healthz HTTP/1.1\r\nhost: bot\r\nconnection: close\r\n\r\n';

async function isHealthy(): Promise<void> {
  assert.match(await sayRaw(port, healthz), /^HTTP\/1\.1 200 /);
}

/** Says a character at a time for as long as anybody listens, and fails when that is too long. */
async function drip({ socket, say, closed }: RawConnection, text: string): Promise<void> {
  let at = 0;
  const dripping = setInterval(() => socket.writable && say(text[at++ % text.length] ?? ''), 20);
  const late = setTimeout(() => socket.destroy(new Error('listened to for too long')), patienceMs);
  let error: Error | undefined;
  socket.once('error', (found) => {
    error = found;
  });
  await closed;
  clearInterval(dripping);
  clearTimeout(late);
  assert.notEqual(error?.message, 'listened to for too long');
}

suite('a client is sent away', () => {
  test('that says nothing', async () => {
    const connection = openRaw(port);
    await drip(connection, '');
  });

  test('that says its headers a character at a time (408), while others are answered', async () => {
    const connection = openRaw(port);
    connection.say('POST /api/messages HTTP/1.1\r\nhost: bot\r\n');
    const dripped = drip(connection, 'x: y\r\n');
    await isHealthy();
    await dripped;
    assert.match(connection.heard(), /^HTTP\/1\.1 408 /);
  });

  test('that says its body a character at a time (408), with one line in the log and none of them an error', async () => {
    lines.length = 0;
    const connection = openRaw(port);
    connection.say(
      'POST /api/messages HTTP/1.1\r\nhost: bot\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{',
    );
    const dripped = drip(connection, ' ');
    await isHealthy();
    await dripped;
    assert.match(connection.heard(), /^HTTP\/1\.1 408 /);
    assert.deepEqual(lines, [
      { level: 'info', fields: { status: 400, why: 'body was cut off' }, message: 'an activity was refused' },
    ]);
  });

  test('that sends chunks of one character', async () => {
    const connection = openRaw(port);
    connection.say(
      'POST /api/messages HTTP/1.1\r\nhost: bot\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    await drip(connection, '1\r\n \r\n');
  });

  test('that promises a body to a page that takes none', async () => {
    const connection = openRaw(port);
    connection.say('GET /healthz HTTP/1.1\r\nhost: bot\r\ncontent-length: 9999\r\n\r\n');
    await drip(connection, 'x');
    assert.match(connection.heard(), /^HTTP\/1\.1 200 /);
  });

  test('that asked to upgrade and then says nothing', async () => {
    const connection = openRaw(port);
    connection.say(
      'POST /api/messages HTTP/1.1\r\nhost: bot\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 50\r\n\r\n',
    );
    await drip(connection, '');
  });
});

test('five hundred who say nothing keep nobody from being answered, and are all sent away', async () => {
  const idle = Array.from({ length: 500 }, () => openRaw(port));
  for (let time = 0; time < 5; time += 1) await isHealthy();
  await Promise.all(idle.map((connection) => drip(connection, '')));
  await isHealthy();
});

test('two hundred who are slow in the midst of a message keep nobody from being answered', async () => {
  const slow = Array.from({ length: 200 }, () => openRaw(port));
  for (const { say } of slow) say('POST /api/messages HTTP/1.1\r\nhost: bot\r\ncontent-length: 100\r\n\r\n{');
  for (let time = 0; time < 5; time += 1) await isHealthy();
  await Promise.all(slow.map((connection) => drip(connection, '')));
});

test('a stop does not wait for those who are too slow any longer than for others', { timeout: 20_000 }, async () => {
  const other = await startGuardedServer({ limits: { ...limits, headersMs: 60_000, requestMs: 60_000 } });
  const sayings = [
    '',
    'GET /healthz HTTP/1.1\r\nhost: ',
    'POST /api/messages HTTP/1.1\r\nhost: bot\r\ncontent-length: 9\r\n\r\n{',
  ];
  for (const said of sayings) {
    const { socket, say } = openRaw(other.port);
    await new Promise((resolve) => socket.once('connect', resolve));
    say(said);
  }
  assert.match(await sayRaw(other.port, healthz), /^HTTP\/1\.1 200 /);
  const startedAt = performance.now();
  await other.close();
  assert.ok(performance.now() - startedAt < patienceMs);
});

test('in production headers have 10 s, requests 15 s, and both are checked every second', () => {
  const { server } = createHttpServer();
  const { headersTimeout, requestTimeout, connectionsCheckingInterval } = server as typeof server & {
    readonly connectionsCheckingInterval: number;
  };
  assert.deepEqual([headersTimeout, requestTimeout, connectionsCheckingInterval], [10_000, 15_000, 1_000]);
});
