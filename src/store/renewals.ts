import { z } from 'zod';
import type { Renewal, RenewalEnd, RenewalNotice, RenewalNotices, Renewals } from '../domain/renewal.ts';
import {
  conversationShape,
  createRowReader,
  graphDateShape,
  json,
  localeShape,
  personShape,
  tokenShape,
  wordsOf,
} from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { Db } from './schema.ts';

const endShape = wordsOf<RenewalEnd>({ renewed: true, otherAccount: true });

/** Renewals that are under way, and for a while those that are over: `verify` compares the token with what it was before. */
export function createRenewals(db: Db): Renewals {
  const read = createRowReader(db, {
    table: 'renewals',
    shape: z.object({
      expiration: graphDateShape.nullable(),
      person_json: json(personShape),
      conversation_json: json(conversationShape),
      locale: localeShape,
      announced: endShape.nullable(),
    }),
    fromRow: (row, { person_json, conversation_json, locale, announced }): Renewal => ({
      tenantId: row.tenant_id,
      tokenId: row.token_id,
      startedAt: row.started_at,
      person: person_json,
      conversation: conversation_json,
      locale,
      ...(row.expiration !== null && { expirationDateTime: row.expiration }),
      ...(row.apple_id !== null && { appleId: row.apple_id }),
      ...(row.organization_name !== null && { organizationName: row.organization_name }),
      ...(announced !== null && { announced }),
    }),
  });

  return {
    async start(renewal) {
      const values = {
        started_at: renewal.startedAt,
        person_json: JSON.stringify(renewal.person),
        conversation_json: JSON.stringify(renewal.conversation),
        locale: renewal.locale,
        expiration: renewal.expirationDateTime ?? null,
        apple_id: renewal.appleId ?? null,
        organization_name: renewal.organizationName ?? null,
        announced: null,
      };
      const result = await db
        .insertInto('renewals')
        .values({ tenant_id: renewal.tenantId, token_id: renewal.tokenId, ...values })
        .onConflict((conflict) =>
          conflict.columns(['tenant_id', 'token_id']).doUpdateSet(values).where('renewals.announced', '=', 'renewed'),
        )
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
    },
    async find(tenantId, tokenId) {
      const row = await db
        .selectFrom('renewals')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId }))
        .executeTakeFirst();
      return read.find(row);
    },
    async listUnderWay(tenantId) {
      const rows = await db
        .selectFrom('renewals')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where((where) => where.or([where('announced', 'is', null), where('announced', '!=', 'renewed')]))
        .execute();
      return read.list(rows);
    },
    async announce({ tenantId, tokenId }, end) {
      const result = await db
        .updateTable('renewals')
        .set({ announced: end })
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId }))
        .where((where) => where.or([where('announced', 'is', null), where('announced', 'not in', [end, 'renewed'])]))
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async prune(now) {
      await db
        .deleteFrom('renewals')
        .where('started_at', '<', now - keptMs.renewals)
        .execute();
    },
  };
}

const mostAtOnce = 50;

/** Messages that wait for their time: reminders of renewals, and the ends of renewals that monitoring saw. */
export function createRenewalNotices(db: Db): RenewalNotices {
  const read = createRowReader(db, {
    table: 'renewal_notices',
    shape: z.object({
      kind: wordsOf<RenewalNotice['kind']>({ reminder: true, renewed: true, otherAccount: true }),
      token_json: json(tokenShape),
      person_json: json(personShape),
      conversation_json: json(conversationShape),
      locale: localeShape,
    }),
    fromRow: (row, { kind, token_json, person_json, conversation_json, locale }): RenewalNotice => ({
      id: row.id,
      kind,
      tenantId: row.tenant_id,
      token: token_json,
      person: person_json,
      conversation: conversation_json,
      locale,
      dueAt: row.due_at,
      attempts: row.attempts,
    }),
  });

  return {
    async add({ kind, token, person, ...notice }) {
      const values = {
        id: notice.id,
        tenant_id: notice.tenantId,
        person_json: JSON.stringify(person),
        conversation_json: JSON.stringify(notice.conversation),
        token_json: JSON.stringify(token),
        locale: notice.locale,
        due_at: notice.dueAt,
        attempts: notice.attempts,
      };
      await db
        .insertInto('renewal_notices')
        .values({ kind, token_id: token.id, owner_id: person.aadObjectId, ...values })
        .onConflict((conflict) => conflict.columns(['owner_id', 'token_id', 'kind']).doUpdateSet(values))
        .execute();
    },
    async listDue(now) {
      const rows = await db
        .selectFrom('renewal_notices')
        .selectAll()
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(mostAtOnce)
        .execute();
      return read.list(rows);
    },
    async take(id) {
      const result = await db.deleteFrom('renewal_notices').where('id', '=', id).executeTakeFirst();
      return Number(result.numDeletedRows) === 1;
    },
    async prune(now) {
      await db
        .deleteFrom('renewal_notices')
        .where('due_at', '<', now - keptMs.renewalNotices)
        .execute();
    },
  };
}
