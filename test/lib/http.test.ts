import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import { callHttp } from '../../src/lib/http.ts';

const stops: (() => void)[] = [];
after(() => {
  for (const stop of stops) stop();
});

/** A server that does with each request's connection what it is given. Resolves to its address. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => answer(socket, data.toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const body = '{"id":"1"}';
const whole = `HTTP/1.1 201 Created\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const begun = 'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"i\r\n';

const post = (address: string, timeoutMs = 5_000) =>
  callHttp(address, { method: 'POST', headers: {}, body: '{}', signal: AbortSignal.timeout(timeoutMs) });

async function postTo(answer: (socket: Socket, request: string) => void, timeoutMs?: number) {
  const { status, text } = await post(await serve(answer), timeoutMs);
  return [status, text];
}

suite('an HTTP call', () => {
  test('reads an address as a URL, whatever letters its scheme has', async () => {
    const address = await serve((socket) => socket.write(whole));
    assert.equal((await post(address.replace('http:', 'HTTP:'))).status, 201);
    await assert.rejects(post('HTTPS://127.0.0.1:9/'), { code: 'ECONNREFUSED' });
  });

  test('takes a new connection when the other side has closed the one before', async () => {
    for (const closeMs of [undefined, 0, 1]) {
      const address = await serve((socket) => {
        if (closeMs === undefined) socket.end(whole);
        else socket.write(whole, () => setTimeout(() => socket.end(), closeMs));
      });
      for (let count = 0; count < 50; count += 1) {
        if (count > 0 && closeMs !== undefined) await new Promise((resolve) => setTimeout(resolve, closeMs + 3));
        assert.equal((await post(address)).text, body);
      }
    }
  });

  test('keeps the status of an answer whose body is cut off in any way', async () => {
    const cuts: Readonly<Record<string, (socket: Socket) => void>> = {
      ended: (socket) => socket.end(),
      reset: (socket) => socket.resetAndDestroy(),
      garbled: (socket) => socket.write('no number\r\n'),
      silent: () => undefined,
    };
    for (const [name, cut] of Object.entries(cuts)) {
      const answered = await postTo((socket) => socket.write(begun, () => setTimeout(() => cut(socket), 20)), 500);
      assert.deepEqual(answered, [201, ''], name);
    }
  });

  test('keeps the status, and no endless body', async () => {
    const part = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const answered = await postTo((socket) => {
      const go = () => {
        while (!socket.destroyed && socket.write(part));
      };
      socket.on('drain', go);
      socket.write(begun, go);
    });
    assert.deepEqual(answered, [201, '']);
  });

  test('asks for no packed answer, and reads one that begins with a byte order mark', async () => {
    let asked = '';
    const answered = await postTo((socket, request) => {
      asked = request;
      socket.end(
        `HTTP/1.1 100 Continue\r\n\r\n${whole.replace('content-length: 10', 'content-length: 13').replace('{', '\uFEFF{')}`,
      );
    });
    assert.deepEqual(answered, [201, body]);
    assert.match(asked, /^accept-encoding: identity\r$/im);
  });

  test('rejects without an answer: nobody listens, no HTTP, another protocol, silence', async () => {
    await assert.rejects(post('http://127.0.0.1:1/'), { code: 'ECONNREFUSED' });
    await assert.rejects(postTo((socket) => socket.end('hello\r\n')));
    await assert.rejects(postTo((socket) => socket.destroy()));
    await assert.rejects(postTo(() => undefined, 300));
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n';
    await assert.rejects(postTo((socket) => socket.write(upgrade)));
  });
});
