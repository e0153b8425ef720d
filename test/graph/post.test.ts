import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GraphErrorReason } from '../../src/domain/graph.ts';
import { createDelegatedGraph } from '../../src/graph/client.ts';
import { doubleEncoded, scopeSentence, singleEncoded } from './error-bodies.ts';
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
const path = '/deviceAppManagement/vppTokens/t-1/syncLicenses';
const post = (more: Parameters<typeof server.options>[0] = {}) =>
  createDelegatedGraph(server.options({ postTimeoutMs: 300, ...more })).post(path);

test('sends no body and says so', async () => {
  server.script(json({ id: 't-1' }));
  assert.deepEqual(await post(), { id: 't-1' });
  const [request] = server.requests;
  assert.equal(request?.method, 'POST');
  assert.equal(request?.url, `/v1.0${path}`);
  assert.equal(request?.body, '');
  assert.equal(request?.headers['content-length'], '0');
  assert.equal(request?.headers['content-type'], undefined);
  assert.equal(request?.headers['transfer-encoding'], undefined);
  assert.equal(request?.headers.authorization, 'Bearer token-1');
});

test('tells each time it is sent, and when that has an answer', async () => {
  server.script(status(401), json({ id: 't-1' }));
  const told: string[] = [];
  const onSent = (outcome: Promise<unknown>) => {
    told.push('sent');
    void outcome.then(() => told.push('answered'));
  };
  await createDelegatedGraph(server.options({ postTimeoutMs: 300 })).post(path, { onSent });
  assert.deepEqual(told, ['sent', 'answered', 'sent', 'answered']);
});

const succeeded: readonly [string, Answer][] = [
  ['204', status(204)],
  ['an empty 200', status(200)],
  ['HTML with 200', text('<html></html>')],
  ['JSON cut short', text('{"value":{"id"')],
  ['a body broken off', cutOff],
  ['a body that does not end in time', hangInBody],
];
for (const [name, answer] of succeeded) {
  test(`takes ${name} for success, once`, async () => {
    server.script(answer);
    assert.equal(await post(), undefined);
    assert.equal(server.requests.length, 1);
  });
}

const once: readonly [string, Answer, GraphErrorReason][] = [
  ['400', status(400), 'badRequest'],
  ['a double-encoded 403', text(doubleEncoded('An error has occurred'), 403), 'forbidden'],
  ['a single-encoded 403', text(singleEncoded(scopeSentence), 403), 'missingScope'],
  ['404', status(404), 'notFound'],
  ['409', status(409), 'conflict'],
  ['500', status(500), 'mayHaveStarted'],
  ['502', text('<html></html>', 502), 'mayHaveStarted'],
  ['503 with Retry-After', status(503, { 'retry-after': '1' }), 'mayHaveStarted'],
  ['504', json({ error: { code: 'UnknownError', message: '' } }, 504), 'mayHaveStarted'],
  ['408', status(408), 'mayHaveStarted'],
  ['a redirect', status(303, { location: '/elsewhere' }), 'mayHaveStarted'],
  ['a reset', reset, 'mayHaveStarted'],
  ['no answer in time', hang, 'mayHaveStarted'],
];
for (const [name, answer, reason] of once) {
  test(`is never sent again after ${name}: ${reason}`, async () => {
    server.script(answer);
    const error = await graphFailure(post());
    assert.equal(error.reason, reason);
    assert.equal(server.requests.length, 1);
    assert.equal(error.clientRequestId, server.requests[0]?.headers['client-request-id']);
  });
}

test('says unavailable, not mayHaveStarted, when no connection was made', async () => {
  const closed = await startScriptedGraph();
  await closed.stop();
  const error = await graphFailure(createDelegatedGraph(closed.options()).post(path));
  assert.equal(error.reason, 'unavailable');
  assert.equal(error.code, 'ECONNREFUSED');
  assert.deepEqual(closed.waits, []);
  const named = server.options({ baseUrl: 'https://graph.invalid' });
  const unknownHost = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } });
  const noName = await graphFailure(
    createDelegatedGraph({ ...named, fetch: () => Promise.reject(unknownHost) }).post(path),
  );
  assert.equal(noName.reason, 'unavailable');
});

test('is sent four times at most on 429, backing off 2, 4 and 8 s within a quarter', async () => {
  for (const [random, expected] of [
    [0, [1500, 3000, 6000]],
    [0.5, [2000, 4000, 8000]],
    [0.999999, [2500, 5000, 10_000]],
  ] as const) {
    server.script(status(429));
    const error = await graphFailure(post({ random: () => random }));
    assert.equal(error.reason, 'throttled');
    assert.equal(server.requests.length, 4);
    assert.deepEqual(server.waits, expected);
  }
});

test('goes through after a 429 that names seconds and one that names a date', async () => {
  const date = new Date(server.clock.now + 30_000 + 5000).toUTCString();
  server.script(status(429, { 'retry-after': '30' }), status(429, { 'retry-after': date }), json({ id: 't-1' }));
  assert.deepEqual(await post({ random: () => 0 }), { id: 't-1' });
  assert.deepEqual(server.waits, [30_000, 5000]);
});

test('gives up at once when told to wait over 30 s, and says how long', async () => {
  for (const value of ['31', new Date(server.clock.now + 31_000).toUTCString()]) {
    server.script(status(429, { 'retry-after': value }));
    const error = await graphFailure(post());
    assert.equal(error.reason, 'throttled');
    assert.equal(error.retryAfterMs, 31_000);
    assert.equal(server.requests.length, 1);
    assert.deepEqual(server.waits, []);
  }
});

test('is sent once more after a 401 with a new token, for a 401 did nothing', async () => {
  const getToken = async (request?: { readonly renew: true }) => (request?.renew ? 'token-2' : 'token-1');
  server.script(status(401), json({ id: 't-1' }));
  assert.deepEqual(await post({ getToken }), { id: 't-1' });
  assert.equal(server.requests[1]?.headers.authorization, 'Bearer token-2');
  server.script(status(401));
  assert.equal((await graphFailure(post({ getToken }))).reason, 'tokenRejected');
  assert.equal(server.requests.length, 2);
});

test('hands a claims challenge to the caller at once', async () => {
  const challenge = `Bearer claims="${Buffer.from('{"access_token":{}}').toString('base64')}"`;
  server.script(status(401, { 'www-authenticate': challenge }));
  assert.equal((await graphFailure(post())).reason, 'claimsChallenge');
  assert.equal(server.requests.length, 1);
});

test('an abort in flight leaves the outcome open; one before sending or in a wait does not', async () => {
  const graph = createDelegatedGraph(server.options());
  const inFlight = new AbortController();
  server.script(() => inFlight.abort(new RangeError('stop')));
  assert.equal((await graphFailure(graph.post(path, { signal: inFlight.signal }))).reason, 'mayHaveStarted');

  server.script(json({}));
  await assert.rejects(graph.post(path, { signal: AbortSignal.abort(new RangeError('stop')) }), RangeError);
  assert.equal(server.requests.length, 0);

  const waiting = new AbortController();
  server.script(status(429));
  const wait = async () => waiting.abort(new RangeError('stop'));
  const asked = createDelegatedGraph(server.options({ wait })).post(path, { signal: waiting.signal });
  await assert.rejects(asked, RangeError);
  assert.equal(server.requests.length, 1);
});

test('is told to metrics without the id', async () => {
  const seen: unknown[] = [];
  server.script(reset);
  await graphFailure(post({ onRequest: (observation) => seen.push(observation) }));
  assert.deepEqual(seen, [{ method: 'POST', path: '/v1.0/deviceAppManagement/vppTokens/{id}/syncLicenses', ms: 0 }]);
});
