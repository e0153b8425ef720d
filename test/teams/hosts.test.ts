// The contract of a host, on each SDK.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Handle } from '../../src/teams/bot.ts';
import { loadHost } from '../../src/teams/hosts/index.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import type { HttpAnswer } from '../../src/teams/invokes.ts';
import { readInbound, readKind } from './read-inbound.ts';

const activity: InboundActivity = {
  type: 'message',
  id: '1',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  text: 'help',
  from: { id: '29:ada', aadObjectId: 'ada' },
  recipient: { id: '28:bot' },
  conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant' },
};
const invoke = (name: string) => readKind('invoke', { ...activity, type: 'invoke', name, value: { id: 'x' } });

for (const name of ['botbuilder', 'agents'] as const) {
  suite(`the host on ${name}`, () => {
    /** A host whose bot does this and nothing else. */
    const hostOf = (handle: Handle) => loadHost(name, handle);

    for (const [kind, changes] of [
      ['message', {}],
      ['botAdded', { type: 'installationUpdate', action: 'add' }],
      ['botRemoved', { type: 'installationUpdate', action: 'remove' }],
      ['other', { type: 'typing' }],
      ['other', { type: 'INVOKE', name: 'adaptiveCard/action' }],
    ] as const) {
      test(`hands over ${changes.type ?? 'a message'} (${kind}) as it was read, and answers 200 without a body`, async () => {
        const inbound = readKind(kind, { ...activity, ...changes } as InboundActivity);
        const handled: unknown[] = [];
        const host = await hostOf(async (given) => {
          handled.push(given);
          return undefined;
        });
        assert.deepEqual(await host(inbound), { status: 200 });
        assert.equal(handled.length, 1);
        assert.equal(handled[0], inbound);
      });
    }

    test('answers an invoke with what the bot answered, status and body', async () => {
      const answers: readonly HttpAnswer[] = [
        { status: 200, body: { statusCode: 401, type: 'application/vnd.microsoft.activity.loginRequest', value: {} } },
        { status: 412, body: { id: 'x', failureDetail: 'consent' } },
        { status: 200 },
        { status: 501 },
      ];
      for (const given of answers)
        for (const invokeName of ['adaptiveCard/action', 'signin/tokenExchange', 'signin/verifyState']) {
          const { status, body } = await (await hostOf(async () => given))(invoke(invokeName));
          assert.deepEqual({ status, body }, { status: given.status, body: given.body });
        }
    });

    test('answers once the bot has: its HTTP request stays open', async () => {
      const work = Promise.withResolvers<HttpAnswer>();
      const host = await hostOf(() => work.promise);
      let answered = false;
      const answering = host(invoke('signin/tokenExchange')).then((answer) => {
        answered = true;
        return answer;
      });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(answered, false);
      work.resolve({ status: 412 });
      assert.equal((await answering).status, 412);
    });

    test('keeps turns apart that go on at the same time', async () => {
      const host = await hostOf(async (inbound) => {
        await new Promise((resolve) => setImmediate(resolve));
        return inbound.kind === 'invoke' ? { status: 200, body: inbound.name } : undefined;
      });
      const names = Array.from({ length: 20 }, (_, index) => `invoke ${index}`);
      const answers = await Promise.all(names.map((each) => host(invoke(each))));
      assert.deepEqual(
        answers.map(({ body }) => body),
        names,
      );
    });

    test('takes fields of odd forms, which the guard lets in', async () => {
      const odd = { entities: [7], relatesTo: 5, timestamp: {}, membersAdded: [null], textFormat: [] };
      const inbound = readInbound({ ...activity, ...odd, deliveryMode: 'expectReplies' } as never);
      const host = await hostOf(async () => undefined);
      assert.deepEqual(await host(inbound), { status: 200 });
    });

    test('passes a failure on and tells nobody of it', async () => {
      const host = await hostOf(() => Promise.reject(new Error('on purpose')));
      await assert.rejects(host(readInbound(activity)), /on purpose/);
      await assert.rejects(host(invoke('adaptiveCard/action')), /on purpose/);
    });
  });
}
