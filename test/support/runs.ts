import type { SyncRun } from '../../src/domain/sync-run.ts';
import type { Licenses } from '../../src/sync/licenses.ts';
import { conversationOf, personOf, tenantId, tokenOf } from './turns.ts';

/** Licences that nobody can read. */
export const noLicenses: Licenses = {
  list: async () => ({ why: 'unavailable' }),
  before: async () => ({ kind: 'unread', why: 'unavailable' }),
  compare: async (runs) => new Map(runs.map(({ id }) => [id, { kind: 'notCompared', why: 'unavailable' }])),
};

/** A run of Ada's that began at `startedAt` 0, before which the token had synced well. */
export function runOf(changes: Partial<SyncRun> = {}): SyncRun {
  return {
    id: 'run-1',
    tenantId,
    tokenId: 'token-1',
    phase: 'running',
    joined: false,
    requester: personOf('ada'),
    conversation: conversationOf('personal'),
    locale: 'en',
    before: tokenOf('token-1'),
    seenInProgress: false,
    uncertain: false,
    startedAt: 0,
    ...changes,
  };
}
