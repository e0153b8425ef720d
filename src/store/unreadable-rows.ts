import {
  type KyselyPlugin,
  type QueryId,
  type RootOperationNode,
  SelectQueryNode,
  TableNode,
  type UnknownRow,
} from 'kysely';
import type { ZodType } from 'zod';
import { type ColumnShape, rowShapes } from './row-shapes.ts';
import type { StoreLog } from './store-log.ts';

/** Enough to see what is wrong, and no flood. */
const mostLogged = 1_000;

type Columns = readonly (readonly [name: string, shape: ColumnShape])[];

const columnsOf: ReadonlyMap<string, Columns> = new Map(
  Object.entries(rowShapes).map(([table, columns]) => [table, Object.entries(columns)]),
);

/**
 * The one place that decides about a row that holds something else than its readers expect (row-shapes.ts), whether or not it can
 * be parsed: it is as if the row were not there; of a detail, as if that were null. It is logged once and left as it is. So one
 * bad row takes neither the start nor a list with it. Holds for every query that selects from one table under its own name.
 */
export function createUnreadableRows(log: StoreLog): KyselyPlugin {
  const tables = new WeakMap<QueryId, string>();
  const logged = new Set<string>();

  function tell(table: string, column: string, row: UnknownRow, isSpare: boolean): void {
    const fields = { table, column, ...keyOf(row) };
    const key = JSON.stringify(fields);
    if (logged.has(key) || logged.size >= mostLogged) return;
    logged.add(key);
    if (isSpare) log.warn(fields, 'a detail of a stored row cannot be read; the row is read without it');
    else log.warn(fields, 'a stored row cannot be read; it is passed over and left as it is');
  }

  /** The row as it may be read; undefined when it may not. */
  function read(row: UnknownRow, table: string, columns: Columns): UnknownRow | undefined {
    let readable = row;
    for (const [column, { of, isSpare }] of columns) {
      if (fits(column, row[column], () => of(row))) continue;
      tell(table, column, row, isSpare);
      if (!isSpare) return undefined;
      readable = { ...readable, [column]: null };
    }
    return readable;
  }

  return {
    transformQuery({ node, queryId }) {
      const table = tableOf(node);
      if (table && columnsOf.has(table)) tables.set(queryId, table);
      return node;
    },
    async transformResult({ result, queryId }) {
      const table = tables.get(queryId) ?? '';
      const columns = columnsOf.get(table);
      if (!columns) return result;
      const rows = result.rows.map((row) => read(row, table, columns)).filter((row) => row !== undefined);
      return { ...result, rows };
    },
  };
}

function tableOf(node: RootOperationNode): string | undefined {
  const [from] = SelectQueryNode.is(node) ? (node.from?.froms ?? []) : [];
  return from && TableNode.is(from) ? from.table.identifier.name : undefined;
}

/** What was not selected is not read either. */
function fits(column: string, value: unknown, shape: () => ZodType): boolean {
  if (value === null || value === undefined) return true;
  if (!column.endsWith('_json')) return shape().safeParse(value).success;
  const parsed = parse(value);
  return parsed !== undefined && shape().safeParse(parsed).success;
}

/** JSON never says `undefined`. */
function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** Which row it is, in the words of the log. */
function keyOf({ id, tenant_id, token_id, conversation_id, subscription_id, alert_id }: UnknownRow): object {
  if (id !== undefined) return { id };
  const key = { tenantId: tenant_id, tokenId: token_id, conversationId: conversation_id };
  return { ...key, subscriptionId: subscription_id, alertId: alert_id };
}
