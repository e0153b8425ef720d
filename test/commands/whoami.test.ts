import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWhoamiCommand } from '../../src/commands/doctor.ts';
import { type DelegatedGraph, GraphError } from '../../src/domain/graph.ts';
import type { Turn } from '../../src/domain/turn.ts';
import { untilAborted, wait } from '../../src/lib/async.ts';
import { outlineOf } from '../support/outline-of.ts';
import { createRuntime } from '../support/runtime.ts';
import { servicesWith } from '../support/services.ts';
import { authorizedTurn, conversationOf, tenantId, tokenOf, turnOf } from '../support/turns.ts';

const until = Date.UTC(2026, 10, 23, 15, 0);

async function ask(
  list: (() => Promise<readonly unknown[]>) | undefined,
  turn: Turn = turnOf(),
  runtime = createRuntime({ wait }),
) {
  const findAuthorized = (asker: Turn) => {
    if (!list) return undefined;
    const graph: DelegatedGraph = {
      get: () => Promise.reject(new Error('whoami gets nothing')),
      listPages: async (_, { signal, toItem = (row: unknown) => row } = {}) =>
        (await untilAborted(list(), signal)).map(toItem),
      post: () => Promise.reject(new Error('whoami changes nothing')),
    };
    const own = authorizedTurn(graph, asker);
    return { ...own, session: { ...own.session, userName: 'ada@contoso.example.com', expiresAt: until } };
  };
  const forPerson = () => assert.fail('whoami asks for nothing more');
  const command = createWhoamiCommand(servicesWith({ graphs: { forPerson, findAuthorized }, runtime }));
  assert.ok(command.needs === 'nothing' && !command.writes);
  const reply = await command.run(turn, '');
  assert.ok(reply.kind === 'card');
  return outlineOf(reply.card);
}

test('says who Teams, Entra and Intune take somebody for, and until when', async () => {
  assert.equal(
    await ask(async () => [tokenOf('a'), tokenOf('b')]),
    [
      'Your access',
      'In Teams',
      'Ada Lindqvist',
      'Signed in as',
      'ada@contoso.example.com',
      'until {{DATE(2026-11-23T15:00:00Z, SHORT)}} {{TIME(2026-11-23T15:00:00Z)}}',
      'Organisation',
      `contoso.example.com (${tenantId})`,
      'In Intune',
      '✓ You can see 2 tokens.',
      'Whether you can also sync shows when you do: I never change anything just to find out.',
    ].join('\n'),
  );
});

test('says that somebody is not signed in, and asks for nothing', async () => {
  const said = await ask(undefined);
  assert.match(said, /Signed in as\nYou’re not signed in/);
  assert.match(said, /In Intune\nNot known until you sign in/);
});

test('says why Intune refuses, and that it takes too long', async () => {
  const refused = (reason: 'forbidden' | 'unavailable') =>
    ask(() => Promise.reject(new GraphError(reason, { clientRequestId: 'c' })));
  assert.match(
    await refused('forbidden'),
    /In Intune\n✕ .*denied access.*Intune role.*licence.*scope tags.*Ask the administrator/,
  );
  assert.match(await refused('unavailable'), /In Intune\n⚠\ufe0e .*isn’t available/);
  assert.match(await ask(async () => []), /⚠\ufe0e Intune answers, but shows you no tokens/);
  assert.match(
    await ask(() => new Promise(() => undefined), turnOf(), createRuntime()),
    /⚠\ufe0e Intune didn’t answer in time/,
  );
});

test('does not show the whole id of an organisation where others read it', async () => {
  for (const kind of ['channel', 'groupChat'] as const) {
    const said = await ask(undefined, turnOf({ conversation: conversationOf(kind) }));
    assert.match(said, /Organisation\n3f1a6b52…/);
    assert.doesNotMatch(said, new RegExp(tenantId));
  }
});
