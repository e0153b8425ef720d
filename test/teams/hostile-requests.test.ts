import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startRehearsal } from '../support/rehearsal.ts';
import { createDoor } from './door.ts';
import { openRaw, sayRaw } from './raw-http.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
const door = createDoor(rehearsal);
const port = Number(new URL(rehearsal.botUrl).port);

const headOf = (first: string, lines: readonly string[] = []) =>
  [`${first} HTTP/1.1`, 'host: bot', 'connection: close', ...lines, '', ''].join('\r\n');
const post = (...lines: readonly string[]) =>
  headOf('POST /api/messages', ['content-type: application/json', 'authorization: Bearer some.bodys.token', ...lines]);

async function isHealthy(): Promise<void> {
  const answer = await sayRaw(port, headOf('GET /healthz'));
  assert.match(answer, /^HTTP\/1\.1 200 .*\{"status":"ok"\}/s);
}

/** Fails unless it is answered at once with one of these, without a word and without saying who answers. */
async function isAnswered(request: string | Buffer, ...statuses: readonly number[]): Promise<void> {
  await headOfAnswer(request, ...statuses);
}

async function headOfAnswer(request: string | Buffer, ...statuses: readonly number[]): Promise<string> {
  const answer = await sayRaw(port, request);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1]);
  assert.ok(statuses.includes(status), `answered ${JSON.stringify(answer.slice(0, 300))}`);
  assert.ok(body === '' || body === '0', `said ${JSON.stringify(body)}`);
  assert.doesNotMatch(head, /^(?:server|x-powered-by):/im);
  await isHealthy();
  return head;
}

suite('an address that is none is refused (400), and the bot goes on', () => {
  for (const host of ['[', 'a b', 'a:b:c', 'a:99999', '%', 'x%00y', '<b>', 'a@b@c:x', 'a/b', 'me@a', 'a\\b', 'a#']) {
    test(`host ${JSON.stringify(host)}`, () =>
      isAnswered(Buffer.from(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`, 'latin1'), 400));
  }
  for (const address of ['http://[x/healthz', 'http://a:b/', '*', 'healthz', 'mailto:x', 'http:///', '?', '\\']) {
    test(`address ${address}`, () => isAnswered(headOf(`GET ${address}`), 400, 404));
  }
  test('a host that brings a path along', async () => {
    for (const host of ['bot/metrics?', 'bot/healthz?', 'bot/healthz#', 'bot/auth/start?']) {
      await isAnswered(`GET /nowhere HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`, 400);
    }
  });
  test('no host at all', () => isAnswered('GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400));
  test('a message to one', async () => {
    const request = post('content-length: 2').replace('host: bot', 'host: [');
    await isAnswered(`${request}{}`, 400);
  });
});

suite('an unknown address is not found (404), whatever it is made of', () => {
  for (const path of [
    '//',
    '///healthz',
    '//evil.example/healthz',
    '/healthz/',
    '/HEALTHZ',
    '/healthz%00',
    '/healthz%20',
    '/%68ealthz%2f',
    '/%',
    '/%zz',
    '/%ff%fe',
    '/%00',
    '/a/../../../etc/passwd',
    '/..%2f..%2fetc',
    '/.env',
    '/api/messages/',
    '/api//messages',
    '/api/messages/..;/x',
    '/auth',
    '/auth/',
    '/auth/start/',
    '/auth/end%0d%0aset-cookie:a=b',
    '/metrics.json',
    '/__proto__',
    '/constructor',
    '/favicon.ico',
    `/${'a'.repeat(8_000)}`,
    `/${'%2e'.repeat(2_000)}`,
    '/;a=b',
    '/x?y=%',
    '/x#y',
  ]) {
    test(path.slice(0, 60), () => isAnswered(headOf(`GET ${path}`), 404));
  }
});

suite('another method is not allowed (405)', () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
    test(`${method} /api/messages`, async () => {
      assert.match(await headOfAnswer(headOf(`${method} /api/messages`), 405), /^allow: POST$/im);
    });
  }
  for (const path of ['/healthz', '/readyz', '/auth/start', '/auth/end']) {
    test(`POST ${path}`, async () => {
      assert.match(await headOfAnswer(headOf(`POST ${path}`, ['content-length: 0']), 405), /^allow: GET$/im);
    });
  }
  for (const path of ['/', '/support', '/privacy', '/terms', '/..', '/../..']) {
    test(`POST ${path}, a page`, async () => {
      assert.match(await headOfAnswer(headOf(`POST ${path}`, ['content-length: 0']), 405), /^allow: GET, HEAD$/im);
    });
  }
  test('one that is none is not read at all (400)', async () => {
    await isAnswered(headOf('SYNC /api/messages'), 400);
    await isAnswered(headOf('get /healthz'), 400);
  });
  test('CONNECT is not answered', async () => {
    assert.equal(await sayRaw(port, headOf('CONNECT evil.example:443')), '');
    await isHealthy();
  });
});

test('a request to upgrade is taken for what it is besides, and its connection is not left open', async () => {
  const lines = ['upgrade: websocket', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version: 13'];
  const asked = (path: string) =>
    `GET ${path} HTTP/1.1\r\nhost: bot\r\nconnection: upgrade, close\r\n${lines.join('\r\n')}\r\n\r\n`;
  assert.match(await sayRaw(port, asked('/healthz')), /^HTTP\/1\.1 200 /);
  await isAnswered(asked('/api/messages'), 405);
  await isAnswered(asked('/api/streaming'), 404);
});

suite('a request that two readers could read differently is refused (400)', () => {
  const requests: Readonly<Record<string, string>> = {
    'with a length and in chunks': `${post('content-length: 5', 'transfer-encoding: chunked')}0\r\n\r\n`,
    'with two lengths': `${post('content-length: 2', 'content-length: 3')}{}`,
    'with a length below nothing': `${post('content-length: -2')}{}`,
    'with a length in words': `${post('content-length: two')}{}`,
    'with a length in two numbers': `${post('content-length: 2, 2')}{}`,
    'with a coding nobody knows': `${post('transfer-encoding: x-chunked')}0\r\n\r\n`,
    'with chunks that are not the last coding': `${post('transfer-encoding: chunked, gzip')}0\r\n\r\n`,
    'with a chunk of a size that is none': `${post('transfer-encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`,
    'with a chunk size of twenty digits': `${post('transfer-encoding: chunked')}${'f'.repeat(20)}\r\n`,
    'with a header on two lines': headOf('GET /healthz', ['x: a', ' b']),
    'with a NUL in a header': headOf('GET /healthz', ['x: a\0b']),
    'with a header without a name': headOf('GET /healthz', [': a']),
    'with a blank before the colon': headOf('GET /healthz', ['content-length : 0']),
    'with line feeds alone': 'GET /healthz HTTP/1.1\nhost: bot\nconnection: close\n\n',
    'with a version nobody knows': 'GET /healthz HTTP/9.9\r\nhost: bot\r\n\r\n',
    'that is no HTTP': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'with a header of many megabytes promised in chunks': `${post('transfer-encoding: chunked')}2;${'x'.repeat(20_000)}\r\n{}\r\n`,
  };
  for (const [name, request] of Object.entries(requests)) test(name, () => isAnswered(request, 400, 413));
});

suite('headers', () => {
  test('over 16 KB are refused (431)', async () => {
    await isAnswered(headOf('GET /healthz', [`x: ${'a'.repeat(20_000)}`]), 431);
    await isAnswered(
      headOf(
        'GET /healthz',
        Array.from({ length: 5_000 }, (_, index) => `x${index}: a`),
      ),
      431,
    );
    await isAnswered(headOf(`GET /auth/end?state=${'a'.repeat(20_000)}`), 431);
  });

  test('of a long query bring nothing along and are answered at once', async () => {
    for (const query of [
      `request=${'a'.repeat(15_000)}`,
      `${'a=b&'.repeat(3_500)}`,
      `request=${'%00'.repeat(4_500)}`,
    ]) {
      const answer = await sayRaw(port, headOf(`GET /auth/start?${query}`));
      assert.match(answer, /^HTTP\/1\.1 404 /);
    }
    const injected = await sayRaw(
      port,
      headOf('GET /auth/end?error=x%0d%0aset-cookie:%20a=b&state=%0d%0a%0d%0a<script>'),
    );
    assert.match(injected, /^HTTP\/1\.1 400 /);
    assert.doesNotMatch(injected, /^set-cookie/im);
  });

  test('that expect something are met (100) or not (417); what is too large is still refused', async () => {
    const large = await sayRaw(port, post('expect: 100-continue', 'content-length: 999999'));
    assert.match(large, /HTTP\/1\.1 413 /);
    await isAnswered(`${post('expect: tea', 'content-length: 2')}{}`, 417);
  });

  test('that name a packed body do not unpack it', () =>
    isAnswered(`${post('content-encoding: gzip', 'content-length: 4')}\x1f\x8b\x08\x00`, 400));
});

suite('a body', () => {
  test('of more bytes than announced is read as far as announced; the rest is no request', async () => {
    const answer = await sayRaw(port, `${post('content-length: 2')}{}{"type":"message"}`);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
    await isHealthy();
  });

  test('that goes on after it was refused is not listened to', async () => {
    const connection = openRaw(port);
    connection.say(post('transfer-encoding: chunked'));
    const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`;
    const going = setInterval(() => connection.socket.writable && connection.say(chunk), 1);
    await connection.closed;
    clearInterval(going);
    assert.match(connection.heard(), /^HTTP\/1\.1 413 /);
    await isHealthy();
  });

  test('whose sender hangs up in the midst of it is forgotten', async () => {
    const connection = openRaw(port);
    connection.say(`${post('content-length: 100')}{"type":`);
    connection.socket.end();
    await connection.closed;
    await isHealthy();
    await door.isAnswered(door.message());
  });
});

suite('requests sent ahead', () => {
  test('are answered in their order', async () => {
    const paths = ['/healthz', '/nowhere', '/privacy', '/healthz', '/auth/start'];
    const ahead = Array.from({ length: 20 }, () =>
      paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: bot\r\n\r\n`).join(''),
    ).join('');
    const answer = await sayRaw(port, `${ahead}${headOf('GET /healthz')}`);
    const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status]) => Number(status));
    assert.deepEqual(statuses, [...Array.from({ length: 20 }, () => [200, 404, 200, 200, 404]).flat(), 200]);
  });

  test('behind one that is refused are not carried out', async () => {
    const refused = post('content-length: 2').replace('connection: close\r\n', '');
    const answer = await sayRaw(port, `${refused}{}${headOf('GET /healthz')}`);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.doesNotMatch(answer, /"status":"ok"/);
  });
});
