import { z } from 'zod';
import type { SealedSecrets } from '../domain/sign-in-request.ts';
import { createRowReader, graphDateShape } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { Db } from './schema.ts';

/** A token's state when its renewal began, so that `verify` can say whether the renewal arrived. */
interface RenewalMark {
  readonly tenantId: string;
  readonly tokenId: string;
  /** Epoch milliseconds. */
  readonly markedAt: number;
  /** As Graph sent them; absent when it had none. */
  readonly expirationDateTime?: string;
  readonly appleId?: string;
  readonly organizationName?: string;
}

export interface RenewalMarks {
  /** Keeps the newest mark of each token. */
  put(mark: RenewalMark): Promise<void>;
  find(tenantId: string, tokenId: string): Promise<RenewalMark | undefined>;
  /** Erases marks too old to belong to a renewal that is still going on. */
  prune(now: number): Promise<void>;
}

export function createRenewalMarks(db: Db): RenewalMarks {
  const read = createRowReader(db, {
    table: 'renewal_marks',
    shape: z.object({ expiration: graphDateShape.nullable() }),
    fromRow: (row): RenewalMark => ({
      tenantId: row.tenant_id,
      tokenId: row.token_id,
      markedAt: row.marked_at,
      ...(row.expiration !== null && { expirationDateTime: row.expiration }),
      ...(row.apple_id !== null && { appleId: row.apple_id }),
      ...(row.organization_name !== null && { organizationName: row.organization_name }),
    }),
  });

  return {
    async put(mark) {
      const values = {
        marked_at: mark.markedAt,
        expiration: mark.expirationDateTime ?? null,
        apple_id: mark.appleId ?? null,
        organization_name: mark.organizationName ?? null,
      };
      await db
        .insertInto('renewal_marks')
        .values({ tenant_id: mark.tenantId, token_id: mark.tokenId, ...values })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'token_id'])
            .doUpdateSet(values)
            .where('renewal_marks.marked_at', '<=', mark.markedAt),
        )
        .execute();
    },
    async find(tenantId, tokenId) {
      const row = await db
        .selectFrom('renewal_marks')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId }))
        .executeTakeFirst();
      return read.find(row);
    },
    async prune(now) {
      await db
        .deleteFrom('renewal_marks')
        .where('marked_at', '<', now - keptMs.renewalMarks)
        .execute();
    },
  };
}

/** Secrets, which `src/identity/keys.ts` has encrypted. */
export function createSealedSecrets(db: Db): SealedSecrets & { prune(now: number): Promise<void> } {
  return {
    async put({ name, keyId, ownerId, sealed, expiresAt }) {
      const values = { owner_id: ownerId, sealed, expires_at: expiresAt };
      await db
        .insertInto('sealed_secrets')
        .values({ name, key_id: keyId, ...values })
        .onConflict((conflict) => conflict.columns(['name', 'key_id']).doUpdateSet(values))
        .execute();
    },
    async find(name, keyId, now) {
      const row = await db
        .selectFrom('sealed_secrets')
        .select('sealed')
        .where((where) => where.and({ name, key_id: keyId }))
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return row?.sealed;
    },
    async take(name, keyId) {
      const result = await db
        .deleteFrom('sealed_secrets')
        .where((where) => where.and({ name, key_id: keyId }))
        .executeTakeFirst();
      return Number(result.numDeletedRows) === 1;
    },
    async findGeneration(ownerId) {
      const row = await db
        .selectFrom('sign_outs')
        .select('generation')
        .where('owner_id', '=', ownerId)
        .executeTakeFirst();
      return row?.generation ?? 0;
    },
    // The generation first: with the secrets left behind, none of them opens any more.
    async signOut(ownerId, now) {
      await db
        .insertInto('sign_outs')
        .values({ owner_id: ownerId, generation: 1, at: now })
        .onConflict((conflict) =>
          conflict.column('owner_id').doUpdateSet(({ eb, ref }) => ({
            generation: eb(ref('sign_outs.generation'), '+', 1),
            at: now,
          })),
        )
        .execute();
      await db.deleteFrom('sealed_secrets').where('owner_id', '=', ownerId).execute();
    },
    async prune(now) {
      await db.deleteFrom('sealed_secrets').where('expires_at', '<=', now).execute();
      await db
        .deleteFrom('sign_outs')
        .where('at', '<', now - keptMs.signOuts)
        .where('owner_id', 'not in', (inner) => inner.selectFrom('sealed_secrets').select('owner_id'))
        .execute();
    },
  };
}
