import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { tenantId } from '../environment.ts';
import { startGuardedServer } from './guarded-server.ts';

const clock = { now: Date.UTC(2026, 10, 23) };
const { port, lines, letIn, counted } = await startGuardedServer({ now: () => clock.now });

let last = 0;

/** An activity that would be let in. */
function activity(changes: Readonly<Record<string, unknown>> = {}) {
  last += 1;
  return {
    ...{ type: 'event', id: `${last}`, channelId: 'msteams', serviceUrl: 'https://smba.trafficmanager.net/emea/' },
    from: { id: '29:ada', aadObjectId: 'ada', name: 'Ada' },
    conversation: { id: 'a:1', tenantId },
    channelData: { tenant: { id: tenantId } },
    ...changes,
  };
}

async function knock(body: string, headers: Readonly<Record<string, string>> = {}) {
  for (const list of [lines, letIn, counted]) list.length = 0;
  const response = await fetch(`http://127.0.0.1:${port}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer good', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const personMany = async (times: number) => {
  for (let time = 0; time < times; time += 1) await knock(JSON.stringify(activity()));
};

suite('a refusal has its status, one line in the log that says why, and nothing for the caller:', () => {
  const refusals: readonly [why: RegExp, status: number, body: string, headers?: Readonly<Record<string, string>>][] = [
    [/content type/, 400, JSON.stringify(activity()), { 'content-type': 'text/plain' }],
    [/not JSON/, 400, '{"type":'],
    [/nested too deep/, 400, `{"type":"event","x":${'['.repeat(70)}${']'.repeat(70)}}`],
    [/conversation\.id is not of its form/, 400, JSON.stringify(activity({ conversation: { id: 5 } }))],
    [/no bearer token/, 401, JSON.stringify(activity()), { authorization: 'Bearer canary-of-a-token' }],
    [/channel is not msteams/, 403, JSON.stringify(activity({ channelId: 'emulator' }))],
    [/serviceUrl/, 403, JSON.stringify(activity({ serviceUrl: 'https://evil.example/canary-of-an-address' }))],
    [/tenants disagree/, 403, JSON.stringify(activity({ channelData: { tenant: { id: 'canary-of-a-tenant' } } }))],
    [/256 KB/, 413, `{"type":"event","text":"${'canary-of-a-text'.repeat(20_000)}"}`],
  ];
  for (const [why, status, body, headers] of refusals) {
    test(`${status}, ${why.source}`, async () => {
      const answer = await knock(body, headers);
      assert.deepEqual([answer.status, answer.text], [status, '']);
      isOneLine(status, why);
      for (const name of ['server', 'x-powered-by', 'www-authenticate', 'content-type']) {
        assert.equal(answer.headers.get(name), null, name);
      }
      assert.deepEqual(letIn, []);
    });
  }

  test('429, too many from one person', async () => {
    clock.now += 60_000;
    await personMany(60);
    const answer = await knock(JSON.stringify(activity()));
    assert.deepEqual([answer.status, answer.text], [429, '']);
    isOneLine(429, /too many from one person/);
    assert.deepEqual(letIn, []);
  });

  function isOneLine(status: number, why: RegExp): void {
    assert.equal(lines.length, 1, JSON.stringify(lines));
    const { level, fields, message } = lines[0] as (typeof lines)[number];
    assert.deepEqual(
      [level, message, (fields as { status?: number }).status],
      ['info', 'an activity was refused', status],
    );
    assert.match(String((fields as { why?: string }).why), why);
    assert.doesNotMatch(JSON.stringify(fields), /canary|ada|29:/i, 'the line says who or what it was');
    assert.deepEqual(counted, [status]);
  }
});

test('what is let in is logged by what it does, not here', async () => {
  clock.now += 60_000;
  const answer = await knock(JSON.stringify(activity()));
  assert.equal(answer.status, 200);
  assert.deepEqual([lines, letIn.length, counted], [[], 1, [200]]);
});

test('nobody is answered otherwise than over the channel: a request for replies in the answer is not heard', async () => {
  clock.now += 60_000;
  await knock(JSON.stringify(activity({ deliveryMode: 'expectReplies' })));
  assert.equal(letIn.length, 1);
  assert.doesNotMatch(JSON.stringify(letIn), /deliveryMode/);
});

suite('the same person, written otherwise,', () => {
  test('has one limit', async () => {
    clock.now += 60_000;
    await personMany(60);
    const from = { id: '29:ada', aadObjectId: 'ADA' };
    assert.equal((await knock(JSON.stringify(activity({ from })))).status, 429);
  });
});

suite('ids that no store should meet are malformed (400):', () => {
  const strange = ['a\0b', '\u0007', 'a\nb', 'x'.repeat(513), '\ud800'];
  for (const value of strange) {
    test(JSON.stringify(value).slice(0, 20), async () => {
      clock.now += 60_000;
      for (const changes of [
        { id: value },
        { name: value },
        { replyToId: value },
        { locale: value },
        { from: { id: value } },
        { from: { id: '29:a', aadObjectId: value } },
        { recipient: { id: value } },
        { conversation: { id: value, tenantId } },
        { conversation: { id: 'a:1', tenantId, conversationType: value } },
        { channelData: { tenant: { id: tenantId }, team: { id: value } } },
      ]) {
        assert.equal(
          (await knock(JSON.stringify(activity(changes)))).status,
          400,
          JSON.stringify(changes).slice(0, 60),
        );
      }
    });
  }

  test('and texts and names may be anything', async () => {
    clock.now += 60_000;
    for (const value of strange) {
      const changes = {
        text: value,
        from: { id: '29:a', aadObjectId: 'a', name: value },
        recipient: { id: 'b', name: value },
      };
      assert.equal((await knock(JSON.stringify(activity(changes)))).status, 200);
    }
  });
});
