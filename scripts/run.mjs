// Runs one of the project's scripts on the pinned Node, whatever Node and npm the machine has.
// Plain JavaScript for old Nodes on purpose: this is the one file that the machine's own Node reads.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stateOfBuild } from './source-hash.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const bin = (name) => join(modules, '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const pinnedNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const minimumMajor = 24;

/**
 * Node 24 lets the space of young objects grow further, which costs 45 to 75 MiB after 4,000 to 10,000 turns and saves no CPU: see
 * docs/performance.md.
 */
const botFlags = ['--max-semi-space-size=16'];

const scripts = {
  dev: { install: true, steps: [['node', 'sandbox/main.ts']] },
  start: { install: false, steps: [['node', ...botFlags, 'src/main.ts']] },
  build: { install: true, steps: [['node', 'scripts/build.ts']] },
  'back-up': { install: false, steps: [['node', 'scripts/back-up.ts']] },
  test: { install: true, steps: [['node', 'scripts/test.ts']] },
  'test:all': {
    install: true,
    steps: [
      ['node', 'scripts/build.ts'],
      ['node', 'scripts/test.ts', '--all'],
    ],
  },
  format: { install: true, steps: [['biome', 'check', '--write', '.']] },
  lint: { install: true, steps: [['biome', 'ci', '--error-on-warnings', '--colors=off', '.']] },
  types: {
    install: true,
    steps: [
      ['tsc', '--noEmit'],
      ['tsc', '--noEmit', '-p', 'sandbox/client/tsconfig.json'],
    ],
  },
  bench: { install: true, steps: [['node', 'bench/main.ts']] },
  'bench:scale': { install: true, steps: [['node', 'bench/scale.ts']] },
  trace: { install: true, steps: [['node', 'scripts/trace.ts']] },
  register: { install: true, steps: [['node', 'scripts/register.ts']] },
  preflight: { install: true, steps: [['node', 'scripts/preflight.ts']] },
  audit: { install: false, steps: [['node', 'scripts/audit.ts']] },
  'package-app': { install: true, steps: [['node', 'scripts/package-app.ts']] },
  'check-toolkit': { install: true, steps: [['node', 'scripts/check-toolkit.ts']] },
  menu: {
    install: true,
    steps: [
      ['node', 'scripts/write-menu.ts'],
      ['biome', 'format', '--write', 'appPackage'],
    ],
  },
  'contact-sheet': { install: true, steps: [['node', 'scripts/contact-sheet.ts']] },
  'check:alerts': { install: true, steps: [['node', 'scripts/check-alerts.ts']] },
  outlines: { install: true, steps: [['node', '--test', '--test-update-snapshots', 'test/cards/outlines.test.ts']] },
};
scripts.check = { install: true, steps: [...scripts.lint.steps, ...scripts.types.steps, ...scripts['test:all'].steps] };

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function packagesIn(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : {};
}

/** True when every package of the lock file is there in its version, by npm's own record of what it installed. */
function isInstalled() {
  const installed = packagesIn(join(modules, '.package-lock.json'));
  return Object.entries(packagesIn(join(root, 'package-lock.json'))).every(
    ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
  );
}

/** How many of the packages are in their places: what npm is silent about where it cannot draw its own progress. */
function progressOf(paths) {
  const placed = paths.filter((path) => existsSync(join(root, path, 'package.json'))).length;
  return `${placed} of ${paths.length} packages`;
}

/** Runs npm and says every few seconds how far it is. Warnings about the machine's own Node are left out: it runs nothing but this. */
async function npm(args, progress) {
  const started = Date.now();
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--no-progress'];
  const say = setInterval(() => {
    process.stderr.write(`  ${Math.round((Date.now() - started) / 1000)} s: ${progress()}\n`);
  }, 3000);
  const code = await run('npm', [...args, ...flags], ['ignore', 2, 2]);
  clearInterval(say);
  if (code !== 0) fail(`Installing failed: "npm ${args.join(' ')}" ended with ${code}.`);
}

/** Installs what the lock file names when it is not there yet. Only the pinned Node's own install script is run. */
async function install() {
  if (!isInstalled()) {
    process.stderr.write('Installing what is missing (once) …\n');
    const wanted = Object.entries(packagesIn(join(root, 'package-lock.json')));
    const paths = wanted.flatMap(([path, { optional }]) => (path === '' || optional ? [] : [path]));
    await npm(['ci', '--include=dev', '--ignore-scripts'], () => progressOf(paths));
  }
  if (!existsSync(pinnedNode)) {
    process.stderr.write('Fetching the pinned Node (once) …\n');
    await npm(['rebuild', 'node', '--ignore-scripts=false'], () => 'still fetching');
  }
  if (!existsSync(pinnedNode)) fail('The pinned Node was not installed. Run "npm ci" and read what it says.');
}

function nodePath() {
  if (existsSync(pinnedNode)) return pinnedNode;
  if (Number(process.versions.node.split('.')[0]) >= minimumMajor) return process.execPath;
  return fail(
    `Node ${minimumMajor} or newer is needed and this is ${process.versions.node}. ` +
      'Run "npm ci" (it brings the pinned Node) or install a newer Node.',
  );
}

/** npm and what it puts into .bin are scripts on Windows. */
const needsShell = (command) => process.platform === 'win32' && !command.endsWith('.exe');

/** Signals go on to the child, which decides when to end; this process only passes its exit code on. */
function run(command, args, stdio = 'inherit') {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio, shell: needsShell(command) });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    // Whoever started this may die without a word, as the shell between npm and here does: then nobody would end the child.
    const parent = process.ppid;
    const orphaned = setInterval(() => process.ppid !== parent && forward('SIGTERM'), 500);
    for (const signal of signals) process.on(signal, forward);
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      clearInterval(orphaned);
      for (const each of signals) process.off(each, forward);
      resolve(code ?? (signal ? 1 : 0));
    });
  });
}

const [name = '', ...rest] = process.argv.slice(2);
const script = scripts[name];
if (!script) fail(`There is no script "${name}". There are: ${Object.keys(scripts).join(', ')}.`);
if (script.install) await install();
if (name === 'start') {
  const state = stateOfBuild(root);
  if (state === 'stale')
    fail('dist/ was built from other sources. Run "npm run build", or remove dist/ to run the sources.');
  if (state === 'fresh') script.steps = [['node', ...botFlags, 'dist/main.js']];
}
const node = nodePath();
process.env.PATH = `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`;
// Compiled code is kept between runs: most of a start is compiling the frameworks.
process.env.NODE_COMPILE_CACHE ??= join(modules, '.cache', 'compiled');
for (const [index, [program, ...args]] of script.steps.entries()) {
  const last = index === script.steps.length - 1;
  const code = await run(program === 'node' ? node : bin(program), last ? [...args, ...rest] : args);
  if (code !== 0) process.exit(code);
}
