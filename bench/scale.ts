// Measures monitoring, deliveries, history, names and several processes at the sizes of a service provider. Loopback only; each scenario is a process of
// its own, ends when it has measured, and its figures go into a table and into bench/results/scale.json.
//
//   npm run bench:scale                everything: about 30 min, nearly all of it waiting for Graph and for Teams' pace
//   npm run bench:scale -- --quick     smaller sizes: about 3 min
//   npm run bench:scale -- history     the scenarios whose names hold this word
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Figures } from './scale-measure.ts';

interface Scenario {
  readonly name: string;
  readonly file: string;
  readonly size: Readonly<Record<string, number | string>>;
}

const isQuick = process.argv.includes('--quick');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const size = <T>(whole: T, quick: T): T => (isQuick ? quick : whole);

const manyTenants = { tenants: size(1_000, 50), tokens: 30, apps: 200 };
const scenarios: readonly Scenario[] = [
  {
    name: `monitoring ${manyTenants.tenants} tenants × 30 tokens, Graph at 300 ms`,
    file: 'scale-monitoring.ts',
    size: { ...manyTenants, answerMs: 300, silentEvery: 0 },
  },
  {
    name: `monitoring ${manyTenants.tenants} tenants × 30 tokens, Graph at 1.5 s, every fifth silent`,
    file: 'scale-monitoring.ts',
    size: { ...manyTenants, answerMs: size(1_500, 300), silentEvery: 5 },
  },
  {
    name: 'monitoring 1 tenant × 3,000 tokens × 20,000 apps',
    file: 'scale-monitoring.ts',
    size: { tenants: 1, tokens: 3_000, apps: 20_000, answerMs: size(1_500, 100), silentEvery: 0 },
  },
  {
    name: `deliveries ${size('10,000', '500')} conversations × 50 alerts`,
    file: 'scale-deliveries.ts',
    size: { conversations: size(10_000, 500), alerts: 50, speed: 1 },
  },
  {
    name: 'history of 500,000 audit entries on SQLite, and names',
    file: 'scale-history.ts',
    size: { engine: 'sqlite', entries: 500_000 },
  },
  {
    name: 'history of 500,000 audit entries on PostgreSQL',
    file: 'scale-history.ts',
    size: { engine: 'postgres', entries: 500_000 },
  },
  ...[1, 2, 4].map((processes) => ({
    name: `turns on PostgreSQL, ${processes} of its processes`,
    file: 'scale-postgres.ts',
    size: { processes, turns: size(2_000, 300) },
  })),
];

async function measure({ file, size: sizes }: Scenario): Promise<Figures> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(sizes)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
  ended.catch(() => undefined);
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [Figures];
  return figures;
}

const results: Record<string, Figures> = {};
for (const scenario of scenarios) {
  if (!words.every((word) => scenario.name.includes(word))) continue;
  process.stdout.write(`\n${scenario.name}\n`);
  const figures = await measure(scenario);
  results[scenario.name] = figures;
  for (const [name, value] of Object.entries(figures)) {
    process.stdout.write(`  ${name.padEnd(66)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)}\n`);
  }
}

const folder = new URL('results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
const written = { at: new Date().toISOString(), node: process.version, machine, results };
writeFileSync(new URL(`scale${isQuick ? '-quick' : ''}.json`, folder), `${JSON.stringify(written, undefined, 2)}\n`);
