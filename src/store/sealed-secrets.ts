import type { SealedSecrets } from '../domain/sign-in-request.ts';
import { keptMs } from './retention.ts';
import type { Db } from './schema.ts';

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
