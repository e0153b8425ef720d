import type { Db } from './open-database.ts';
import { keptMs } from './retention.ts';

/** What a token was when its renewal began, so that it can be told later whether the renewal arrived. */
export interface RenewalMark {
  readonly tenantId: string;
  readonly tokenId: string;
  /** Epoch milliseconds. */
  readonly markedAt: number;
  /** Graph's own, as they came; absent when Graph had none. */
  readonly expirationDateTime?: string;
  readonly appleId?: string;
  readonly organizationName?: string;
}

export interface RenewalMarks {
  /** One mark is kept per token: the newest. */
  put(mark: RenewalMark): Promise<void>;
  find(tenantId: string, tokenId: string): Promise<RenewalMark | undefined>;
  /** Erases marks too old to belong to a renewal that is still going on. */
  prune(now: number): Promise<void>;
}

export function createRenewalMarks(db: Db): RenewalMarks {
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
      return (
        row && {
          tenantId: row.tenant_id,
          tokenId: row.token_id,
          markedAt: Number(row.marked_at),
          ...(row.expiration !== null && { expirationDateTime: row.expiration }),
          ...(row.apple_id !== null && { appleId: row.apple_id }),
          ...(row.organization_name !== null && { organizationName: row.organization_name }),
        }
      );
    },
    async prune(now) {
      await db
        .deleteFrom('renewal_marks')
        .where('marked_at', '<', now - keptMs.renewalMarks)
        .execute();
    },
  };
}
