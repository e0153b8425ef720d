// Runs tests with node:test: the quick tier (`npm test`), every file (`npm run test:all`), or the files and folders named, whole.
// They share one PostgreSQL. What passed between the bot and the rehearsals meanwhile is judged at the end.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type EventData, run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { offerPostgres, offerVariable } from '../test/postgres/offer-postgres.ts';
import { recorder, startRunRecord, wholeFile } from '../test/recorder/run-record.ts';
import { builtVariable, tierVariable } from '../test/support/tier.ts';
import { isQuick as isQuickPlace, listTestFiles, placeOf } from './test-tiers.ts';

const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    'test-name-pattern': { type: 'string', multiple: true },
  },
});
const isQuick = !options.all && named.length === 0;

/** Ends the process when a name fits no test file: the tests of a misspelt one would seem to pass. */
function chooseFiles(): string[] {
  const found = (named.length > 0 ? named : ['test']).map((name) => ({ name, files: listTestFiles(name) }));
  const nothing = found.filter(({ files }) => files.length === 0).map(({ name }) => name);
  const files = [...new Set(found.flatMap((each) => each.files))];
  if (nothing.length > 0) fail(`No test file matches ${nothing.join(', ')}.`);
  return isQuick ? files.filter((file) => isQuickPlace(placeOf(file))) : files;
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/**
 * Files that share a process are imported by one file made for their folder, each into a suite of its own that keeps its hooks;
 * no test begins before all are declared. It is made in a folder of the same name, which says whose tests are in its process.
 */
function gatherShared(files: readonly string[], folder: string): string[] {
  const { '': alone = [], ...ofFolder } = Object.groupBy(files, (file) =>
    placeOf(file) === 'shared' ? dirname(file) : '',
  );
  const shared = Object.entries(ofFolder).map(([of, members = []]) => {
    const [only] = members;
    if (only !== undefined && members.length === 1) return only;
    const modules = members.map((file) => [file, pathToFileURL(resolve(file)).href]);
    const gathering = join(folder, of, 'shared.test.mjs');
    mkdirSync(dirname(gathering), { recursive: true });
    writeFileSync(gathering, gather(modules));
    return gathering;
  });
  // A folder's process works on one test at a time for minutes: begun last, it would go on alone at the end.
  return [...shared, ...alone];
}

const gather = (modules: readonly string[][]) => `
import { before, suite } from 'node:test';
async function declare() {
  for (const [file, url] of ${JSON.stringify(modules)})
    await new Promise((declared) => suite(file, () => import(url).finally(declared)));
}
const declared = declare();
before(() => declared);
`;

const files = chooseFiles();
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const postgres = await offerPostgres();
const record = startRunRecord();
Object.assign(process.env, record.env, {
  NODE_NO_WARNINGS: '1',
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? resolve('node_modules/.cache/compiled'),
  [offerVariable]: postgres.address,
  ...(options.all && { [builtVariable]: 'on' }),
  ...(isQuick && { [tierVariable]: 'quick', FUZZ_CASES: process.env.FUZZ_CASES ?? '2000' }),
});

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
// Whoever read this has gone, as in `npm test | head`.
process.stdout.on('error', () => process.exit(1));

/** Undefined when the run was interrupted. */
async function runFiles(these: readonly string[], concurrency: number): Promise<EventData.TestSummary | undefined> {
  const tests = run({
    files: gatherShared(these, folder),
    concurrency,
    execArgv: ['--import', wholeFile, '--import', recorder],
    signal: interrupted.signal,
    ...(options['test-name-pattern'] && { testNamePatterns: options['test-name-pattern'] }),
  });
  let summary: EventData.TestSummary | undefined;
  tests.on('test:summary', (each) => {
    if (each.file === undefined) summary = each;
  });
  const lines = tests.compose(spec);
  lines.pipe(process.stdout, { end: false });
  await new Promise((ended) => lines.once('end', ended));
  return summary;
}

const { crowded = [], others = [] } = Object.groupBy(files, (file) =>
  placeOf(file) === 'crowded' ? 'crowded' : 'others',
);
const summaries: EventData.TestSummary[] = [];
for (const [these, concurrency] of [
  // While one process waits for something another computes.
  [others, availableParallelism() + 1],
  [crowded, 1],
] as const) {
  const summary = these.length > 0 ? await runFiles(these, concurrency) : undefined;
  if (summary) summaries.push(summary);
  else if (these.length > 0) break;
}
const isWhole = summaries.length === [others, crowded].filter(({ length }) => length > 0).length;

const isLawful = record.close({ isWholeRun: named.length === 0 });
await postgres.close();
if (!isWhole) fail('The tests were interrupted.');
const isGood = summaries.every(({ success }) => success);
const sum = (of: (summary: EventData.TestSummary) => number) => summaries.reduce((total, each) => total + of(each), 0);
const [passed, skipped] = [sum(({ counts }) => counts.passed), sum(({ counts }) => counts.skipped)];
// A file that could not be loaded, or did not end, has no test that failed.
const failed = Math.max(sum(({ counts }) => counts.tests - counts.todo) - passed - skipped, isGood ? 0 : 1);
const tookMs = sum(({ duration_ms }) => duration_ms);
const minutes = `${Math.floor(tookMs / 60_000)} min ${Math.round((tookMs % 60_000) / 1000)} s`;
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped in ${minutes}.\n`);
process.exitCode = isGood && isLawful ? 0 : 1;
