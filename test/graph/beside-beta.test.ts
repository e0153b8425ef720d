import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createReadOnlyGraph } from '../../src/graph/client.ts';
import { readWithBeta } from '../../src/graph/vpp.ts';
import { hang, json, startScriptedGraph } from './scripted-graph.ts';

const server = await startScriptedGraph();
after(() => server.stop());
const graph = createReadOnlyGraph(server.options());

test('does not wait for a beta that does not answer', async () => {
  server.script((response, request) => (request.url.startsWith('/beta/') ? hang : json({ a: 1 }))(response, request));
  const answers = await readWithBeta(
    () => graph.get('/x'),
    (signal) => graph.get('/x', { version: 'beta', signal }),
    20,
  );
  assert.deepEqual(answers, [{ a: 1 }, undefined]);
});

test('does not ask beta unless told', async () => {
  server.script(json({ a: 1 }));
  assert.deepEqual(await readWithBeta(() => graph.get('/x'), undefined), [{ a: 1 }, undefined]);
  assert.deepEqual(
    server.requests.map(({ url }) => url),
    ['/v1.0/x'],
  );
});
