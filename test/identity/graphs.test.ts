import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person, Session } from '../../src/domain/turn.ts';
import { createGraphClients } from '../../src/graph/client.ts';
import { createGraphs } from '../../src/identity/graphs.ts';
import { actorKey, createSessions } from '../../src/identity/sessions.ts';
import { createRuntime } from '../support/runtime.ts';
import { personOf } from '../support/turns.ts';

const [ada, elif] = [personOf('ada'), personOf('elif')];
const sessionOf = ({ aadObjectId, tenantId, name }: Person): Session => ({
  aadObjectId,
  tenantId,
  accessToken: `token of ${name}`,
  expiresAt: 3_600_000,
});

/** Graphs of a process without sign-ins; `shared` are those of another process. */
function createRig(...shared: readonly (readonly [Person, Session])[]) {
  const sessions = createSessions(createRuntime());
  const recalled: string[] = [];
  const left = new Map(shared.map(([person, session]) => [actorKey(person), session]));
  const graphs = createGraphs({
    identity: {
      sessions,
      async recall(person) {
        recalled.push(person.aadObjectId);
        const session = left.get(actorKey(person));
        if (session) sessions.put(person as Person, session);
      },
      renew: async () => undefined,
      getAppToken: async () => 'token of the app',
      watchSignOut: () => () => false,
    },
    clients: createGraphClients({ graphUrl: 'https://graph.microsoft.com', runtime: createRuntime() }),
  });
  return { graphs, recalled };
}

test('a sign-in that another process left is looked up when it is asked for, and then serves reads without another lookup', async () => {
  const { graphs, recalled } = createRig([ada, sessionOf(ada)]);
  assert.equal(graphs.listReaders(ada, ada.tenantId).length, 1, 'the app alone');
  assert.deepEqual(recalled, [], 'listing readers asks nothing');
  await graphs.recall([ada, elif, ada]);
  assert.deepEqual(recalled, [ada.aadObjectId, elif.aadObjectId], 'each is asked for once');
  assert.equal(graphs.listReaders(ada, ada.tenantId).length, 2);
  assert.equal(graphs.listReaders(elif, elif.tenantId).length, 1, 'nobody’s sign-in is another’s');
  await graphs.recall([ada]);
  assert.deepEqual(recalled.slice(2), [], 'what is here is not looked up');
});

test('a person’s own reader is found through the sign-in that another process left, for them and their own tenant alone', async () => {
  const { graphs } = createRig([ada, sessionOf(ada)]);
  assert.ok(await graphs.findOwnReader({ requester: ada, tenantId: ada.tenantId }));
  assert.equal(await graphs.findOwnReader({ requester: ada, tenantId: 'another tenant' }), undefined);
  assert.equal(await graphs.findOwnReader({ requester: elif, tenantId: elif.tenantId }), undefined);
});
