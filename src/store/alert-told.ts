import type { Told } from '../domain/alert-repositories.ts';
import { createAlertDeliveries } from './alert-deliveries.ts';
import { addMessages } from './alert-messages.ts';
import { inTransaction } from './in-transaction.ts';
import type { Db } from './open-database.ts';

/** What was told, and what that settles, in one transaction. */
export function createTold(db: Db): Told {
  return {
    keep: ({ messages, sent, toEdit, at }) =>
      inTransaction(db, async (within) => {
        const deliveries = createAlertDeliveries(within);
        await addMessages(within, messages);
        await deliveries.settle(sent, 'sent', at);
        await deliveries.retell(toEdit, 'changed');
      }),
  };
}
