import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createTraces } from '../../src/telemetry/traces.ts';
import { startCollector } from '../support/otlp-collector.ts';
import { readText } from '../support/source-files.ts';

async function rig() {
  const collector = await startCollector();
  after(collector.stop);
  const traces = await createTraces(collector.url);
  return { ...collector, traces, metrics: traces.trace(createMetrics()) };
}

test('a turn is one trace, with its requests and its sync, those that end after its answer too', async () => {
  const { spans, requests, traces, metrics } = await rig();
  const later = Promise.withResolvers<void>();
  const turn = metrics.startTurn('message');
  const answered = await turn.run(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    metrics.observeEntra({ flow: 'onBehalfOf', outcome: 'ok', ms: 20 });
    metrics.observeGraph({ method: 'GET', path: '/v1.0/deviceAppManagement/vppTokens', status: 200, ms: 120 });
    metrics.observeTeams({ operation: 'post', outcome: 'failed', ms: 30 });
    void later.promise.then(() => metrics.observeSync({ outcome: 'completed', ms: 4_000 }));
    return 'answer';
  });
  turn.end();
  later.resolve();
  await later.promise;
  await traces.stop();

  assert.equal(answered, 'answer');
  const [root = assert.fail()] = spans.filter(({ name }) => name === 'turn');
  assert.deepEqual(
    spans.map(({ name, parentId, isError, attributes }) => [name, parentId, isError, attributes]),
    [
      ['entra token', root.spanId, false, { flow: 'onBehalfOf', outcome: 'ok' }],
      [
        'graph GET',
        root.spanId,
        false,
        {
          'http.request.method': 'GET',
          'url.template': '/v1.0/deviceAppManagement/vppTokens',
          'http.response.status_code': 200,
        },
      ],
      ['teams post', root.spanId, true, { outcome: 'failed' }],
      ['turn', '', false, { kind: 'message' }],
      ['sync', root.spanId, false, { outcome: 'completed' }],
    ],
  );
  assert.deepEqual(new Set(spans.map(({ traceId }) => traceId)), new Set([root.traceId]));
  assert.match(root.traceId, /^(?!0{32})[0-9a-f]{32}$/);
  assert.equal(Math.round(spans.find(({ name }) => name === 'graph GET')?.ms ?? 0), 120);
  assert.deepEqual(new Set(requests.map(({ path }) => path)), new Set(['/v1/traces']));
});

test('turns at the same time are traces of their own, and what belongs to none is not traced', async () => {
  const { spans, traces, metrics } = await rig();
  const observe = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    metrics.observeTeams({ operation: 'edit', outcome: 'ok', ms: 1 });
  };
  const turns = ['message', 'press'].map((kind) => metrics.startTurn(kind as 'message' | 'press'));
  await Promise.all([...turns.map(({ run }) => run(observe)), observe()]);
  for (const turn of turns) turn.end();
  await traces.stop();
  const edits = spans.filter(({ name }) => name === 'teams edit');
  const roots = spans.filter(({ name }) => name === 'turn');
  assert.deepEqual(edits.map(({ parentId }) => parentId).toSorted(), roots.map(({ spanId }) => spanId).toSorted());
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 2);
  assert.match(await metrics.registry.metrics(), /vpp_teams_requests_total\{operation="edit",outcome="ok"\} 3/);
});

test('a collector that is not there holds nothing up', async () => {
  const { url, stop, traces, metrics } = await rig();
  await stop();
  const turn = metrics.startTurn('message');
  await turn.run(async () => metrics.observeTeams({ operation: 'post', outcome: 'ok', ms: 1 }));
  turn.end();
  const from = performance.now();
  await traces.stop();
  assert.ok(performance.now() - from < 3_000, url);
});

test('a collector that takes spans and never answers holds nothing up', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const traces = await createTraces(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const turn = traces.trace(createMetrics()).startTurn('message');
  const from = performance.now();
  turn.end();
  await traces.stop();
  assert.ok(performance.now() - from < 3_000);
});

test('without an endpoint metrics stay as they are, and no package is loaded', async () => {
  const metrics = createMetrics();
  const traces = await createTraces(undefined);
  assert.equal(traces.trace(metrics), metrics);
  await traces.stop();
  const atOnce = readText('src/telemetry/traces.ts').match(/^import (?!type ).*@opentelemetry.*$/gm);
  assert.equal(atOnce, null);
});
