import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { createAuditKeys } from '../../src/audit/audit.ts';
import { readArguments } from '../../src/audit/command-line.ts';
import { createDeriveKey, keyPurposes } from '../../src/identity/keys.ts';
import { createAuditLog } from '../../src/store/audit-log.ts';
import { createLogId } from '../../src/telemetry/log.ts';
import { fill, forge } from '../support/audit-chain.ts';
import { configWith, leastEnvironment } from '../support/environment.ts';
import { startProcess } from '../support/started-process.ts';
import { at, minuteMs } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';

const script = 'scripts/audit.ts';

/** A bot's database with three entries, and what an operator's shell has in its environment. */
async function createBot() {
  const folder = temporaryFolder();
  const path = join(folder, 'bot.db');
  const env: Readonly<Record<string, string>> = { ...(leastEnvironment as object), DATABASE_URL: `sqlite:${path}` };
  const keys = createAuditKeys(createDeriveKey(configWith({})));
  const db = await openStore(path);
  await fill(createAuditLog({ db, seals: keys.seals, now: () => at }), 3);
  const runWith = async (changes: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const started = startProcess([script, ...args], { ...env, ...changes });
    const { code } = await started.ended;
    return { code, said: started.stdout, stderr: started.stderr.join('\n') };
  };
  const run = (...args: readonly string[]) => runWith({}, ...args);
  return {
    folder,
    db,
    env,
    run,
    runWith,
    log: createAuditLog({ db, seals: keys.seals, now: () => at }),
    keyId: keys.seals.own.keyId,
  };
}

suite('npm run audit', { concurrency: 2 }, () => {
  test('exports to stdout what it verifies afterwards, and names its key', async () => {
    const bot = await createBot();
    const { code, said, stderr } = await bot.run('export');
    assert.deepEqual([code, said.length], [0, 5]);
    assert.match(stderr, new RegExp(bot.keyId));
    const file = join(bot.folder, 'export.csv');
    writeFileSync(file, `${said.join('\r\n')}\r\n`);
    const verified = await bot.run('verify', file, '--key', bot.keyId);
    assert.equal(verified.code, 0);
    assert.match(verified.stderr, /holds 3 entries \(1 to 3\), whole and as they were exported/);
    const otherKey = await bot.run('verify', file, '--key', 'f'.repeat(32));
    assert.equal(otherKey.code, 1);
    writeFileSync(file, readFileSync(file, 'utf8').replace('started', 'joined_'));
    const changed = await bot.run('verify', file);
    assert.deepEqual([changed.code, changed.stderr], [1, 'It is not as it was written, from entry 1 on.']);
  });

  test('exports a span into a new file that is its owner’s alone, and over none', async () => {
    const bot = await createBot();
    const file = join(bot.folder, 'export.csv');
    const from = new Date(at + 2 * minuteMs).toISOString();
    assert.equal((await bot.run('export', '--from', from, `--out=${file}`)).code, 0);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match((await bot.run('verify', file)).stderr, /holds 2 entries \(2 to 3\)/);
    const again = await bot.run('export', '--out', file);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /EEXIST/);
  });

  test('checks the database’s own chain, and whether it is still the one that was exported', async () => {
    const bot = await createBot();
    const file = join(bot.folder, 'export.csv');
    await bot.run('export', '--out', file);
    const whole = await bot.run('check', '--against', file);
    assert.equal(whole.code, 0);
    assert.match(
      whole.stderr,
      /All 3 entries are as they were written.*\nIt still holds everything that the export was made of\./,
    );
    await bot.db.updateTable('audit_entries').set({ person_name: 'Somebody else' }).where('seq', '=', 2).execute();
    const broken = await bot.run('check');
    assert.deepEqual(
      [broken.code, broken.stderr],
      [1, 'The audit is not as it was written, from entry 2 on: changed.'],
    );
  });

  test('says what is not proven, with an exit code of its own, and signs nothing, where the seal is of an invented key', async () => {
    const bot = await createBot();
    const file = join(bot.folder, 'export.csv');
    await forge(bot.db, bot.log, 1, { person_name: 'Somebody else' });
    for (const isBefore of [true, false]) {
      const checked = await bot.run('check');
      assert.equal(checked.code, 3);
      assert.match(checked.stderr, /Entries 1 to 3 are not proven: .* key a{32}, which is not at hand\./);
      assert.doesNotMatch(checked.stderr, /All \d entries are as they were written/);
      const exported = await bot.run('export', '--out', file);
      assert.deepEqual([exported.code, existsSync(file)], [3, false]);
      assert.match(exported.stderr, /Entries 1 to 3 are not proven.*\n.*\nNothing was signed/);
      if (isBefore) await fill(bot.log, 1, at + 9 * minuteMs);
    }
    const from = new Date(at + 9 * minuteMs).toISOString();
    assert.equal((await bot.run('export', '--from', from, '--out', file)).code, 0, 'what came after is proven');
    assert.equal((await bot.run('verify', file)).code, 0);
  });

  test('proves what a former key sealed when that is given or still in use, and the newest with the bot’s own key alone', async () => {
    const bot = await createBot();
    const secret = bot.env.AAD_APP_CLIENT_SECRET ?? assert.fail();
    const TOKEN_CACHE_KEY = Buffer.alloc(32, 7).toString('base64');
    const renewed = { AAD_APP_CLIENT_SECRET: 'another-secret' };
    const known = { ...renewed, AUDIT_OTHER_KEY: secret };
    assert.equal((await bot.runWith(renewed, 'check')).code, 3);
    const waiting = await bot.runWith(known, 'check');
    assert.equal(waiting.code, 3);
    assert.match(waiting.stderr, /replaced since.*\nStart the bot with its new key, then check again\./);
    assert.equal((await bot.runWith(known, 'export')).code, 3);
    const keysWith = (changes: Readonly<Record<string, string>>) =>
      createAuditKeys(createDeriveKey(configWith(changes)));
    const { seals } = keysWith(renewed);
    await fill(createAuditLog({ db: bot.db, seals, now: () => at }), 1, at + 9 * minuteMs);
    assert.equal((await bot.runWith(renewed, 'check')).code, 3);
    const proven = await bot.runWith(known, 'check');
    assert.equal(proven.code, 0);
    assert.match(proven.stderr, /All 5 entries are as they were written/);
    assert.equal((await bot.runWith(known, 'export')).code, 0);
    assert.doesNotMatch(`${waiting.stderr}${proven.stderr}`, new RegExp(secret));
    const withCacheKey = keysWith({ ...renewed, TOKEN_CACHE_KEY }).seals;
    await fill(createAuditLog({ db: bot.db, seals: withCacheKey, now: () => at }), 1, at + 19 * minuteMs);
    const both = { ...known, TOKEN_CACHE_KEY };
    assert.equal(
      (await bot.runWith(both, 'check')).code,
      0,
      'the app’s secret sealed before there was a TOKEN_CACHE_KEY',
    );
  });

  test('finds out that an audit was emptied and begun anew, by an earlier export', async () => {
    const bot = await createBot();
    const other = await createBot();
    const file = join(bot.folder, 'export.csv');
    await bot.run('export', '--out', file);
    await other.db.deleteFrom('audit_entries').execute();
    await other.db
      .updateTable('audit_head')
      .set({ seq: 0, hash: '0'.repeat(64), key_id: null, seal: null })
      .execute();
    const begun = await other.run('check', '--against', file);
    assert.equal(begun.code, 1);
    assert.match(
      begun.stderr,
      /All 0 entries are as they were written.*\nIt is not the audit that was exported: entry 3 is another/,
    );
  });

  test('says which hash the log has for a person', async () => {
    const bot = await createBot();
    const id = '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a01';
    const { said } = await bot.run('log-id', id);
    assert.deepEqual(said, [createLogId(() => createDeriveKey(configWith({}))(keyPurposes.logIds))(id)]);
  });

  test('refuses with a sentence what it cannot do, makes no database, and shows no secret', async () => {
    const bot = await createBot();
    const missing = join(bot.folder, 'missing.db');
    const started = startProcess([script, 'check'], { ...bot.env, DATABASE_URL: `sqlite:${missing}` });
    assert.equal((await started.ended).code, 1);
    assert.match(started.stderr.join('\n'), /there is no such file/);
    assert.throws(() => statSync(missing));
    const bare = startProcess([script, 'export'], {});
    assert.equal((await bare.ended).code, 1);
    assert.match(bare.stderr.join('\n'), /AAD_APP_CLIENT_ID is missing/);
    const unknown = await bot.run('erase');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /There is no “erase”\.\nnpm run/);
    assert.doesNotMatch([unknown.stderr, ...started.stderr, ...bare.stderr].join(), /canary/);
  });
});

test('the arguments are read strictly, each problem a sentence', () => {
  assert.deepEqual(readArguments(['export', '--from', '2026-01-01', '--to=2026-02-01T12:00:00+01:00']), {
    kind: 'export',
    from: Date.UTC(2026, 0, 1),
    to: Date.UTC(2026, 1, 1, 11),
    out: undefined,
  });
  const wrong = [
    '',
    'constructor',
    'export x',
    'export --from',
    'export --from yesterday',
    'export --from 2026-01-01T12:00',
    'export --key=x',
    'export --to 2026-13-01',
    'verify',
    'verify a b',
    'check x',
    'check --all',
    'check --accept-unproven all',
    'log-id',
  ];
  for (const args of [...wrong.map((line) => line.split(' ').filter(Boolean)), ['verify', '']]) {
    assert.ok('problem' in readArguments(args), args.join(' '));
  }
});
