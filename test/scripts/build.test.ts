import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { standIn } from '../../scripts/left-out.ts';
import { hashSources, stateOfBuild } from '../../scripts/source-hash.mjs';
import { leastEnvironment } from '../support/environment.ts';
import { startProcess } from '../support/started-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-build-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A project with small sources and a built bot that only says so. */
function makeProject(
  name: string,
  { built, changed = false }: { readonly built: boolean; readonly changed?: boolean },
) {
  const project = join(folder, name);
  mkdirSync(join(project, 'src'), { recursive: true });
  mkdirSync(join(project, 'adaptiveCards'));
  for (const path of ['package.json', 'package-lock.json', 'scripts'])
    cpSync(join(root, path), join(project, path), { recursive: true });
  writeFileSync(join(project, 'src', 'main.ts'), "process.stdout.write('sources\\n');\n");
  if (built) {
    mkdirSync(join(project, 'dist'));
    writeFileSync(join(project, 'dist', 'main.js'), "process.stdout.write('built\\n');\n");
    writeFileSync(join(project, 'dist', 'build.json'), JSON.stringify({ sources: hashSources(project) }));
  }
  if (changed) writeFileSync(join(project, 'src', 'main.ts'), "process.stdout.write('changed\\n');\n");
  return project;
}

async function start(project: string) {
  const env = { PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1' };
  const started = startProcess([relative(root, join(project, 'scripts', 'run.mjs')), 'start'], env);
  const { code } = await started.ended;
  return { code, stdout: started.stdout.join('\n'), stderr: started.stderr.join('\n') };
}

test('`npm start` runs the sources where nothing was built', async () => {
  const project = makeProject('absent', { built: false });
  assert.equal(stateOfBuild(project), 'absent');
  assert.equal((await start(project)).stdout, 'sources');
});

test('`npm start` runs what was built from these sources', async () => {
  assert.equal((await start(makeProject('fresh', { built: true }))).stdout, 'built');
});

test('`npm start` refuses what was built from other sources, and says what to do', async () => {
  const { code, stdout, stderr } = await start(makeProject('stale', { built: true, changed: true }));
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /built from other sources\. Run "npm run build"/);
});

test('an image that holds dist alone needs no sources', () => {
  const project = makeProject('image', { built: true });
  rmSync(join(project, 'src'), { recursive: true });
  assert.equal(stateOfBuild(project), 'fresh');
});

test('what was left out can be passed on and extended, and says its name when it is used', () => {
  const module = standIn('some/module.js') as Record<string, new () => object>;
  const { Base = assert.fail() } = module;
  class Derived extends Base {}
  assert.deepEqual(Object.keys(module), []);
  assert.throws(() => new Derived(), /some\/module\.js \(Base\) was left out of the bundle/);
  assert.throws(() => (module as unknown as () => void)(), /some\/module\.js was left out/);
});

test('what is built needs nothing beside it', { skip: stateOfBuild(root) !== 'fresh' && 'not built' }, async () => {
  cpSync(join(root, 'dist'), join(folder, 'elsewhere'), { recursive: true });
  const started = startProcess([relative(root, join(folder, 'elsewhere', 'main.js'))], { NODE_NO_WARNINGS: '1' });
  assert.equal((await started.ended).code, 1);
  assert.match(started.stderr.join('\n'), /^PUBLIC_URL is missing/m);

  const env = { ...leastEnvironment, TEAMS_HOST: 'agents', DATABASE_URL: `sqlite:${join(folder, 'chosen.db')}` };
  const chosen = startProcess([relative(root, join(folder, 'elsewhere', 'main.js'))], env as Record<string, string>);
  assert.equal((await chosen.ended).code, 1);
  assert.match(
    chosen.stderr.join('\n'),
    /^TEAMS_HOST agents needs a package that is not installed: npm install --prefix dist --no-save @microsoft\/agents-hosting@\d+\.\d+\.\d+$/m,
  );
});
