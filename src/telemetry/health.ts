import { sql } from 'kysely';
import type { Config } from '../config.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import { wait } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Db } from '../store/schema.ts';

export interface ReadinessParts {
  readonly config: Pick<Config, 'monitor' | 'allowedTenants'>;
  readonly db: Db;
  readonly inboundKeys: OpenIdKeys;
  readonly getAppToken: (tenantId: string) => Promise<string>;
  readonly now: () => number;
}

/** A probe that comes more often than this is answered with what was found last. */
const restMs = 1_000;

/**
 * Names what is not there yet: `store`, `inboundKeys` and, with monitoring on, `appToken`. One tenant without consent does not
 * stop the others, so one app token is enough.
 */
export function createReadiness(parts: ReadinessParts): () => Promise<readonly string[]> {
  const checks: readonly (readonly [name: string, isReady: () => Promise<boolean>])[] = [
    ['store', () => isAnswering(parts.db, parts.now())],
    ['inboundKeys', () => parts.inboundKeys.isReady()],
    ...(parts.config.monitor ? [['appToken', hasAppToken] as const] : []),
  ];
  let last: { readonly at: number; readonly found: Promise<readonly string[]> } | undefined;

  async function hasAppToken(): Promise<boolean> {
    const found = await Promise.all(parts.config.allowedTenants.map((tenantId) => isFine(parts.getAppToken(tenantId))));
    return found.includes(true);
  }

  async function look(): Promise<readonly string[]> {
    const found = await Promise.all(checks.map(async ([name, isReady]) => ({ name, ready: await isReady() })));
    return found.filter(({ ready }) => !ready).map(({ name }) => name);
  }

  return () => {
    const now = parts.now();
    if (!last || Math.abs(now - last.at) >= restMs) last = { at: now, found: look() };
    return last.found;
  };
}

const isFine = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

/** A probe is not kept waiting for a database that says nothing. */
const withinMs = 2_000;

/** Whether the database takes what is written to it: one that is full, read-only or busy does not. Never rejects. */
export async function isAnswering(db: Db, now: number): Promise<boolean> {
  const answered = tryWriting(db, now).then(
    () => true,
    () => false,
  );
  const late = new AbortController();
  const answer = await Promise.race([answered, wait(withinMs, late.signal).then(() => false)]);
  late.abort();
  return answer;
}

export interface StoreHealth {
  /** Name of the newest step of the schema. */
  readonly newestStep: string;
  /** Epoch milliseconds. */
  readonly appliedAt: number;
}

/** Rejects when the store does not take what is written to it. */
export async function checkStore(db: Db, now: number): Promise<StoreHealth> {
  await tryWriting(db, now);
  const steps = await sql<{ name: string; timestamp: string }>`
    select name, timestamp from kysely_migration order by name desc limit 1`.execute(db);
  const [newest] = steps.rows;
  if (!newest) throw new Error('the store knows of no step of its schema');
  return { newestStep: newest.name, appliedAt: Date.parse(newest.timestamp) };
}

/** Writes a row, reads it back and takes it away, all or nothing. Rejects when the store does not do as it is told. */
async function tryWriting(db: Db, now: number): Promise<void> {
  const key = `probe ${newOpaqueId()}`;
  await db.transaction().execute(async (within) => {
    await within.insertInto('processed_activities').values({ key, at: now }).execute();
    const read = await within.selectFrom('processed_activities').select('at').where('key', '=', key).executeTakeFirst();
    if (Number(read?.at) !== now) throw new Error('the store does not hold what was just written');
    await within.deleteFrom('processed_activities').where('key', '=', key).execute();
  });
}
