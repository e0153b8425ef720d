import type { Db } from './open-database.ts';

/** One place where the bot was installed. */
export interface Installation {
  /** Lower case. */
  readonly tenantId: string;
  /** Without the thread. */
  readonly conversationId: string;
}

export interface Installations {
  /** True for exactly one caller from an installation to its removal, across processes and restarts. */
  claim(installation: Installation, now: number): Promise<boolean>;
  /** The bot is gone from there, or its welcome could not be sent: the next caller may claim it anew. */
  release(installation: Installation): Promise<void>;
}

/** Where the bot is, kept so that it introduces itself once. */
export function createInstallations(db: Db): Installations {
  return {
    async claim({ tenantId, conversationId }, now) {
      const result = await db
        .insertInto('installations')
        .values({ tenant_id: tenantId, conversation_id: conversationId, at: now })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
    },
    async release({ tenantId, conversationId }) {
      await db
        .deleteFrom('installations')
        .where('tenant_id', '=', tenantId)
        .where('conversation_id', '=', conversationId)
        .execute();
    },
  };
}
