// Copies the database while the bot writes to it: node scripts/back-up.ts <database file> <backup file>.
// The backup is the database at one moment, complete and checked; a failed backup leaves no file. Restoring: docs/operate.md.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A backup holds the same as the database, which only its owner may read. */
const ownerOnly = 0o600;

export function backUp(file: string, backup: string): void {
  if (!existsSync(file)) throw new Error(`${file} is not there`);
  if (existsSync(backup)) throw new Error(`${backup} is there already; name another file`);
  const part = `${backup}.part`;
  rmSync(part, { force: true });
  try {
    closeSync(openSync(part, 'wx', ownerOnly));
    withDatabase(file, (store) => store.prepare('vacuum into ?').run(part));
    withDatabase(part, (copy) => {
      const found = copy.prepare('pragma integrity_check').get();
      if (found?.integrity_check !== 'ok') throw new Error(`${file} is damaged: ${found?.integrity_check}`);
    });
    const written = openSync(part, 'r+');
    fsyncSync(written);
    closeSync(written);
    renameSync(part, backup);
  } finally {
    rmSync(part, { force: true });
  }
}

function withDatabase(file: string, use: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec('pragma busy_timeout = 5000');
    use(database);
  } finally {
    database.close();
  }
}

if (import.meta.main) {
  const [file, backup] = process.argv.slice(2);
  try {
    if (!file || !backup) throw new Error('Say which database file and which backup file');
    backUp(file.replace(/^sqlite:/, ''), backup);
    process.stdout.write(`${backup} holds the store as it is now.\n`);
  } catch (error) {
    process.stderr.write(`No backup was made: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
