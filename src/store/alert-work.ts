import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * Whether a delivery may be worked on: it waits, is due (or is held and its messages were not edited yet), and none before it in
 * its subscription was put off, since what is told of one conversation is told in order.
 */
export const isWorkable = (delivery: string, now: number): RawBuilder<SqlBool> => {
  const of = (column: string) => sql.ref(`${delivery}.${column}`);
  return sql<SqlBool>`(
    ${of('outcome')} is null and (${of('due_at')} <= ${now} or ${of('held')} = 1) and not exists (
      select 1 from alert_deliveries as put_off
      where put_off.subscription_id = ${of('subscription_id')} and put_off.outcome is null
        and put_off.attempts > 0 and put_off.due_at > ${now} and put_off.position < ${of('position')}))`;
};
