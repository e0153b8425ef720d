import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type { StandIn } from '../../sandbox/contract.ts';
import { startServer } from '../../sandbox/server.ts';

const echo = (prefix: string): StandIn => ({
  prefix,
  async handle(_request, response, url) {
    response.end(`${prefix} ${url.pathname}${url.search}`);
  },
});

test('each stand-in gets what is below its prefix, and the rest is 404', async (t) => {
  const server = await startServer([echo('/one'), echo('/two')]);
  t.after(() => server.stop());
  const read = async (path: string) => (await fetch(server.baseUrl + path)).text();
  assert.match(server.baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await read('/one/a/b?c=d'), '/one /a/b?c=d');
  assert.equal(await read('/two'), '/two /');
  assert.equal((await fetch(`${server.baseUrl}/oneself`)).status, 404);
  assert.equal((await fetch(server.baseUrl)).status, 404);
});

test('a request under another host name is refused', async (t) => {
  const server = await startServer([echo('/one')]);
  t.after(() => server.stop());
  const status = await new Promise((resolve, reject) => {
    const options = { headers: { host: 'rebound.example.com' } };
    const asked = request(`${server.baseUrl}/one`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
  assert.equal(status, 421);
});

test('a fault of a stand-in is a 500, and a taken port is an error', async (t) => {
  const broken: StandIn = { prefix: '/broken', handle: () => Promise.reject(new Error('out of order')) };
  const server = await startServer([broken]);
  t.after(() => server.stop());
  const response = await fetch(`${server.baseUrl}/broken`);
  assert.equal(response.status, 500);
  assert.match(await response.text(), /out of order/);
  await assert.rejects(startServer([], { port: Number(new URL(server.baseUrl).port) }), { code: 'EADDRINUSE' });
});

test('stopping ends the stand-ins and cuts connections that wait', async () => {
  const stopped: string[] = [];
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const waiting: StandIn = {
    prefix: '/waiting',
    handle: async () => arrive(),
    stop: async () => void stopped.push('waiting'),
  };
  const server = await startServer([waiting]);
  const refused = assert.rejects(fetch(`${server.baseUrl}/waiting`));
  await arrived;
  await server.stop();
  await refused;
  assert.deepEqual(stopped, ['waiting']);
  await assert.rejects(fetch(`${server.baseUrl}/waiting`));
});
