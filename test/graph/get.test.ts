import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GraphErrorReason } from '../../src/domain/graph.ts';
import { createReadOnlyGraph } from '../../src/graph/client.ts';
import type { GraphObservation } from '../../src/graph/request.ts';
import { doubleEncoded, neededScopes, scopeSentence, singleEncoded } from './error-bodies.ts';
import { graphFailure } from './graph-failure.ts';
import {
  type Answer,
  cutOff,
  hang,
  hangInBody,
  json,
  reset,
  startScriptedGraph,
  status,
  text,
} from './scripted-graph.ts';

const server = await startScriptedGraph();
after(() => server.stop());
const path = '/deviceAppManagement/vppTokens';

const ok = json({ value: [] });

test('asks with the token, an Accept header and a request id of its own', async () => {
  server.script(ok);
  const graph = createReadOnlyGraph(server.options());
  await graph.get(path, { query: { $select: 'id,state', $filter: "isof('a.b')" } });
  await graph.get(path, { version: 'beta' });
  const [first, second] = server.requests;
  assert.equal(first?.url, '/v1.0/deviceAppManagement/vppTokens?$select=id%2Cstate&$filter=isof(%27a.b%27)');
  assert.equal(second?.url, '/beta/deviceAppManagement/vppTokens');
  assert.equal(first?.headers.authorization, 'Bearer token-1');
  assert.equal(first?.headers.accept, 'application/json');
  assert.match(String(first?.headers['client-request-id']), /^[0-9a-f-]{36}$/);
  assert.notEqual(first?.headers['client-request-id'], second?.headers['client-request-id']);
});

test('keeps a base address’s own path', async () => {
  server.script(ok);
  await createReadOnlyGraph(server.options({ baseUrl: `${server.baseUrl}/graph/` })).get(path);
  assert.equal(server.requests[0]?.url, '/graph/v1.0/deviceAppManagement/vppTokens');
});

const final: readonly [string, Answer, GraphErrorReason][] = [
  ['400', json({ error: { code: 'BadRequest', message: 'No.' } }, 400), 'badRequest'],
  ['a double-encoded 403', text(doubleEncoded('An error has occurred'), 403), 'forbidden'],
  ['a single-encoded 403', text(singleEncoded(scopeSentence), 403), 'missingScope'],
  ['404', json({ error: { code: 'ResourceNotFound', message: '' } }, 404), 'notFound'],
  ['409', status(409), 'conflict'],
  ['a redirect', status(302, { location: '/elsewhere' }), 'unreadable'],
  ['HTML with 200', text('<html></html>'), 'unreadable'],
  ['an empty 200', status(200), 'unreadable'],
  ['JSON cut short', text('{"value":[{"id"'), 'unreadable'],
  ['a list where an object belongs', json([]), 'unreadable'],
];
for (const [name, answer, reason] of final) {
  test(`does not ask again after ${name}: ${reason}`, async () => {
    server.script(answer);
    const error = await graphFailure(createReadOnlyGraph(server.options()).get(path));
    assert.equal(error.reason, reason);
    assert.equal(server.requests.length, 1);
    assert.equal(error.clientRequestId, server.requests[0]?.headers['client-request-id']);
  });
}

const repeated: readonly [string, Answer, GraphErrorReason][] = [
  ['429', status(429), 'throttled'],
  ['500', status(500), 'unavailable'],
  ['503', text('<html></html>', 503), 'unavailable'],
  ['504', status(504), 'unavailable'],
  ['a reset', reset, 'unavailable'],
  ['a body broken off', cutOff, 'unreadable'],
  ['no answer in time', hang, 'timedOut'],
  ['a body that does not end in time', hangInBody, 'timedOut'],
];
for (const [name, answer, reason] of repeated) {
  test(`tries three times on ${name}, then gives up: ${reason}`, async () => {
    server.script(answer);
    const error = await graphFailure(createReadOnlyGraph(server.options({ getTimeoutMs: 250 })).get(path));
    assert.equal(error.reason, reason);
    assert.equal(server.requests.length, 3);
    assert.equal(new Set(server.requests.map((request) => request.headers['client-request-id'])).size, 1);
  });

  test(`gets its answer after ${name} twice`, async () => {
    server.script(answer, answer, ok);
    const graph = createReadOnlyGraph(server.options({ getTimeoutMs: 250 }));
    assert.deepEqual(await graph.get(path), { value: [] });
  });
}

test('tells which scopes would do', async () => {
  server.script(text(singleEncoded(scopeSentence), 403));
  const error = await graphFailure(createReadOnlyGraph(server.options()).get(path));
  assert.deepEqual(error.neededScopes, neededScopes);
});

test('says unavailable when nothing listens there', async () => {
  const closed = await startScriptedGraph();
  await closed.stop();
  const error = await graphFailure(createReadOnlyGraph(closed.options()).get(path));
  assert.equal(error.reason, 'unavailable');
  assert.equal(error.code, 'ECONNREFUSED');
  assert.equal(closed.waits.length, 2);
});

test('waits as long as Retry-After says, in seconds or until a date, and backs off on its own without', async () => {
  const date = new Date(server.clock.now + 3000 + 4000).toUTCString();
  server.script(status(429, { 'retry-after': '3' }), status(503, { 'retry-after': date }), ok);
  await createReadOnlyGraph(server.options()).get(path);
  assert.deepEqual(server.waits, [3000, 4000]);
  server.script(status(429), status(429), ok);
  await createReadOnlyGraph(server.options()).get(path);
  assert.deepEqual(server.waits, [1000, 2000]);
});

test('spreads its own waits by a quarter to either side and Retry-After not at all', async () => {
  for (const [random, expected] of [
    [0, [750, 1500]],
    [0.999999, [1250, 2500]],
  ] as const) {
    server.script(status(503), status(503), ok);
    await createReadOnlyGraph(server.options({ random: () => random })).get(path);
    assert.deepEqual(server.waits, expected);
  }
  server.script(status(503, { 'retry-after': '2' }), ok);
  await createReadOnlyGraph(server.options({ random: () => 0 })).get(path);
  assert.deepEqual(server.waits, [2000]);
});

test('never waits past 20 s in all', async () => {
  server.script(status(429, { 'retry-after': '20' }), ok);
  const error = await graphFailure(createReadOnlyGraph(server.options()).get(path));
  assert.equal(error.reason, 'throttled');
  assert.equal(error.retryAfterMs, 20_000);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(server.waits, []);
});

test('counts the time spent on slow answers against the 20 s', async () => {
  const slow: Answer = (response) => {
    server.clock.now += 9500;
    response.writeHead(503);
    response.end();
  };
  server.script(slow);
  await graphFailure(createReadOnlyGraph(server.options()).get(path));
  assert.equal(server.requests.length, 2);
});

test('refuses a body over 8 MB', async () => {
  server.script((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"value":"${'x'.repeat(8 * 1024 * 1024)}"}`);
  });
  const error = await graphFailure(createReadOnlyGraph(server.options()).get(path));
  assert.equal(error.reason, 'unreadable');
  assert.equal(server.requests.length, 1);
});

test('tells metrics the path without ids, and the log neither ids nor tokens nor bodies', async () => {
  const seen: GraphObservation[] = [];
  const lines: string[] = [];
  const write = (fields: object, message: string) => lines.push(JSON.stringify({ ...fields, message }));
  server.script(text('canary-body', 503), reset, ok);
  await createReadOnlyGraph(
    server.options({
      getToken: async () => 'canary-token',
      onRequest: (observation) => seen.push(observation),
      log: { info: write, warn: write },
    }),
  ).get(`${path}/canary-id`);
  const template = '/v1.0/deviceAppManagement/vppTokens/{id}';
  assert.deepEqual(seen, [
    { method: 'GET', path: template, status: 503, ms: 0 },
    { method: 'GET', path: template, ms: 0 },
    { method: 'GET', path: template, status: 200, ms: 0 },
  ]);
  assert.equal(lines.length, 2);
  assert.doesNotMatch(lines.join(), /canary/);
});

test('a read-only graph sends nothing but GET, whatever it is given', async () => {
  server.script(ok);
  const graph = createReadOnlyGraph(server.options());
  assert.deepEqual(Object.keys(graph).sort(), ['get', 'listPages']);
  const forced = { method: 'POST', body: '{}', query: { $top: '1' } };
  await graph.get(path, forced);
  await graph.listPages(path, forced);
  for (const { method, body, headers } of server.requests) {
    assert.equal(method, 'GET');
    assert.equal(body, '');
    assert.equal(headers['x-http-method-override'], undefined);
  }
});
