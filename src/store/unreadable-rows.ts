import {
  type KyselyPlugin,
  type QueryId,
  type RootOperationNode,
  SelectQueryNode,
  TableNode,
  type UnknownRow,
} from 'kysely';
import type { StoreLog } from './store-log.ts';

/** Enough to see what is wrong, and no flood. */
const mostLogged = 1_000;

/**
 * The one place that decides about a row whose `…_json` column cannot be parsed: it is as if the row were not there, it is logged
 * once, and it is left as it is. So one bad row takes neither the start nor a list with it. Holds for every query that
 * selects such columns under their own names.
 */
export function createUnreadableRows(log: StoreLog): KyselyPlugin {
  const tables = new WeakMap<QueryId, string>();
  const logged = new Set<string>();

  function isReadable(row: UnknownRow, table: string | undefined): boolean {
    const column = Object.keys(row).find((name) => name.endsWith('_json') && !isJson(row[name]));
    if (!column) return true;
    const fields = { table, column, id: row.id };
    const key = JSON.stringify(fields);
    if (!logged.has(key) && logged.size < mostLogged) {
      logged.add(key);
      log.warn(fields, 'a stored row cannot be read; it is passed over and left as it is');
    }
    return false;
  }

  return {
    transformQuery({ node, queryId }) {
      const table = tableOf(node);
      if (table) tables.set(queryId, table);
      return node;
    },
    async transformResult({ result, queryId }) {
      const rows = result.rows.filter((row) => isReadable(row, tables.get(queryId)));
      return rows.length === result.rows.length ? result : { ...result, rows };
    },
  };
}

function tableOf(node: RootOperationNode): string | undefined {
  const [from] = SelectQueryNode.is(node) ? (node.from?.froms ?? []) : [];
  return from && TableNode.is(from) ? from.table.identifier.name : undefined;
}

function isJson(value: unknown): boolean {
  if (typeof value !== 'string') return value === null || value === undefined;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
