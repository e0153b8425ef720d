import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { GraphErrorReason } from '../../src/domain/graph.ts';
import { createDelegatedGraph, createReadOnlyGraph } from '../../src/graph/client.ts';
import type { GraphObservation } from '../../src/graph/request.ts';
import { wait } from '../../src/lib/async.ts';
import { doubleEncoded, neededScopes, scopeSentence, singleEncoded } from '../support/error-bodies.ts';
import { createLines } from '../support/runtime.ts';
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

suite('get', async () => {
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

  test('names the scopes that would do', async () => {
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

  test('gives metrics the path without ids, and the log neither ids nor tokens nor bodies', async () => {
    const seen: GraphObservation[] = [];
    const lines: string[] = [];
    const write = (fields: object, message: string) => lines.push(JSON.stringify({ ...fields, message }));
    server.script(text('canary-body', 503), reset, ok);
    await createReadOnlyGraph(
      server.options({
        getToken: async () => 'canary-token',
        onRequest: (observation) => seen.push(observation),
        log: { ...createLines().log, warn: write },
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
});

suite('post', async () => {
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

  test('reports each sending, and when it has an answer', async () => {
    server.script(status(401), json({ id: 't-1' }));
    const reported: string[] = [];
    const onSent = (outcome: Promise<unknown>) => {
      reported.push('sent');
      void outcome.then(() => reported.push('answered'));
    };
    await createDelegatedGraph(server.options({ postTimeoutMs: 300 })).post(path, { onSent });
    assert.deepEqual(reported, ['sent', 'answered', 'sent', 'answered']);
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

  test('gives up at once when asked to wait over 30 s, and says how long', async () => {
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

  test('is reported to metrics without the id', async () => {
    const seen: unknown[] = [];
    server.script(reset);
    await graphFailure(post({ onRequest: (observation) => seen.push(observation) }));
    assert.deepEqual(seen, [{ method: 'POST', path: '/v1.0/deviceAppManagement/vppTokens/{id}/syncLicenses', ms: 0 }]);
  });
});

suite('get token and abort', async () => {
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

  test('refuses a malformed token, without quoting it', async () => {
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
    await assert.rejects(
      createReadOnlyGraph(server.options({ wait })).get(path, { signal: waiting.signal }),
      RangeError,
    );

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
    const stop = new AbortController();
    const warn = () => setImmediate(() => stop.abort(new RangeError('stop')));
    const realTime = server.options({ wait, log: { ...createLines().log, warn: () => void warn() } });
    const asked = createReadOnlyGraph(realTime).get(path, { signal: stop.signal });
    await assert.rejects(asked, RangeError);
  });
});
