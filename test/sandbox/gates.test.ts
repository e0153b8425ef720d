import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTeamsRig } from '../support/teams-rig.ts';
import { startGraph } from './graph-rig.ts';

test('Graph holds the next request that matches, before or after it is carried out, until it is let go', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 60_000 });
  const token = await rig.getToken('ada');
  const path = rig.pathOf('Research campus');
  const sync = () => rig.send(token, `${path}/syncLicenses`, { method: 'POST' });
  const status = () => rig.graph.findToken(rig.getId('Research campus'))?.lastSyncStatus;
  const { controls } = rig.graph;

  const before = controls.holdNext({ method: 'POST', path: 'syncLicenses' });
  const first = sync();
  await before.reached;
  assert.equal((await rig.send(token, path)).status, 200, 'others pass');
  assert.equal(status(), 'completed');
  before.open();
  assert.equal((await first).status, 200);
  assert.equal(status(), 'inProgress');

  const after = controls.holdNext({ path: 'vppTokens', when: 'after' });
  const second = rig.send(token, path);
  await after.reached;
  after.drop();
  await assert.rejects(second);
  assert.equal((await rig.send(token, path)).status, 200, 'a gate holds one request');
});

test('a POST that was dropped is never carried out; one that is let go is, although the client no longer waits', async (t) => {
  for (const how of ['drop', 'open'] as const) {
    const rig = await startGraph(t, { syncDurationMs: 60_000 });
    const token = await rig.getToken('ada');
    const gate = rig.graph.controls.holdNext({ method: 'POST' });
    const gone = new AbortController();
    const init = { method: 'POST', signal: gone.signal };
    const asked = rig.send(token, `${rig.pathOf('Research campus')}/syncLicenses`, init);
    await gate.reached;
    gone.abort();
    await assert.rejects(asked);
    gate[how]();
    const read = await rig.send(token, rig.pathOf('Research campus'));
    const { lastSyncStatus } = (await read.json()) as { lastSyncStatus: string };
    assert.equal(lastSyncStatus, how === 'open' ? 'inProgress' : 'completed');
  }
});

test('the connector holds by method and words, before or after it stores a message', async (t) => {
  const { connector, conversations, timeline, baseUrl } = await startTeamsRig(t);
  const chat = conversations.personal('ada');
  const url = `${baseUrl}/connector/v3/conversations/${encodeURIComponent(chat.id)}/activities`;
  const say = (text: string) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'message', text }),
    });
  const words = () => timeline.list(chat).map(({ versions }) => versions[0]?.activity.text);
  const before = connector.holdNext({ body: /one/ });
  const after = connector.holdNext({ method: 'POST', body: /two/, when: 'after' });
  const [one, two] = [say('one'), say('two')];
  await Promise.all([before.reached, after.reached]);
  await say('three');
  assert.deepEqual(words(), ['two', 'three']);
  before.open();
  assert.equal((await one).status, 201);
  after.drop();
  await assert.rejects(two);
  assert.deepEqual(words(), ['two', 'three', 'one']);
});
