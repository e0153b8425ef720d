import type { AuthorizedTurn, DelegatedGraph } from '../../src/domain/graph.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { ConversationReference, Person, Session, Turn } from '../../src/domain/turn.ts';
import { openDatabase } from '../../src/store/database.ts';

export const tenantId = '3f1a6b52-8c0d-4e7a-9b24-6d5c1e0f7a11';

const people = {
  ada: { aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a01', teamsId: '29:ada', name: 'Ada Lindqvist' },
  elif: { aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a02', teamsId: '29:elif', name: 'Elif Karaduman' },
} as const;

export const personOf = (key: keyof typeof people): Person => ({ tenantId, ...people[key] });

export const conversationOf = (kind: ConversationReference['kind'], id = `19:${kind}`): ConversationReference => ({
  serviceUrl: 'https://smba.trafficmanager.net/teams/',
  id,
  kind,
  tenantId,
  bot: { id: '28:bot', name: 'VPP Sync' },
});

/** A turn of Ada in her personal chat, unless changed. */
export function turnOf(changes: Partial<Turn> = {}): Turn {
  return {
    person: personOf('ada'),
    conversation: conversationOf('personal'),
    locale: 'en',
    at: 1_000_000,
    correlationId: 'ref0000001',
    messageId: 'message-1',
    ...changes,
  };
}

export function sessionOf(person: Person, changes: Partial<Session> = {}): Session {
  const { aadObjectId } = person;
  return { tenantId, aadObjectId, accessToken: 'graph-token', expiresAt: Number.MAX_SAFE_INTEGER, ...changes };
}

export function authorizedTurn(graph: DelegatedGraph, changes: Partial<Turn> = {}): AuthorizedTurn {
  const turn = turnOf(changes);
  return { ...turn, session: sessionOf(turn.person), graph };
}

/** Expired by state and by date, whatever the test's clock. */
export const expired = { state: 'expired', expirationDateTime: '1960-01-01T00:00:00Z' } as const;

export function tokenOf(id: string, changes: Partial<VppToken> = {}): VppToken {
  return {
    id,
    organizationName: 'Contoso',
    state: 'valid',
    lastSyncStatus: 'completed',
    lastSyncDateTime: '2026-11-22T08:00:00.1234567Z',
    lastModifiedDateTime: '2026-11-22T08:00:00.2234567Z',
    expirationDateTime: '2027-06-01T00:00:00Z',
    ...changes,
  };
}

/** The real store, in memory and its own; closed after the test. */
export async function openStore(t: { after(work: () => Promise<void>): void }) {
  const db = await openDatabase({ kind: 'sqlite', path: ':memory:' });
  t.after(() => db.destroy());
  return db;
}
