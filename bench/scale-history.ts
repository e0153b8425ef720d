// `history` over an audit of half a million entries, on either store, with the store's own claims that stand in its way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { resolveToken } from '../src/domain/resolve-token.ts';
import { createAuditHistory } from '../src/store/audit-history.ts';
import { openDatabase } from '../src/store/database.ts';
import { makeTestDatabase } from '../test/postgres/test-database.ts';
import { type Figures, report, startMeasuring, threadCpuMs } from './scale-measure.ts';

const { engine, entries } = JSON.parse(process.argv[2] ?? '{}') as { engine: 'sqlite' | 'postgres'; entries: number };
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-scale-'));
const made = engine === 'postgres' ? await makeTestDatabase() : undefined;
const db = await openDatabase(
  made ? { kind: 'postgres', url: made.url } : { kind: 'sqlite', path: join(folder, 'bot.db') },
);
const tokens = 3_000;

// Every second entry is an attempt with one of 3,000 tokens, a tenth of these with one of them; the others are their ends.
const partOf = 10_000;
for (let from = 1; from <= entries; from += partOf) {
  await sql`
    with recursive n (n) as (select ${sql.lit(from)} union all select n + 1 from n where n < ${sql.lit(from + partOf - 1)})
    insert into audit_entries (seq, at, tenant_id, person_name, action, via, stage, outcome, token_id, run_id, hash)
    select n, n, 'tenant', 'Ada', 'sync', 'message', case when n % 2 = 1 then 'asked' else 'ended' end, 'completed',
      case when n % 20 = 1 then 'token-0' else 'token-' || ((n - 1) / 2 % ${sql.lit(tokens)}) end,
      'run-' || ((n - 1) / 2), '' from n`.execute(db);
}
if (made) await sql`analyze`.execute(db);

const history = createAuditHistory(db);
const tenantId = 'tenant';
const all = Array.from({ length: tokens }, (_, n) => `token-${n}`);
const cases: Readonly<Record<string, readonly string[]>> = {
  'of one token': ['token-0'],
  'of a token rarely used': ['token-1'],
  'of all 3,000 tokens': all,
  'of 5 among 3,000': all.slice(7, 12),
};
const figures: Record<string, number> = {};
const rounds = 10;
for (const [name, tokenIds] of Object.entries(cases)) {
  const asked = { tenantId, tokenIds, most: 15 };
  await history.list(asked);
  const measuring = startMeasuring();
  for (let round = 0; round < rounds; round += 1) {
    await history.list(asked);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { seconds, longestBlockMs, longestWorkMs } = measuring.stop();
  figures[`history ${name}: ms`] = (seconds * 1_000) / rounds - 5;
  figures[`history ${name}: longest block (ms)`] = longestBlockMs;
  figures[`history ${name}: longest block, own work (ms)`] = longestWorkMs;
}

await db.destroy();
await made?.drop();
rmSync(folder, { recursive: true, force: true });
report({ ...figures, ...(engine === 'sqlite' && nameFigures()) });
process.disconnect?.();

/** A name among as many tokens, found and not found. */
function nameFigures(): Figures {
  const named = all.map((id, n) => ({
    id,
    state: 'valid',
    lastSyncStatus: 'completed',
    displayName: `Contoso branch ${n}`,
    organizationName: `Contoso ${n % 40}`,
    appleId: `vpp-${n}@contoso.example.com`,
    countryOrRegion: 'de',
  }));
  const timeOf = (asked: string) => {
    const times = Array.from({ length: 50 }, () => {
      const from = threadCpuMs();
      resolveToken(asked, named);
      return threadCpuMs() - from;
    });
    return times.toSorted((a, b) => a - b)[25] ?? 0;
  };
  return {
    'a name among 3,000, exact: CPU (ms)': timeOf('contoso branch 2999'),
    'a name among 3,000, misspelled: CPU (ms)': timeOf('contso brnach 2999'),
    'a name among 3,000, none alike: CPU (ms)': timeOf('fabrikam zürich nord'),
  };
}
