import { type Insertable, type QueryCreator, sql } from 'kysely';
import { z } from 'zod';
import type { PendingReply } from '../domain/turn.ts';
import { chunked } from '../lib/json.ts';
import { claimDue, inTransaction, type Lease, renewLeases } from './leases.ts';
import { conversationShape, createRowReader, json, localeShape, personShape, timeShape } from './read-rows.ts';
import { keptMs } from './retention.ts';
import { type Database, type Db, isPostgres } from './schema.ts';

/** A turn that a process works on, by the key of its activity. */
export interface OpenTurn {
  readonly key: string;
  readonly reply: PendingReply;
  /** Epoch milliseconds from when its person may be notified that it was interrupted. Absent: not before it is marked answered. */
  readonly notifyFrom?: number;
}

/**
 * `new`: nobody has had the activity. `repeat`: somebody has, or works on it. `abandoned`: whoever worked on it let the lease run out
 * and had begun no sync, so it is to be done after all.
 */
export type TurnClaim = 'new' | 'repeat' | 'abandoned';

/** The turns that processes work on, each under a lease. */
export interface StoredTurns {
  /** Across processes and restarts, exactly one of all that claim an activity may do it at a time. */
  claim(turn: OpenTurn): Promise<TurnClaim>;
  /** Teams has its answer and repeats nothing: if the turn is abandoned from now on, its person may be notified at once. */
  markAnswered(key: string): Promise<void>;
  /** Skips turns that another process has taken over. */
  renewLeases(keys: readonly string[]): Promise<void>;
  end(keys: readonly string[]): Promise<void>;
  /** Leaves turns of this process to whoever comes first; their people may be notified at once. */
  release(keys: readonly string[]): Promise<void>;
  /** Stores a reply that Teams did not accept, for any process to send again from `dueAt` on. */
  keep(kept: KeptReply, dueAt: number): Promise<void>;
  /** Ends this process's lease of a turn, which may be claimed again from `dueAt` on. */
  putOff(key: string, dueAt: number): Promise<void>;
  /** Erases a person's kept replies. */
  eraseKeptOf(ownerId: string): Promise<void>;
  /**
   * Takes over abandoned turns whose people may be notified by now, and kept replies that are due. A turn that had begun a sync is ended
   * instead, because the sync has a card of its own; and so is one whose row cannot be read.
   */
  claimAbandoned(most: number): Promise<AbandonedTurn[]>;
  prune(now: number): Promise<void>;
}

/** A turn that nobody works on any more; with `sealed`, its reply is ready and has to be sent. */
export interface AbandonedTurn extends Pick<OpenTurn, 'key' | 'reply'> {
  readonly sealed?: SealedReply;
}

interface SealedReply {
  readonly text: string;
  /** Epoch milliseconds from when the reply must not be sent any more. */
  readonly giveUpAt: number;
}

export interface KeptReply extends Pick<OpenTurn, 'key' | 'reply'> {
  readonly sealed: SealedReply;
}

export function createStoredTurns(db: Db, { owner, leaseMs, now }: Lease): StoredTurns {
  const read = createRowReader(db, {
    table: 'open_turns',
    shape: z.object({ reply_json: json(pendingReply) }),
    fromRow: ({ key, sealed_reply, give_up_at }, { reply_json }): AbandonedTurn => ({
      key,
      reply: reply_json,
      ...(sealed_reply !== null && { sealed: { text: sealed_reply, giveUpAt: give_up_at ?? 0 } }),
    }),
  });
  const claim = () => ({ table: 'open_turns', key: 'key', owner, now: now(), leaseMs }) as const;

  async function end(keys: readonly string[]): Promise<void> {
    for (const part of chunked(keys)) await db.deleteFrom('open_turns').where('key', 'in', part).execute();
  }

  /** Ends those that nobody can or should do or notify of. */
  async function readClaimed(keys: readonly string[]): Promise<AbandonedTurn[]> {
    const turns: AbandonedTurn[] = [];
    for (const key of keys) {
      const row = await db.selectFrom('open_turns').selectAll().where('key', '=', key).executeTakeFirst();
      const turn = read.find(row);
      if (turn && (turn.sealed || !(await hasBegunSync(db, turn.reply)))) turns.push(turn);
      else await end([key]);
    }
    return turns;
  }

  return {
    async claim({ key, reply, notifyFrom }) {
      const row = {
        started_at: reply.at,
        notify_from: notifyFrom ?? null,
        claimed_by: owner,
        claimed_until: now() + leaseMs,
        reply_json: JSON.stringify(reply),
      };
      if (await (isPostgres(db) ? openAtOnce : openTurn)(db, key, row)) return 'new';
      const due = sql<boolean>`key = ${key}`;
      const claimed = await claimDue(db, claim(), { due, order: sql`started_at`, most: 1 });
      return (await readClaimed(claimed)).length > 0 ? 'abandoned' : 'repeat';
    },
    async markAnswered(key) {
      await db.updateTable('open_turns').set({ notify_from: 0 }).where('key', '=', key).execute();
    },
    async renewLeases(keys) {
      await renewLeases(db, claim(), keys);
    },
    end,
    async release(keys) {
      const free = { claimed_by: null, claimed_until: null, notify_from: 0 };
      for (const part of chunked(keys)) {
        const query = db.updateTable('open_turns').set(free).where('key', 'in', part);
        await query.where('claimed_by', '=', owner).execute();
      }
    },
    async keep({ key, reply, sealed }, dueAt) {
      const row = {
        started_at: reply.at,
        notify_from: dueAt,
        reply_json: JSON.stringify(reply),
        owner_id: reply.personId,
        sealed_reply: sealed.text,
        give_up_at: sealed.giveUpAt,
      };
      await db
        .insertInto('open_turns')
        .values({ key, ...row })
        .execute();
    },
    async putOff(key, dueAt) {
      await db
        .updateTable('open_turns')
        .set({ claimed_by: null, claimed_until: null, notify_from: dueAt })
        .where((where) => where.and({ key, claimed_by: owner }))
        .execute();
    },
    async eraseKeptOf(ownerId) {
      await db.deleteFrom('open_turns').where('owner_id', '=', ownerId).where('sealed_reply', 'is not', null).execute();
    },
    async claimAbandoned(most) {
      const due = sql<boolean>`notify_from <= ${now()}`;
      return readClaimed(await claimDue(db, claim(), { due, order: sql`started_at`, most }));
    },
    async prune(at) {
      await db
        .deleteFrom('open_turns')
        .where('started_at', '<', at - keptMs.processedActivities)
        .execute();
    },
  };
}

type OpenedTurn = Omit<Insertable<Database['open_turns']>, 'key'>;

/** Claims the activity and stores its turn, both or neither; false when the activity was claimed before. */
const openTurn = (db: Db, key: string, row: OpenedTurn): Promise<boolean> =>
  inTransaction(db, async (within) => {
    if (!(await createProcessedActivities(within).claim(key, row.started_at))) return false;
    await within
      .insertInto('open_turns')
      .values({ key, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute();
    return true;
  });

/** The same in one statement: each message begins with it, and a transaction would hold its connection for four round trips. */
async function openAtOnce(db: Db, key: string, row: OpenedTurn): Promise<boolean> {
  const columns = Object.keys(row) as (keyof OpenedTurn)[];
  const result = await db
    .with('claimed', (within) => claimActivity(within, key, row.started_at).returning('key'))
    .insertInto('open_turns')
    .columns(['key', ...columns])
    .expression(({ selectFrom, val }) =>
      selectFrom('claimed').select(['key', ...columns.map((column) => val(row[column]).as(column))]),
    )
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
}

const pendingReply: z.ZodType<PendingReply> = z.looseObject({
  conversation: conversationShape,
  locale: localeShape,
  messageId: z.string().exactOptional(),
  cardId: z.string().exactOptional(),
  personId: z.string(),
  at: timeShape,
});

/**
 * True when the person has begun a sync, or many, in that conversation since. Syncs of any tenant count: a guest's is of another
 * tenant than the conversation.
 */
async function hasBegunSync(db: Db, { conversation, personId, at }: PendingReply): Promise<boolean> {
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

export interface ProcessedActivities {
  /** True for exactly one caller per key within 24 hours, across processes and restarts. */
  claim(key: string, now: number): Promise<boolean>;
  prune(now: number): Promise<void>;
}

export function createProcessedActivities(db: Db): ProcessedActivities {
  return {
    async claim(key, now) {
      const result = await claimActivity(db, key, now).executeTakeFirst();
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

const claimActivity = (db: QueryCreator<Database>, key: string, now: number) =>
  db
    .insertInto('processed_activities')
    .values({ key, at: now })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ at: now })
        .where('processed_activities.at', '<', now - keptMs.processedActivities),
    );
