import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Conversations, KnownConversation } from '../domain/alert-repositories.ts';
import { conversationRoot } from '../domain/turn.ts';
import { createBoundedMap } from '../lib/limits.ts';
import { hourMs, minuteMs } from '../lib/time.ts';
import { conversationShape, createRowReader, json, newestChecked } from './read-rows.ts';
import type { ConversationRow, Db } from './schema.ts';

/** More than are active within minutes. */
const mostRemembered = 10_000;
const trustedForMs = 10 * minuteMs;

/** The conversations that the bot knows. Recent writes are remembered, so that a busy conversation needs no query. */
export function createConversations(db: Db, options: { readonly mostRemembered?: number } = {}): Conversations {
  const most = options.mostRemembered ?? mostRemembered;
  const read = createRowReader(db, { table: 'conversations', shape: columns, fromRow: toKnown });
  const remembered = createBoundedMap<{ readonly row: ConversationRow; readonly at: number }>(most);

  const remember = (row: ConversationRow, at: number) => remembered.set(row.conversation_id, { row, at });

  const find = (id: string) =>
    db.selectFrom('conversations').selectAll().where('conversation_id', '=', id).executeTakeFirst();

  return {
    async record(conversation, { afresh } = { afresh: false }) {
      const row = toRow(conversation);
      const at = conversation.seenAt;
      const known = remembered.get(row.conversation_id);
      if (!afresh && known && isUnchanged(row, known.row) && Math.abs(at - known.at) < trustedForMs) return;
      const found = await find(row.conversation_id);
      const whole = {
        ...row,
        person_id: row.person_id ?? found?.person_id ?? null,
        team_id: row.team_id ?? found?.team_id ?? null,
      };
      if (!found || !isUnchanged(whole, found)) {
        await db
          .insertInto('conversations')
          .values(whole)
          .onConflict((conflict) =>
            conflict.column('conversation_id').doUpdateSet(whole).where('conversations.seen_at', '<=', at),
          )
          .execute();
      }
      remember(whole, at);
    },
    async find(conversationId) {
      return read.find(await find(conversationRoot(conversationId)));
    },
    async listIdsOfTeam(tenantId, teamId) {
      const query = db.selectFrom('conversations').select('conversation_id').where('team_id', '=', teamId);
      return (await query.where('tenant_id', '=', tenantId).execute()).map((row) => row.conversation_id);
    },
    async findPersonal(tenantId, personId) {
      const rows = await db
        .selectFrom('conversations')
        .selectAll()
        .where('person_id', '=', personId)
        .where('tenant_id', '=', tenantId)
        .orderBy('seen_at', 'desc')
        .limit(newestChecked)
        .execute();
      return read.list(rows)[0];
    },
    async erase(conversationId) {
      const id = conversationRoot(conversationId);
      remembered.delete(id);
      await db.deleteFrom('conversations').where('conversation_id', '=', id).execute();
    },
  };
}

function toRow({ reference, personId, teamId, seenAt }: KnownConversation): ConversationRow {
  const id = conversationRoot(reference.id);
  return {
    conversation_id: id,
    tenant_id: reference.tenantId,
    kind: reference.kind,
    reference_json: JSON.stringify({
      serviceUrl: reference.serviceUrl,
      id,
      kind: reference.kind,
      tenantId: reference.tenantId,
      bot: { id: reference.bot.id, name: reference.bot.name },
    }),
    person_id: personId ?? null,
    team_id: teamId ?? null,
    seen_at: seenAt,
  };
}

/** An activity that does not name the person or the team changes neither. */
const isUnchanged = (row: ConversationRow, known: Selectable<ConversationRow>) =>
  row.reference_json === known.reference_json &&
  (row.person_id === null || row.person_id === known.person_id) &&
  (row.team_id === null || row.team_id === known.team_id);

const columns = z.object({ reference_json: json(conversationShape) });

const toKnown = (
  row: Selectable<ConversationRow>,
  { reference_json }: z.output<typeof columns>,
): KnownConversation => ({
  reference: reference_json,
  ...(row.person_id !== null && { personId: row.person_id }),
  ...(row.team_id !== null && { teamId: row.team_id }),
  seenAt: row.seen_at,
});

export interface Installation {
  /** Lower case. */
  readonly tenantId: string;
  /** Without the thread. */
  readonly conversationId: string;
  /** Of a channel. */
  readonly teamId?: string;
}

export interface Installations {
  /**
   * True for exactly one caller from an installation to its removal, across processes and restarts. After an hour it is another
   * installation, whose removal was missed: Teams reports each within seconds.
   */
  claim(installation: Installation, now: number): Promise<boolean>;
  /**
   * For a bot that was removed from there, or whose welcome could not be sent: the next caller may claim it anew. A team's bot leaves all
   * its channels: Teams may report that in another channel than the installation.
   */
  release(installation: Installation): Promise<void>;
}

/** The bot's installations, so that it welcomes people once in each. */
export function createInstallations(db: Db): Installations {
  return {
    async claim({ tenantId, conversationId, teamId }, now) {
      const result = await db
        .insertInto('installations')
        .values({ tenant_id: tenantId, conversation_id: conversationId, team_id: teamId ?? null, at: now })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'conversation_id'])
            .doUpdateSet({ at: now })
            .where('installations.at', '<', now - hourMs),
        )
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
    },
    async release({ tenantId, conversationId, teamId }) {
      await db
        .deleteFrom('installations')
        .where('tenant_id', '=', tenantId)
        .where((where) =>
          where.or([
            where('conversation_id', '=', conversationId),
            ...(teamId === undefined ? [] : [where('team_id', '=', teamId)]),
          ]),
        )
        .execute();
    },
  };
}
