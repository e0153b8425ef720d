import { sql } from 'kysely';
import { z } from 'zod';
import type { PendingReply } from '../domain/turn.ts';
import { chunked } from '../lib/json.ts';
import { claimDue, inTransaction, type Lease } from './leases.ts';
import { createRowReader, json } from './read-rows.ts';
import { type Db, keptMs } from './schema.ts';
import { conversationShape, localeShape, personShape, timeShape } from './shapes.ts';

export interface NewTurn {
  readonly key: string;
  readonly owed: PendingReply;
  /** From when on it may be told that the turn was cut short. Absent: who waits learns that from Teams, until the turn is answered. */
  readonly toldFrom?: number;
}

/** Turns that are worked on, by the key of the activity that began each. One that outlives its process is found by another. */
export interface StoredTurns {
  /** Claims the turn's activity, and holds the turn for a lease: both or neither. False when the activity came before. */
  begin(turn: NewTurn): Promise<boolean>;
  /** Teams has its answer and sends nothing again: whoever finds the turn cut short tells it at once. */
  markAnswered(key: string): Promise<void>;
  /** Holds these of this process for another lease. */
  keep(keys: readonly string[]): Promise<void>;
  /** It is done, and nobody waits any more. */
  remove(keys: readonly string[]): Promise<void>;
  /** Gives these back, for anybody to tell at once that they were cut short. */
  release(keys: readonly string[]): Promise<void>;
  /** Those of these keys that somebody still works on, or that wait to be told. */
  listOpen(keys: readonly string[]): Promise<string[]>;
  /** Takes turns that no living process works on: those that may be told by now, and those of `retried`. Resolves to their keys. */
  claimCutShort(retried: readonly string[], most: number): Promise<string[]>;
  /** Undefined also when its row cannot be read. */
  findOwed(key: string): Promise<PendingReply | undefined>;
  prune(now: number): Promise<void>;
}

export function createStoredTurns(db: Db, lease: Lease): StoredTurns {
  const { owner, leaseMs } = lease;
  const claimedUntil = () => lease.now() + leaseMs;
  const read = createRowReader(db, {
    table: 'open_turns',
    shape: z.object({ reply_json: json(pendingReply) }),
    fromRow: (_, { reply_json }) => reply_json,
  });

  return {
    async begin({ key, owed, toldFrom }) {
      const held = {
        ...{ started_at: owed.at, notify_from: toldFrom ?? null, reply_json: JSON.stringify(owed) },
        ...{ claimed_by: owner, claimed_until: claimedUntil() },
      };
      return inTransaction(db, async (within) => {
        if (!(await createProcessedActivities(within).claim(key, owed.at))) return false;
        await within
          .insertInto('open_turns')
          .values({ key, ...held })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(held))
          .execute();
        return true;
      });
    },
    async markAnswered(key) {
      await db.updateTable('open_turns').set({ notify_from: 0 }).where('key', '=', key).execute();
    },
    async keep(keys) {
      for (const part of chunked(keys)) {
        const query = db.updateTable('open_turns').set({ claimed_until: claimedUntil() }).where('key', 'in', part);
        await query.where('claimed_by', '=', owner).execute();
      }
    },
    async remove(keys) {
      for (const part of chunked(keys)) await db.deleteFrom('open_turns').where('key', 'in', part).execute();
    },
    async release(keys) {
      const given = { claimed_by: null, claimed_until: null, notify_from: 0 };
      for (const part of chunked(keys)) {
        const query = db.updateTable('open_turns').set(given).where('key', 'in', part);
        await query.where('claimed_by', '=', owner).execute();
      }
    },
    async listOpen(keys) {
      const open: string[] = [];
      for (const part of chunked(keys)) {
        const rows = await db.selectFrom('open_turns').select('key').where('key', 'in', part).execute();
        open.push(...rows.map(({ key }) => key));
      }
      return open;
    },
    claimCutShort(retried, most) {
      const now = lease.now();
      const isRetried = retried.length > 0 ? sql`key in (${sql.join(retried)})` : sql`1 = 0`;
      const due = sql<boolean>`(notify_from <= ${now} or ${isRetried})`;
      return claimDue(
        db,
        { table: 'open_turns', key: 'key', owner, now, leaseMs },
        { due, order: sql`started_at`, most },
      );
    },
    async findOwed(key) {
      return read.find(await db.selectFrom('open_turns').selectAll().where('key', '=', key).executeTakeFirst());
    },
    async prune(now) {
      await db
        .deleteFrom('open_turns')
        .where('started_at', '<', now - keptMs.processedActivities)
        .execute();
    },
  };
}

const pendingReply: z.ZodType<PendingReply> = z.looseObject({
  conversation: conversationShape,
  locale: localeShape,
  messageId: z.string().exactOptional(),
  personId: z.string(),
  at: timeShape,
});

export interface ProcessedActivities {
  /** True for exactly one caller per key within 24 hours, across processes and restarts. */
  claim(key: string, now: number): Promise<boolean>;
  prune(now: number): Promise<void>;
}

export function createProcessedActivities(db: Db): ProcessedActivities {
  return {
    async claim(key, now) {
      const result = await db
        .insertInto('processed_activities')
        .values({ key, at: now })
        .onConflict((conflict) =>
          conflict
            .column('key')
            .doUpdateSet({ at: now })
            .where('processed_activities.at', '<', now - keptMs.processedActivities),
        )
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
    },
    async prune(now) {
      await db
        .deleteFrom('processed_activities')
        .where('at', '<', now - keptMs.processedActivities)
        .execute();
    },
  };
}

/**
 * Whether whoever waits has begun a sync, or many, in that conversation since: each is told of on a card of its own.
 * Of any tenant: a guest's sync is of another than the conversation's.
 */
export async function hasBegunSync(db: Db, { conversation, personId, at }: PendingReply): Promise<boolean> {
  for (const table of ['sync_runs', 'sync_batches'] as const) {
    const rows = await db
      .selectFrom(table)
      .select(['conversation_json', 'requester_json'])
      .where('started_at', '>=', at)
      .execute();
    const isTheirs = (row: (typeof rows)[number]) =>
      json(conversationShape).safeParse(row.conversation_json).data?.id === conversation.id &&
      json(personShape).safeParse(row.requester_json).data?.aadObjectId === personId;
    if (rows.some(isTheirs)) return true;
  }
  return false;
}
