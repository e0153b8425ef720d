import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { ExchangeFailure, SignInPurpose, SignInRequest, SignInRequests } from '../domain/sign-in-request.ts';
import { conversationRoot, type Person } from '../domain/turn.ts';
import {
  conversationShape,
  createRowReader,
  json,
  localeShape,
  newestChecked,
  personShape,
  wordsOf,
} from './read-rows.ts';
import type { Db, SignInRequestRow } from './schema.ts';

export interface StoredSignInRequests extends SignInRequests {
  add(request: SignInRequest): Promise<void>;
  setCard(id: string, cardId: string): Promise<void>;
  /** Finds the person's newest open request in a conversation. */
  findOpenOf(
    person: Pick<Person, 'aadObjectId'>,
    conversationId: string,
    now: number,
  ): Promise<SignInRequest | undefined>;
  /** Lists the person's open requests of all conversations. */
  listOpenOf(person: Pick<Person, 'aadObjectId'>, now: number): Promise<SignInRequest[]>;
  /** Finds why the newest of the person's unexpired requests that failed did so, wherever they asked. */
  findLastFailure(person: Actor, now: number): Promise<ExchangeFailure | undefined>;
  prune(now: number): Promise<void>;
}

type Actor = Pick<Person, 'aadObjectId' | 'tenantId'>;

export function createSignInRequests(db: Db): StoredSignInRequests {
  const read = createRowReader(db, { table: 'sign_in_requests', shape: columns, fromRow: toRequest });

  return {
    async add(request) {
      await db.insertInto('sign_in_requests').values(toRow(request)).execute();
    },
    async find(id) {
      const row = await db.selectFrom('sign_in_requests').selectAll().where('id', '=', id).executeTakeFirst();
      return read.find(row);
    },
    async useState(hash, expiresAt) {
      const result = await db
        .insertInto('used_sign_in_states')
        .values({ hash, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows) === 1;
    },
    async recordFailure(id, failure) {
      await db
        .updateTable('sign_in_requests')
        .set({ failure_json: JSON.stringify(failure) })
        .where('id', '=', id)
        .execute();
    },
    async escalate(id, purpose, claims) {
      await db
        .updateTable('sign_in_requests')
        .set({ purpose, claims: claims ?? null })
        .where('id', '=', id)
        .execute();
    },
    async take(id, now) {
      const result = await db
        .updateTable('sign_in_requests')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async setCard(id, cardId) {
      await db.updateTable('sign_in_requests').set({ card_id: cardId }).where('id', '=', id).execute();
    },
    async findOpenOf(person, conversationId, now) {
      const rows = await db
        .selectFrom('sign_in_requests')
        .selectAll()
        .where((where) =>
          where.and({ owner_id: person.aadObjectId, conversation_id: conversationRoot(conversationId) }),
        )
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .limit(newestChecked)
        .execute();
      return read.list(rows)[0];
    },
    async listOpenOf(person, now) {
      const rows = await db
        .selectFrom('sign_in_requests')
        .selectAll()
        .where('owner_id', '=', person.aadObjectId)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .execute();
      return read.list(rows);
    },
    async findLastFailure(person, now) {
      const rows = await db
        .selectFrom('sign_in_requests')
        .selectAll()
        .where('owner_id', '=', person.aadObjectId)
        .where('failure_json', 'is not', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .limit(newestChecked)
        .execute();
      return read.list(rows).find(({ owner }) => owner.tenantId === person.tenantId)?.failure;
    },
    async prune(now) {
      await db.deleteFrom('sign_in_requests').where('expires_at', '<', now).execute();
      await db.deleteFrom('used_sign_in_states').where('expires_at', '<', now).execute();
    },
  };
}

function toRow(request: SignInRequest): SignInRequestRow {
  return {
    id: request.id,
    owner_id: request.owner.aadObjectId,
    conversation_id: conversationRoot(request.conversation.id),
    owner_json: JSON.stringify(request.owner),
    conversation_json: JSON.stringify(request.conversation),
    locale: request.locale,
    purpose: request.purpose,
    claims: request.claims ?? null,
    resume: request.resume,
    is_retry: request.isRetry ? 1 : 0,
    card_id: request.cardId ?? null,
    message_id: request.messageId ?? null,
    created_at: request.createdAt,
    expires_at: request.expiresAt,
    used_at: request.usedAt ?? null,
    failure_json: request.failure ? JSON.stringify(request.failure) : null,
  };
}

const code = z.string();
const failureShape: z.ZodType<ExchangeFailure> = z.discriminatedUnion('reason', [
  z.looseObject({ reason: z.literal('assertionRejected'), detail: z.string() }),
  z.looseObject({ reason: z.literal('tenantNotAllowed'), tenantId: z.string() }),
  z.looseObject({ reason: z.literal('stepUpRequired'), claims: z.string(), code }),
  z.looseObject({ reason: z.literal('throttled'), retryAfterMs: z.number().exactOptional() }),
  z.looseObject({ reason: z.enum(['versionOne', 'assertionExpired', 'unavailable']) }),
  z.looseObject({
    reason: z.enum(['consentRequired', 'blockedByPolicy', 'notInTenant', 'wrongClientSecret', 'refused']),
    code,
  }),
]);

const columns = z.object({
  owner_json: json(personShape),
  conversation_json: json(conversationShape),
  locale: localeShape,
  purpose: wordsOf<SignInPurpose>({ signIn: true, consent: true, stepUp: true }),
  failure_json: json(failureShape).nullable(),
});

function toRequest(row: Selectable<SignInRequestRow>, read: z.output<typeof columns>): SignInRequest {
  return {
    id: row.id,
    owner: read.owner_json,
    conversation: read.conversation_json,
    locale: read.locale,
    purpose: read.purpose,
    ...(row.claims !== null && { claims: row.claims }),
    resume: row.resume,
    ...(row.is_retry === 1 && { isRetry: true }),
    ...(row.card_id !== null && { cardId: row.card_id }),
    ...(row.message_id !== null && { messageId: row.message_id }),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.used_at !== null && { usedAt: row.used_at }),
    ...(read.failure_json !== null && { failure: read.failure_json }),
  };
}
