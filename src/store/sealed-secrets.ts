import type { SealedSecrets } from '../identity/kept-sign-ins.ts';
import type { Db } from './open-database.ts';

/** Secrets that were encrypted before they came here; see `src/identity/keys.ts`. */
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
    async eraseAllOf(ownerId) {
      await db.deleteFrom('sealed_secrets').where('owner_id', '=', ownerId).execute();
    },
    async prune(now) {
      await db.deleteFrom('sealed_secrets').where('expires_at', '<=', now).execute();
    },
  };
}
