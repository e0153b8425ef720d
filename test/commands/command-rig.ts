import assert from 'node:assert/strict';
import { createChoose } from '../../src/dialogs/choose.ts';
import type { Command } from '../../src/dialogs/command.ts';
import { createFindToken } from '../../src/dialogs/find-token.ts';
import { type DelegatedGraph, GraphError } from '../../src/domain/graph.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { Reply, Turn } from '../../src/domain/turn.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createRenewalMarks } from '../../src/store/small-tables.ts';
import { createAuditRig } from '../support/audit-rig.ts';
import { outlineOf } from '../support/outline-of.ts';
import { authorizedTurn, openStore } from '../support/turns.ts';

export const now = Date.parse('2026-11-23T08:00:00Z');

/** A tenant to look at: what Graph holds may be changed by the test, and nothing may be POSTed. */
export async function startCommandRig(t: { after(work: () => Promise<void>): void }) {
  const db = await openStore(t);
  const records = createCardRecords(db);
  const tenant = { tokens: [] as readonly VppToken[], apps: [] as readonly VppApp[], appsFault: undefined as unknown };
  const read: string[] = [];
  const graph: DelegatedGraph = {
    async get(path) {
      read.push(path);
      const found = tenant.tokens.find(({ id }) => path.endsWith(`/${id}`));
      if (!found) throw new GraphError('notFound', { clientRequestId: 'c', status: 404 });
      return { ...found };
    },
    async listPages(path) {
      read.push(path);
      if (!path.endsWith('/mobileApps')) return tenant.tokens;
      if (tenant.appsFault) throw tenant.appsFault;
      return tenant.apps;
    },
    post: () => Promise.reject(new Error('Looking changes nothing')),
  };
  const findToken = createFindToken({ choose: createChoose({ records, now: () => now }), beta: false });
  return {
    ...{ tenant, read, records, findToken },
    marks: createRenewalMarks(db),
    ...createAuditRig(db, () => now),
    /** What a command answers to what follows its words, as Ada in her personal chat unless told. */
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
