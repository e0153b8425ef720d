// Plain JavaScript for old Nodes, as run.mjs is, which imports it.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const inputs = [
  'package-lock.json',
  'package.json',
  'adaptiveCards',
  'src',
  'scripts/build.ts',
  'scripts/left-out.ts',
  'scripts/preflight.ts',
];

function listFiles(root, path) {
  if (/\.\w+$/.test(path)) return [path];
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return entries.flatMap(({ name }) => listFiles(root, `${path}/${name}`)).sort();
}

/** A hash of everything that a build depends on; undefined where the sources are not, as in an image that holds `dist` alone. */
export function hashSources(root) {
  if (!existsSync(join(root, 'src'))) return undefined;
  const hash = createHash('sha256');
  for (const path of inputs.flatMap((each) => listFiles(root, each))) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

/** What `dist` is: absent, built from these sources, or from others. */
export function stateOfBuild(root) {
  const file = join(root, 'dist', 'build.json');
  if (!existsSync(file)) return 'absent';
  const sources = hashSources(root);
  return sources === undefined || JSON.parse(readFileSync(file, 'utf8')).sources === sources ? 'fresh' : 'stale';
}
