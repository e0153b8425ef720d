import type { ConversationReference, Person } from '../domain/turn.ts';
import type { Db } from './open-database.ts';
import type { OwedAnswer } from './turns-in-hand.ts';

/**
 * Whether whoever waits has begun a sync, or many, in that conversation since: each is told of on a card of its own.
 * Of any tenant: a guest's sync is of another than the conversation's.
 */
export async function hasBegunSync(db: Db, { conversation, personId, at }: OwedAnswer): Promise<boolean> {
  for (const table of ['sync_runs', 'sync_batches'] as const) {
    const rows = await db
      .selectFrom(table)
      .select(['conversation_json', 'requester_json'])
      .where('started_at', '>=', at)
      .execute();
    const isTheirs = (row: (typeof rows)[number]) =>
      (JSON.parse(row.conversation_json) as ConversationReference).id === conversation.id &&
      (JSON.parse(row.requester_json) as Person).aadObjectId === personId;
    if (rows.some(isTheirs)) return true;
  }
  return false;
}
