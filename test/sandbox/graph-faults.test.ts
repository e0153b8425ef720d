import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GraphFault, inventLatencyMs } from '../../sandbox/graph/faults.ts';
import { type GraphRig, startGraph, unwrapMessage } from './graph-rig.ts';

async function answerTo(rig: GraphRig, fault: GraphFault) {
  rig.graph.controls.failNext(1, { fault });
  const response = await rig.send(await rig.getToken('ada'), rig.tokens);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('every status can be planned, in Graph’s envelope', async (t) => {
  const rig = await startGraph(t);
  for (const status of [400, 401, 403, 404, 409, 429, 500, 503, 504] as const) {
    const answer = await answerTo(rig, { kind: 'status', status });
    assert.equal(answer.status, status);
    assert.ok(JSON.parse(answer.text).error.innerError['request-id']);
    assert.equal(answer.headers.get('retry-after'), null);
  }
  assert.equal((await rig.ask('ada', rig.tokens)).status, 200);
});

test('Retry-After comes in seconds or as a date of the rehearsal’s clock', async (t) => {
  const rig = await startGraph(t);
  const retryAfter = async (retryAfterAs?: 'seconds' | 'httpDate') => {
    const fault = { kind: 'status', status: 429, retryAfterS: 30, ...(retryAfterAs && { retryAfterAs }) } as const;
    return (await answerTo(rig, fault)).headers.get('retry-after');
  };
  assert.equal(await retryAfter(), '30');
  assert.equal(await retryAfter('httpDate'), 'Mon, 23 Nov 2026 09:00:30 GMT');
});

test('bodies can be HTML, missing or cut', async (t) => {
  const rig = await startGraph(t);
  const html = await answerTo(rig, { kind: 'html' });
  assert.deepEqual([html.status, html.headers.get('content-type')], [502, 'text/html']);
  assert.match(html.text, /^<!DOCTYPE html>/);
  const empty = await answerTo(rig, { kind: 'emptyBody' });
  assert.deepEqual([empty.status, empty.text], [200, '']);
  const cut = await answerTo(rig, { kind: 'truncatedJson' });
  assert.equal(cut.status, 200);
  assert.match(cut.text, /^{"@odata.context"/);
  assert.throws(() => JSON.parse(cut.text), SyntaxError);
});

test('a reset cuts the connection and carries nothing out', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.failNext(1, { method: 'POST', fault: { kind: 'reset' } });
  await assert.rejects(rig.sync('ada', 'Adatum'), /fetch failed/);
  assert.equal(rig.graph.findToken(rig.getId('Adatum'))?.lastSyncStatus, 'completed');
  assert.equal(rig.graph.requests[0]?.status, undefined);
});

test('a hanging request is the client’s to end, and stopping frees it', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.failNext(2, { fault: { kind: 'hang' } });
  const token = await rig.getToken('ada');
  await assert.rejects(rig.send(token, rig.tokens, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
  const hanging = rig.send(token, rig.tokens);
  const refused = assert.rejects(hanging, /fetch failed/);
  while (rig.graph.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await rig.server.stop();
  await refused;
});

test('a slow answer waits whole or after its headers', async (t) => {
  const rig = await startGraph(t);
  const token = await rig.getToken('ada');
  const timesOf = async (after: 'nothing' | 'headers') => {
    rig.graph.controls.failNext(1, { fault: { kind: 'slow', ms: 40, after } });
    const start = performance.now();
    const response = await rig.send(token, rig.tokens);
    const headersMs = performance.now() - start;
    await response.json();
    return { headersMs, bodyMs: performance.now() - start };
  };
  assert.ok((await timesOf('nothing')).headersMs >= 38);
  const split = await timesOf('headers');
  assert.ok(split.bodyMs >= 38 && split.headersMs < split.bodyMs);
});

test('504 after the start leaves a sync running', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.failNext(1, { method: 'POST', path: 'syncLicenses', fault: { kind: 'startedThen504' } });
  assert.equal((await rig.ask('ada', rig.tokens)).status, 200, 'a GET is not what was planned for');
  const { status, body } = await rig.sync('ada', 'Adatum');
  assert.deepEqual([status, body.error?.code, body.error?.message], [504, 'UnknownError', '']);
  assert.equal(rig.graph.findToken(rig.getId('Adatum'))?.lastSyncStatus, 'inProgress');
});

test('a claims challenge can be read back', async (t) => {
  const rig = await startGraph(t);
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const { status, headers } = await answerTo(rig, { kind: 'claimsChallenge', claims });
  assert.equal(status, 401);
  const [, encoded = ''] =
    /error="insufficient_claims", claims="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? [];
  assert.equal(Buffer.from(encoded, 'base64').toString(), claims);
});

test('a next page elsewhere is a trap for lists alone', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.failNext(1, { fault: { kind: 'foreignNextLink', url: 'https://elsewhere.example.com/' } });
  assert.ok(!('@odata.nextLink' in (await rig.ask('ada', rig.pathOf('Adatum'))).body));
  assert.equal((await rig.ask('ada', rig.tokens)).body['@odata.nextLink'], 'https://elsewhere.example.com/');
  assert.ok(!('@odata.nextLink' in (await rig.ask('ada', rig.tokens)).body));
});

test('plans are used up in their order and can be dropped', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.failNext(2, { fault: { kind: 'status', status: 503 } });
  rig.graph.controls.failNext(2, { fault: { kind: 'status', status: 403 } });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await rig.ask('ada', rig.tokens)).status);
  rig.graph.controls.failNoMore();
  statuses.push((await rig.ask('ada', rig.tokens)).status);
  assert.deepEqual(statuses, [503, 503, 403, 200]);
});

test('too many requests within 20 s are throttled until the window has moved', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.setLimits({ any: 3, writes: 1 });
  assert.equal((await rig.sync('ada', 'Adatum')).status, 200);
  const second = await rig.sync('ada', 'Contoso HQ');
  assert.deepEqual([second.status, second.headers.get('retry-after')], [429, '20']);
  assert.equal((await rig.ask('ada', rig.tokens)).status, 200);
  assert.equal((await rig.ask('elif', rig.tokens)).status, 200);
  assert.equal((await rig.ask('elif', rig.tokens)).status, 429, 'it is the app and tenant that are counted');
  assert.equal((await rig.ask('signe', rig.tokens)).status, 200, 'another tenant is not touched');
  rig.clock.now += 20_000;
  assert.equal((await rig.sync('ada', 'Contoso HQ')).status, 200);
});

test('invented latency has the distribution it says', () => {
  assert.equal(inventLatencyMs(0.5), 150);
  assert.equal(inventLatencyMs(0.95), 800);
  assert.ok(inventLatencyMs(0) === 60 && inventLatencyMs(0.9999) <= 30_000 && inventLatencyMs(0.996) > 5000);
});

test('a planned 403 is Intune’s double-encoded one', async (t) => {
  const rig = await startGraph(t);
  const { text } = await answerTo(rig, { kind: 'status', status: 403 });
  assert.equal(unwrapMessage(JSON.parse(text).error.message).length, 3);
});
