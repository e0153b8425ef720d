import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Dialogs } from '../../src/dialogs/dialogs.ts';
import type { SignIn } from '../../src/dialogs/sign-in.ts';
import type { Reply } from '../../src/domain/turn.ts';
import { newOpaqueId } from '../../src/lib/ids.ts';
import type { StoredSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createCardActionInvoke, createSearchInvoke, createSignInInvokes } from '../../src/teams/invokes.ts';
import { partOf } from '../support/part-of.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { turnOf } from '../support/turns.ts';

suite('sign-in invokes', () => {
  /** A sign-in whose store goes away in the middle of it. */
  function createRig() {
    const { lines, log } = createLines();
    const delivered: Reply[] = [];
    const fail = () => Promise.reject(new Error('the store is away'));
    const bot = createSignInInvokes({
      dialogs: partOf<Dialogs>({ signIn: partOf<SignIn>({ answerWithAssertion: fail, answerWithCode: fail }) }),
      requests: partOf<StoredSignInRequests>({ findOpenOf: async () => undefined }),
      deliver: async (_, reply) => void delivered.push(reply),
      whileTyping: (_, work) => work(),
      runtime: createRuntime({ log }),
    });
    return { bot, delivered, lines };
  }

  test('a sign-in that fails in the middle is answered 200, and reported in the chat', async () => {
    const { bot, delivered, lines } = createRig();
    const id = newOpaqueId();
    const exchanged = await bot.tokenExchange(turnOf(), { id, connectionName: 'c', token: 'assertion' });
    assert.deepEqual([exchanged.status, exchanged.body], [200, { id, connectionName: 'c' }]);
    const verified = await bot.verifyState(turnOf(), { state: '123456' });
    assert.equal(verified.status, 200);
    await Promise.all([exchanged.continues, verified.continues]);
    assert.deepEqual(
      delivered.map(({ kind }) => kind),
      ['refusal', 'refusal'],
    );
    assert.deepEqual(
      lines.map(({ level, message }) => [level, message]),
      [
        ['warn', 'a sign-in failed'],
        ['warn', 'a sign-in failed'],
      ],
    );
  });
});

suite('press trigger', () => {
  for (const [trigger, read] of [
    [undefined, 'manual'],
    ['manual', 'manual'],
    ['automatic', 'automatic'],
    ['Manual', 'Manual'],
    [null, 'unreadable'],
    [true, 'unreadable'],
    [['manual'], 'unreadable'],
    [{ toString: 1, valueOf: 1 }, 'unreadable'],
  ] as const) {
    test(`a press whose trigger is ${JSON.stringify(trigger)} is taken for ${read === 'manual' ? '' : 'no '}press by hand`, async () => {
      const triggers: string[] = [];
      const answer = createCardActionInvoke({
        dialogs: partOf<Dialogs>({
          async answerCardAction(_, { trigger: seen }) {
            triggers.push(seen);
            return { kind: 'message', text: 'shown' };
          },
        }),
        records: { find: async () => undefined },
        requests: { find: async () => undefined },
        deliver: () => assert.fail('nothing is to be shown'),
        config: { app: { idUri: 'api://bot' }, publicUrl: 'https://bot.example.com' },
      });
      const action = { type: 'Action.Execute', verb: 'sync/start', data: { id: 'record' } };
      await answer(turnOf(), { action, ...(trigger !== undefined && { trigger }) });
      assert.deepEqual(triggers, [read]);
    });
  }
});

suite('the row of a press', () => {
  for (const [id, read] of [
    ['record', { id: 'record' }],
    ['record.7', { id: 'record', row: 7 }],
    ['record.15', { id: 'record', row: 15 }],
    ['record.', { id: '' }],
    ['record.x', { id: '' }],
    ['record.-1', { id: '' }],
    ['record.100', { id: '' }],
    ['record.1.2', { id: '', row: 2 }],
    ['.1', { id: '', row: 1 }],
    ["' or 1=1.1", { id: '', row: 1 }],
  ] as const) {
    test(`the id ${id} is read as ${JSON.stringify(read)}`, async () => {
      const seen: unknown[] = [];
      const answer = createCardActionInvoke({
        dialogs: partOf<Dialogs>({
          async answerCardAction(_, { id: record, row }) {
            seen.push({ id: record, ...(row !== undefined && { row }) });
            return { kind: 'message', text: 'shown' };
          },
        }),
        records: { find: async () => undefined },
        requests: { find: async () => undefined },
        deliver: () => assert.fail('nothing is to be shown'),
        config: { app: { idUri: 'api://bot' }, publicUrl: 'https://bot.example.com' },
      });
      await answer(turnOf(), {
        action: { type: 'Action.Execute', verb: 'list/open', data: { id } },
        trigger: 'manual',
      });
      assert.deepEqual(seen, [read]);
    });
  }
});

suite('application/search', () => {
  const value = { queryText: 'ber', queryOptions: { skip: 0, top: 15 }, dataset: 'record-1' };

  test('is answered with what was found for that question and those letters', async () => {
    const asked: unknown[] = [];
    const answer = await createSearchInvoke({
      async search(turn, search) {
        asked.push([turn.person.name, search]);
        return [{ title: 'Contoso Berlin', value: '1' }];
      },
    })(turnOf(), value);
    assert.deepEqual(asked, [['Ada Lindqvist', { id: 'record-1', text: 'ber' }]]);
    assert.deepEqual(answer, {
      status: 200,
      body: {
        statusCode: 200,
        type: 'application/vnd.microsoft.search.searchResponse',
        value: { results: [{ title: 'Contoso Berlin', value: '1' }] },
      },
    });
  });

  for (const [name, given] of [
    ['nothing', {}],
    ['other kinds of values', { queryText: 7, dataset: ['record-1'] }],
    ['a dataset that is no id of ours', { queryText: '', dataset: 'graph.microsoft.com/users' }],
  ] as const) {
    test(`searches for no record with ${name}`, async () => {
      const asked: unknown[] = [];
      const answer = await createSearchInvoke({
        async search(_, search) {
          asked.push(search);
          return [];
        },
      })(turnOf(), given);
      assert.deepEqual(asked, [{ id: '', text: '' }]);
      assert.equal(answer.status, 200);
    });
  }
});
