import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type {
  AlertCardRecord,
  AlertSettingsRecord,
  BatchCardRecord,
  CardRecord,
  CardRecords,
  Choice,
  ListRecord,
  OpenAlertsRecord,
  PlanRecord,
  TokenCardRecord,
} from '../domain/card-record.ts';
import { conversationRoot } from '../domain/turn.ts';
import { inTransaction } from './leases.ts';
import { createRowReader, json, localeShape, newestChecked } from './read-rows.ts';
import type { CardRecordRow, Db } from './schema.ts';

/** Questions and plans that are kept for one person, over all conversations. */
const mostDialogs = 20;
const dialogKinds: readonly string[] = ['choice', 'plan'] satisfies CardRecord['kind'][];

export function createCardRecords(db: Db): CardRecords {
  const read = createRowReader(db, { table: 'card_records', shape: columns, fromRow: toRecord });

  async function findOpen(kind: CardRecord['kind'], ownerId: string, conversationId: string, now: number) {
    const rows = await db
      .selectFrom('card_records')
      .selectAll()
      .where((where) => where.and({ kind, owner_id: ownerId, conversation_id: conversationId }))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .orderBy('created_at', 'desc')
      .limit(newestChecked)
      .execute();
    return read.list(rows)[0];
  }

  return {
    async add(record) {
      const { ownerId, conversationId } = record;
      if (ownerId === undefined || !dialogKinds.includes(record.kind)) {
        await db.insertInto('card_records').values(toRow(record)).execute();
        return;
      }
      await inTransaction(db, async (within) => {
        await endDialogs(within, { ownerId, conversationId, at: record.createdAt });
        const kept = within
          .selectFrom('card_records')
          .select('id')
          .where('owner_id', '=', ownerId)
          .where('kind', 'in', dialogKinds)
          .orderBy('created_at', 'desc')
          .limit(mostDialogs - 1);
        await within
          .deleteFrom('card_records')
          .where('owner_id', '=', ownerId)
          .where('kind', 'in', dialogKinds)
          .where('id', 'not in', kept)
          .execute();
        await within.insertInto('card_records').values(toRow(record)).execute();
      });
    },
    async find(id) {
      const row = await db.selectFrom('card_records').selectAll().where('id', '=', id).executeTakeFirst();
      return read.find(row);
    },
    async setCard(id, cardId) {
      await db.updateTable('card_records').set({ card_id: cardId }).where('id', '=', id).execute();
    },
    async findByCard(conversationId, cardId) {
      const rows = await db
        .selectFrom('card_records')
        .selectAll()
        .where('card_id', '=', cardId)
        .orderBy('created_at', 'desc')
        .limit(newestChecked)
        .execute();
      const root = conversationRoot(conversationId);
      return read.list(rows.filter((row) => conversationRoot(row.conversation_id) === root))[0];
    },
    async take(id, now) {
      const result = await db
        .updateTable('card_records')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async reopen(id) {
      await db.updateTable('card_records').set({ used_at: null }).where('id', '=', id).execute();
    },
    findOpenPlan: (...of) => findOpen('plan', ...of),
    findOpenChoice: (...of) => findOpen('choice', ...of),
    cancelDialogs: (ownerId, conversationId, at) => endDialogs(db, { ownerId, conversationId, at }),
    async endAllOf(ownerId, now) {
      await db
        .updateTable('card_records')
        .set({ used_at: now })
        .where('owner_id', '=', ownerId)
        .where('used_at', 'is', null)
        .execute();
    },
    async prune(now) {
      await db.deleteFrom('card_records').where('expires_at', '<', now).execute();
    },
  };
}

interface DialogsOf {
  readonly ownerId: string;
  readonly conversationId: string;
  readonly at: number;
}

/** Their buttons go on saying that they were used; which tokens they were about is erased. */
async function endDialogs(db: Db, { ownerId, conversationId, at }: DialogsOf): Promise<void> {
  const emptied = sql<string>`case kind when 'choice' then ${emptyChoice} else ${emptyPlan} end`;
  await db
    .updateTable('card_records')
    .set(({ fn, ref, val }) => ({ used_at: fn.coalesce(ref('used_at'), val(at)), payload_json: emptied }))
    .where((where) => where.and({ owner_id: ownerId, conversation_id: conversationId }))
    .where('kind', 'in', dialogKinds)
    .execute();
}

const emptyChoice = JSON.stringify({ command: '', asked: '', actionTitle: '', tokens: [] } satisfies Choice);
const emptyPlan = JSON.stringify({ tokens: [] } satisfies PlanRecord);

const toRow = (record: CardRecord): CardRecordRow => ({
  id: record.id,
  kind: record.kind,
  owner_id: record.ownerId ?? null,
  conversation_id: record.conversationId,
  payload_json: JSON.stringify(record.payload),
  created_at: record.createdAt,
  expires_at: record.expiresAt,
  used_at: record.usedAt ?? null,
  card_id: record.cardId ?? null,
  is_targeted: record.isTargeted ? 1 : 0,
});

interface Payloads {
  readonly tokenCard: TokenCardRecord;
  readonly choice: Choice;
  readonly plan: PlanRecord;
  readonly alert: AlertCardRecord;
  readonly list: ListRecord;
  readonly openAlerts: OpenAlertsRecord;
  readonly alertSettings: AlertSettingsRecord;
  readonly batch: BatchCardRecord;
}

const payloads: { readonly [Kind in CardRecord['kind']]: z.ZodType<Payloads[Kind]> } = {
  tokenCard: z.looseObject({ tokenId: z.string(), runId: z.string().exactOptional() }),
  choice: z.looseObject({
    command: z.string(),
    asked: z.string(),
    within: z.array(z.string()).exactOptional(),
    actionTitle: z.string(),
    suffix: z.string().exactOptional(),
    from: z.int().min(0).exactOptional(),
    tokens: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  }),
  plan: z.looseObject({
    asked: z.string().exactOptional(),
    tokens: z.array(z.looseObject({ id: z.string(), name: z.string().exactOptional() })),
  }),
  alert: z.looseObject({ alertId: z.string(), tokenId: z.string() }),
  batch: z.looseObject({ failed: z.array(z.string()) }),
  list: z.looseObject({
    command: z.string(),
    asked: z.string(),
    batchId: z.string().exactOptional(),
    page: z.int().min(0),
    rows: z.array(z.union([z.looseObject({ tokenId: z.string() }), z.looseObject({ batchId: z.string() })])),
    tokenId: z.string().exactOptional(),
  }),
  openAlerts: z.looseObject({
    page: z.int().min(0),
    which: z.array(z.string()),
    rows: z.array(z.string()),
    locale: localeShape,
  }),
  alertSettings: z.looseObject({ tokenIds: z.array(z.string()) }),
};

const columns = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tokenCard'), payload_json: json(payloads.tokenCard) }),
  z.object({ kind: z.literal('choice'), payload_json: json(payloads.choice) }),
  z.object({ kind: z.literal('plan'), payload_json: json(payloads.plan) }),
  z.object({ kind: z.literal('alert'), payload_json: json(payloads.alert) }),
  z.object({ kind: z.literal('batch'), payload_json: json(payloads.batch) }),
  z.object({ kind: z.literal('list'), payload_json: json(payloads.list) }),
  z.object({ kind: z.literal('openAlerts'), payload_json: json(payloads.openAlerts) }),
  z.object({ kind: z.literal('alertSettings'), payload_json: json(payloads.alertSettings) }),
]);

function toRecord(row: Selectable<CardRecordRow>, { kind, payload_json }: z.output<typeof columns>): CardRecord {
  return {
    id: row.id,
    kind,
    ...(row.owner_id !== null && { ownerId: row.owner_id }),
    conversationId: row.conversation_id,
    payload: payload_json,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.used_at !== null && { usedAt: row.used_at }),
    ...(row.card_id !== null && { cardId: row.card_id }),
    ...(row.is_targeted === 1 && { isTargeted: true }),
  };
}
