import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createReadOnlyGraph } from '../../src/graph/client.ts';
import { graphFailure } from './graph-failure.ts';
import { hang, json, startScriptedGraph, status } from './scripted-graph.ts';

const server = await startScriptedGraph();
after(() => server.stop());
const path = '/deviceAppManagement/vppTokens';
const ok = json({ value: [] });

test('gets a new token once after a 401, and takes the second 401 for an answer', async () => {
  const asked: unknown[] = [];
  const getToken = async (request?: { readonly renew: true }) => {
    asked.push(request);
    return request?.renew ? 'token-2' : 'token-1';
  };
  server.script(status(401), ok);
  await createReadOnlyGraph(server.options({ getToken })).get(path);
  assert.deepEqual(asked, [undefined, { renew: true }]);
  assert.deepEqual(
    server.requests.map((request) => request.headers.authorization),
    ['Bearer token-1', 'Bearer token-2'],
  );
  server.script(status(401));
  const error = await graphFailure(createReadOnlyGraph(server.options({ getToken })).get(path));
  assert.equal(error.reason, 'tokenRejected');
  assert.equal(server.requests.length, 2);
});

test('hands a claims challenge to the caller at once', async () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const challenge = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
  server.script(status(401, { 'www-authenticate': challenge }));
  const error = await graphFailure(createReadOnlyGraph(server.options()).get(path));
  assert.equal(error.reason, 'claimsChallenge');
  assert.equal(error.claims, claims);
  assert.equal(server.requests.length, 1);
});

test('passes on what getToken throws and asks nothing', async () => {
  server.script(ok);
  const getToken = () => Promise.reject(new RangeError('no session'));
  await assert.rejects(createReadOnlyGraph(server.options({ getToken })).get(path), RangeError);
  assert.equal(server.requests.length, 0);
});

test('refuses a token that is none, without quoting it', async () => {
  server.script(ok);
  for (const token of ['', 'canary\nsecret', 'canary secret']) {
    const error = await graphFailure(createReadOnlyGraph(server.options({ getToken: async () => token })).get(path));
    assert.equal(error.reason, 'tokenRejected');
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /canary/);
  }
  assert.equal(server.requests.length, 0);
});

test('stops with the caller’s reason: before sending, in flight, in a wait, and while a token is awaited', async () => {
  server.script(hang);
  let tokensAsked = 0;
  const getFirstToken = async () => `token-${++tokensAsked}`;
  const graph = createReadOnlyGraph(server.options({ getToken: getFirstToken }));
  await assert.rejects(graph.get(path, { signal: AbortSignal.abort(new RangeError('stop')) }), RangeError);
  assert.equal(server.requests.length, 0);
  assert.equal(tokensAsked, 0);

  const inFlight = new AbortController();
  server.script(() => inFlight.abort(new RangeError('stop')));
  await assert.rejects(graph.get(path, { signal: inFlight.signal }), RangeError);
  assert.equal(server.requests.length, 1);

  const waiting = new AbortController();
  server.script(status(503));
  const wait = () => {
    waiting.abort(new RangeError('stop'));
    return new Promise<void>(() => {});
  };
  await assert.rejects(createReadOnlyGraph(server.options({ wait })).get(path, { signal: waiting.signal }), RangeError);

  const asking = new AbortController();
  const getToken = () => {
    queueMicrotask(() => asking.abort(new RangeError('stop')));
    return new Promise<string>(() => {});
  };
  const asked = createReadOnlyGraph(server.options({ getToken })).get(path, { signal: asking.signal });
  await assert.rejects(asked, RangeError);
});

test('stops at once in real time too', async () => {
  server.script(status(503, { 'retry-after': '15' }));
  const { wait: _wait, ...realTime } = server.options();
  const stop = new AbortController();
  const asked = createReadOnlyGraph({
    ...realTime,
    log: { info() {}, warn: () => setImmediate(() => stop.abort(new RangeError('stop'))) },
  }).get(path, { signal: stop.signal });
  await assert.rejects(asked, RangeError);
});
