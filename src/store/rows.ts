import {
  type KyselyPlugin,
  type QueryId,
  type RootOperationNode,
  SelectQueryNode,
  TableNode,
  type UnknownRow,
} from 'kysely';
import type { ZodType, z } from 'zod';
import type { SignInPurpose } from '../domain/sign-in-request.ts';
import type { SyncRun } from '../domain/sync-run.ts';
import { chunked, parseJson } from '../lib/json.ts';
import * as alert from './alert-shapes.ts';
import type { Database, Db, StoreLog } from './schema.ts';
import {
  conversation,
  graphDate,
  licensesBefore,
  licensesCompared,
  locale,
  monitoringFailure,
  owedAnswer,
  payloadOf,
  person,
  pressKind,
  runOutcome,
  stopped,
  token,
  wordsOf,
} from './shapes.ts';

/** What a column must hold for its readers. That of a `…_json` column is about what its text says. */
interface ColumnShape {
  /** Of some columns it depends on the rest of the row. */
  readonly of: (row: UnknownRow) => z.ZodType;
  /** Only a detail: when it cannot be read it is taken for null, and the row is of use all the same. */
  readonly isSpare: boolean;
}

type JsonColumn<Row> = Extract<keyof Row, `${string}_json`>;
type TableOfJson = {
  [Table in keyof Database]: JsonColumn<Database[Table]> extends never ? never : Table;
}[keyof Database];

/** Every `…_json` column, and those whose words readers rely on. */
type RowShapes = {
  readonly [Table in TableOfJson]: Readonly<Record<JsonColumn<Database[Table]>, ColumnShape>> & {
    readonly [Column in keyof Database[Table]]?: ColumnShape;
  };
} & { readonly [Table in keyof Database]?: { readonly [Column in keyof Database[Table]]?: ColumnShape } };

const needed = (shape: z.ZodType): ColumnShape => ({ of: () => shape, isSpare: false });
const spare = (shape: z.ZodType): ColumnShape => ({ of: () => shape, isSpare: true });

export const rowShapes: RowShapes = {
  card_records: {
    kind: needed(pressKind),
    payload_json: { of: ({ kind }) => payloadOf(kind), isSpare: false },
  },
  sign_in_requests: {
    owner_json: needed(person),
    conversation_json: needed(conversation),
    locale: needed(locale),
    purpose: needed(wordsOf<SignInPurpose>({ signIn: true, consent: true, stepUp: true })),
  },
  sync_runs: {
    phase: needed(wordsOf<SyncRun<unknown>['phase']>({ posting: true, running: true, ended: true })),
    requester_json: needed(person),
    conversation_json: needed(conversation),
    locale: needed(locale),
    before_json: needed(token),
    after_json: needed(token),
    outcome: needed(runOutcome),
    licenses_before_json: spare(licensesBefore),
    licenses_json: spare(licensesCompared),
  },
  sync_batches: {
    requester_json: needed(person),
    conversation_json: needed(conversation),
    locale: needed(locale),
    stopped_json: spare(stopped),
  },
  watched_tenants: { failure_json: spare(monitoringFailure) },
  token_snapshots: { token_json: needed(token) },
  alerts: {
    condition: needed(alert.condition),
    stage: { of: ({ condition }) => alert.stageOf(condition), isSpare: false },
    ending: needed(alert.alertEnding),
    state_json: needed(alert.alertState),
  },
  alert_subscriptions: {
    owner_json: needed(person),
    locale: needed(locale),
    scope_json: needed(alert.covers),
    events_json: needed(alert.events),
    // Better told at night than never.
    quiet_json: spare(alert.quietHours),
    time_zone: needed(alert.timeZone),
  },
  alert_deliveries: { body_json: needed(alert.deliveryBody) },
  alert_messages: { digest_reason: spare(alert.digestReason) },
  renewal_marks: { expiration: needed(graphDate) },
  conversations: { reference_json: needed(conversation) },
  open_turns: { reply_json: needed(owedAnswer) },
};

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
  const parsed = parseJson(String(value));
  return parsed !== undefined && shape().safeParse(parsed).success;
}

/** Which row it is, in the words of the log. */
function keyOf({ id, tenant_id, token_id, conversation_id, subscription_id, alert_id }: UnknownRow): object {
  if (id !== undefined) return { id };
  const key = { tenantId: tenant_id, tokenId: token_id, conversationId: conversation_id };
  return { ...key, subscriptionId: subscription_id, alertId: alert_id };
}

/**
 * Which of these ids no readable row has. Unreadable rows are passed over wherever they are read, so that whoever has claimed work
 * by its id alone, or meets a row that only the database's own rules see, asks here whether there is anything behind it.
 */
export async function listUnreadable(
  db: Db,
  table: 'sync_runs' | 'sync_batches' | 'alerts' | 'alert_deliveries',
  ids: readonly string[],
): Promise<string[]> {
  const unreadable = new Set(ids);
  for (const part of chunked(ids)) {
    const rows = await db.selectFrom(table).selectAll().where('id', 'in', part).execute();
    for (const { id } of rows) unreadable.delete(id);
  }
  return [...unreadable];
}
