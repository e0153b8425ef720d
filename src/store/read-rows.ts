import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { VppToken } from '../domain/token.ts';
import type { ConversationKind, ConversationReference, Locale, Person } from '../domain/turn.ts';
import { pauseInTime } from '../lib/async.ts';
import { parseJson } from '../lib/json.ts';
import type { Database, Db, RowLog, StoreLog } from './schema.ts';

/** How the rows of one table become values. Columns that are not named hold ids, times and counts, which the database itself types. */
interface RowFormat<Table extends keyof Database, Shape extends z.ZodType, Value> {
  readonly table: Table;
  readonly shape: Shape;
  /** Columns that the row can do without: one of another shape is read as null. */
  readonly details?: readonly Extract<keyof Database[Table], string>[];
  readonly fromRow: (row: Selectable<Database[Table]>, columns: z.output<Shape>) => Value;
}

interface RowReader<Row, Value> {
  /** Undefined also when the row cannot be read. */
  find(row: Row | undefined): Value | undefined;
  list(rows: readonly Row[]): Value[];
  /** The same, for lists of thousands: others have their turn meanwhile. */
  listInTime(rows: readonly Row[]): Promise<Value[]>;
  /** For callers that give up the work of rows that cannot be read. */
  listUnreadable(rows: readonly Row[]): Row[];
}

/**
 * Reads rows of a table. One that holds something of another shape (a damaged disk, a slip by hand) is passed over as if it were not
 * there, so that it takes neither the start nor a list with it; it is logged once and left as it is.
 */
export function createRowReader<Table extends keyof Database, Shape extends z.ZodType, Value>(
  db: Db,
  { table, shape, details = [], fromRow }: RowFormat<Table, Shape, Value>,
): RowReader<Selectable<Database[Table]>, Value> {
  type Row = Selectable<Database[Table]>;

  function find(row: Row | undefined): Value | undefined {
    if (!row) return undefined;
    const read = shape.safeParse(row);
    if (read.success) return fromRow(row, read.data);
    const unreadable = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
    const needed = unreadable.find((column) => !details.some((detail) => detail === column));
    if (needed !== undefined) {
      db.rowLog.warnRow({ table, column: needed, ...keyOf(row) });
      return undefined;
    }
    for (const column of unreadable) db.rowLog.warnDetail({ table, column, ...keyOf(row) });
    return find({ ...row, ...Object.fromEntries(unreadable.map((column) => [column, null])) });
  }

  return {
    find,
    list: (rows) => rows.map(find).filter((value) => value !== undefined),
    async listInTime(rows) {
      const values: Value[] = [];
      for (const row of rows) {
        await pauseInTime();
        const value = find(row);
        if (value !== undefined) values.push(value);
      }
      return values;
    },
    listUnreadable: (rows) => rows.filter((row) => find(row) === undefined),
  };
}

/** Queries for the newest row select so many, because the newest may be unreadable. */
export const newestChecked = 5;

/** The shape of a `…_json` column. */
export const json = <Shape extends z.ZodType>(shape: Shape) => z.string().transform(parseJson).pipe(shape);

/** Identifies a row in the log. */
function keyOf(row: Readonly<Record<string, unknown>>): object {
  if (row.id !== undefined) return { id: row.id };
  const key = { tenantId: row.tenant_id, tokenId: row.token_id, conversationId: row.conversation_id };
  return { ...key, subscriptionId: row.subscription_id, alertId: row.alert_id };
}

/** Enough to see what is wrong, and no flood. */
const mostLogged = 1_000;

export function createRowLog(log: StoreLog): RowLog {
  const logged = new Set<string>();

  function isNew(fields: object): boolean {
    const key = JSON.stringify(fields);
    if (logged.has(key) || logged.size >= mostLogged) return false;
    logged.add(key);
    return true;
  }

  return {
    warnRow(fields) {
      if (isNew(fields)) log.warn(fields, 'a stored row cannot be read; it is passed over and left as it is');
    },
    warnDetail(fields) {
      if (isNew(fields)) log.warn(fields, 'a detail of a stored row cannot be read; the row is read without it');
    },
  };
}

// Shapes that columns of several tables have. Fields that nobody here knows are let through: a newer version may have written them.

/** Every word of a type: the compiler lets none be left out, so that no reader is kept from what another part has written. */
export const wordsOf = <Word extends string>(all: Readonly<Record<Word, true>>): z.ZodType<Word> =>
  z.enum(Object.keys(all) as Word[]);

/** Epoch milliseconds that a date can be made of. */
export const timeShape = z.number().min(-8.64e15).max(8.64e15);

/** As Graph writes dates. */
export const graphDateShape = z.string().refine((value) => !Number.isNaN(Date.parse(value)));

export const localeShape = wordsOf<Locale>({ en: true, 'zh-CN': true });

export const personShape: z.ZodType<Person> = z.looseObject({
  tenantId: z.string(),
  aadObjectId: z.string(),
  teamsId: z.string(),
  name: z.string(),
});

export const conversationShape: z.ZodType<ConversationReference> = z.looseObject({
  serviceUrl: z.string(),
  id: z.string(),
  kind: wordsOf<ConversationKind>({ personal: true, groupChat: true, channel: true }),
  tenantId: z.string(),
  bot: z.looseObject({ id: z.string(), name: z.string() }),
  onlyFor: z.looseObject({ teamsId: z.string(), name: z.string() }).exactOptional(),
});

const text = z.string().exactOptional();
const date = graphDateShape.exactOptional();

export const tokenShape: z.ZodType<VppToken> = z.looseObject({
  id: z.string(),
  state: z.string(),
  lastSyncStatus: z.string(),
  displayName: text,
  locationName: text,
  organizationName: text,
  appleId: text,
  countryOrRegion: text,
  vppTokenAccountType: text,
  automaticallyUpdateApps: z.boolean().exactOptional(),
  expirationDateTime: date,
  lastSyncDateTime: date,
  lastModifiedDateTime: date,
});

export const licenseCountsShape = z.looseObject({ used: z.number(), total: z.number() });
