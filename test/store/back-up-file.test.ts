import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/database.ts';
import { startProcess } from '../started-process.ts';
import { openStore, temporaryFolder } from './temporary-store.ts';
import { holdsItsWork, startWorking } from './working-store.ts';

async function backUp(...files: readonly string[]) {
  const { ended, stdout, stderr } = startProcess(['scripts/back-up.ts', ...files], { NODE_NO_WARNINGS: '1' });
  const { code } = await ended;
  return { code, said: [...stdout, ...stderr].join('\n') };
}

test('a backup taken while the bot writes can be put in the store’s place, and nothing is lost or doubled', async () => {
  const folder = temporaryFolder();
  const [file, backup] = [join(folder, 'bot.db'), join(folder, 'backup.db')];
  const db = await openDatabase({ kind: 'sqlite', path: file });
  const bot = startWorking(db);
  while (bot.done() < 20) await new Promise(setImmediate);
  const done = bot.done();
  assert.deepEqual(await backUp(file, backup), { code: 0, said: `${backup} holds the store as it is now.` });
  assert.ok(bot.done() > done, 'the bot could not write meanwhile');
  await bot.stop();
  await db.destroy();
  if (process.platform !== 'win32') assert.equal(statSync(backup).mode & 0o077, 0);

  // As docs/operations.md says: the file, and nothing that stands beside it, makes room for the backup.
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  copyFileSync(backup, file);
  await holdsItsWork(await openStore(file), done);
});

test('a store that nobody has open is backed up, too', async () => {
  const folder = temporaryFolder();
  const [file, backup] = [join(folder, 'bot.db'), join(folder, 'backup.db')];
  await (await openDatabase({ kind: 'sqlite', path: file })).destroy();
  assert.equal((await backUp(`sqlite:${file}`, backup)).code, 0);
  await holdsItsWork(await openStore(backup), 0);
});

test('a backup is refused rather than made over another, of nothing or of what is no store', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  await openStore(at('bot.db'));
  writeFileSync(at('letter.txt'), 'Dear Sir or Madam, '.repeat(100));
  for (const [files, reason] of [
    [[at('bot.db'), at('letter.txt')], /letter\.txt is there already/],
    [[at('nothing.db'), at('backup.db')], /nothing\.db is not there/],
    [[at('letter.txt'), at('backup.db')], /not a database/],
    [[at('bot.db'), join(folder, 'nowhere', 'backup.db')], /no such file or directory/],
    [[at('bot.db')], /Say which/],
  ] as const) {
    const { code, said } = await backUp(...files);
    assert.equal(code, 1, said);
    assert.match(said, reason);
  }
  assert.ok(!existsSync(at('backup.db')));
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.part')));
});
