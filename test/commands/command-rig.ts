import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createChoose } from '../../src/dialogs/choose.ts';
import type { Command } from '../../src/dialogs/command.ts';
import type { CommandServices } from '../../src/dialogs/dialogs.ts';
import { createFindToken } from '../../src/dialogs/find-token.ts';
import type { Reply, Turn } from '../../src/domain/turn.ts';
import { outlineOf } from '../support/outline-of.ts';
import { startServices } from '../support/services.ts';
import { authorizedTurn, personOf } from '../support/turns.ts';

export const now = Date.parse('2026-11-23T08:00:00Z');

/** The services of a command that only reads: what Graph holds is the test's to change, and a POST fails. */
export async function startCommandRig(t: TestContext) {
  const { services: given, tenant, personal } = await startServices(t, { startAt: now });
  const choose = createChoose(given);
  const services: CommandServices = { ...given, choose, findToken: createFindToken(given, choose) };
  const graph = {
    ...tenant.graphOf(personOf('ada')),
    post: () => Promise.reject(new Error('Looking changes nothing')),
  };
  return {
    services,
    tenant,
    personal,
    read: tenant.read,
    records: given.stores.records,
    renewals: given.stores.renewals,
    notices: given.stores.renewalNotices,
    /** A command's answer to the rest of its line, as Ada in her personal chat by default. */
    ask(command: Command, rest = '', turn: Partial<Turn> = {}): Promise<Reply> {
      assert.ok(command.needs === 'graph' && !command.writes);
      return command.run(authorizedTurn(graph, { at: now, ...turn }), rest);
    },
  };
}

/** Everything an answer says, a line for each of its lines. */
export function said(reply: Reply): string {
  if (reply.kind === 'text') return reply.text;
  assert.ok(reply.kind === 'card', reply.kind);
  return outlineOf(reply.card);
}

export const daysFromNow = (days: number) => new Date(now + days * 86_400_000).toISOString();
export const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
