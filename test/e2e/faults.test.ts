import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, suite, test } from 'node:test';
import { wait } from '../../src/lib/async.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { mainScript } from '../support/bot-code.ts';
import { onPostgres } from '../support/open-store.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { startProcess } from '../support/started-process.ts';
import { startCrashing } from './crashing.ts';
import { startKillRounds } from './kill-rounds.ts';
import { startReplicas } from './replicating.ts';

const watching = { MONITOR: 'on', MONITOR_INTERVAL_S: '1' };
/** `KILL_ROUNDS=200 KILL_SEED=7 npm test -- test/e2e/faults.test.ts` */
const rounds = Number(process.env.KILL_ROUNDS ?? 12);
const seed = Number(process.env.KILL_SEED ?? 20261125);
/** Real seconds on top of those that the clock is put forward by: `OUTAGE_S=60 npm test -- test/e2e/faults.test.ts` */
const outageS = Number(process.env.OUTAGE_S ?? 0);
/** Real processes and real waiting. */
const few = { concurrency: 2, skip: process.platform === 'win32' };

const checkAudit = async (env: Readonly<Record<string, string>>) => {
  const check = startProcess(['scripts/audit.ts', 'check'], env);
  assert.equal((await check.ended).code, 0, [...check.stdout, ...check.stderr].join('\n'));
};

suite('a bot that meets', few, () => {
  test(`${rounds} kills at random moments loses no sync and no alert, doubles nothing beyond what is documented, and starts every time`, async () => {
    const killed = await startKillRounds(rounds, seed);
    await killed.subscribe();
    for (let index = 0; index < rounds; index += 1) await killed.round(index);
    await killed.comeToRest();
    for (const name of killed.asked) {
      const fate = killed.fateOf(name);
      const said = `${name}: ${JSON.stringify(fate)}`;
      assert.ok(fate.posts <= 1, said);
      assert.ok(fate.runs.length <= 1, said);
      if (fate.runs.length === 0) assert.deepEqual([fate.posts, fate.completed, fate.notStarted], [0, 0, 0], said);
      else assert.deepEqual([fate.completed, fate.notStarted], fate.begun ? [1, 0] : [0, 1], said);
    }
    for (const name of killed.expired)
      assert.ok([1, 2].includes(killed.postsOf(name)), `${name} is posted ${killed.postsOf(name)} times`);
    assert.ok(killed.query('select id from sync_runs').length > 0, 'nothing was asked for in time');
    assert.deepEqual(
      killed.query<{ integrity_check: string }>('pragma integrity_check').map((row) => row.integrity_check),
      ['ok'],
    );
    await checkAudit(killed.rig.env());
  });

  test('another writer who holds its file says so to people, and brings the sync to its end afterwards, once', async () => {
    const rig = await startCrashing({ syncDurationMs: 1_000 });
    await rig.start();
    rig.say();
    const card = await rig.waitForWords(/Syncing/);
    await rig.cardIsKnown();
    const other = new DatabaseSync(rig.store, { timeout: 5_000 });
    after(() => other.close());
    other.exec('begin immediate');
    rig.say('status vpp fabrikam');
    await rig.waitForWords(/can’t reach its database right now\. Nothing was done\./);
    await rig.logged('following a sync failed; it is retried');
    other.exec('commit');
    const receipt = await rig.waitForWords(/Sync completed/, 25_000);
    assert.equal(receipt.id, card.id);
    assert.equal(rig.posts(), 1);
    rig.say('status vpp contoso hq');
    await rig.waitForWords(/hq@contoso|Contoso HQ/i);
    assert.ok(rig.isUp());
  });

  test('a full disk says so to people, loses nothing, and goes on when there is room', async (t) => {
    const rig = await startCrashing({ syncDurationMs: 1_000 });
    const mounted = mkdtempSync(join(tmpdir(), 'vpp-sync-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mounted], { stdio: 'ignore' });
    } catch {
      rmSync(mounted, { recursive: true });
      return t.skip('a small file system can be mounted by the superuser of Linux alone');
    }
    after(() => {
      execFileSync('umount', ['-l', mounted]);
      rmSync(mounted, { recursive: true });
    });
    rig.keepIn(mounted);
    await rig.start();
    rig.say();
    const card = await rig.waitForWords(/Syncing/);
    await rig.cardIsKnown();
    fill(join(mounted, 'filler'));
    rig.say('status vpp fabrikam');
    await rig.waitForWords(/can’t reach its database right now\. Nothing was done\./);
    await rig.logged('following a sync failed; it is retried');
    rmSync(join(mounted, 'filler'));
    const receipt = await rig.waitForWords(/Sync completed/, 25_000);
    assert.equal(receipt.id, card.id);
    assert.equal(rig.posts(), 1);
    assert.ok(rig.isUp());
    await checkAudit(rig.env());
  });

  test('a half-written end of its log opens with all that was committed; a file that is none is refused, and left alone', async () => {
    const rig = await startCrashing({ syncDurationMs: 1_000 });
    await rig.start();
    rig.say();
    const card = await rig.waitForWords(/Syncing/);
    await rig.cardIsKnown();
    await rig.kill();
    // A machine that loses its power while it writes leaves this: the beginning of a frame that says it is one.
    const log = readFileSync(`${rig.store}-wal`);
    assert.ok(log.length > 2_000);
    appendFileSync(`${rig.store}-wal`, log.subarray(32, 32 + 1_700));
    await rig.start();
    const receipt = await rig.waitForWords(/Sync completed/);
    assert.equal(receipt.id, card.id);
    assert.equal(rig.posts(), 1);
    await checkAudit(rig.env());
    await rig.kill();

    const damaged = readFileSync(rig.store).fill(0x5a, 0, 100);
    for (const end of ['-wal', '-shm']) rmSync(`${rig.store}${end}`, { force: true });
    writeFileSync(rig.store, damaged);
    const refused = startProcess([mainScript], rig.env());
    assert.equal((await refused.ended).code, 1);
    assert.match(refused.stderr.join('\n'), /DATABASE_URL cannot be used: .*not a database/);
    assert.deepEqual(readFileSync(rig.store), damaged);
  });
});

onPostgres('a bot whose database is gone for over a minute', () => {
  test('brings its sync to its end and reports what happened meanwhile, each once', { skip: few.skip }, async () => {
    const postgres = await startPostgres();
    if ('missing' in postgres) throw new Error(postgres.missing);
    const database = { url: postgres.url, drop: postgres.close };
    const rig = await startReplicas({ count: 1, database, env: watching, syncDurationMs: 3_000 });
    const [bot = assert.fail()] = rig.bots;
    const ada = rig.person('ada');
    const { channel } = rig.conversations;
    const chat = rig.conversations.personal(ada);
    const { id } =
      rig.sandbox.graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === 'Adatum') ??
      assert.fail();
    await rig.ask(ada, chat, 'status vpp adatum', /Adatum/);
    await rig.ask(ada, channel, 'alerts on adatum', /Alerts are on/);
    const card = await rig.ask(ada, chat, 'sync vpp fabrikam', /Syncing/);
    await rig.untilStored('select id from sync_runs where activity_id is not null');

    await postgres.stop();
    rig.controls.expireToken(id);
    await bot.logged('following a sync failed; it is retried');
    await rig.ask(ada, chat, 'sync vpp adatum', /can’t reach its database right now\. Nothing was done\./);
    rig.putForward();
    await wait(outageS * 1_000);
    await postgres.start();

    const receipt = await rig.waitForWords(chat, /Fabrikam.*Sync completed/);
    assert.equal(receipt.id, card.id);
    assert.equal(rig.posts(), 1);
    await rig.waitForWords(channel, /The token has expired/);
    rig.controls.setState(id, 'valid');
    rig.controls.renewToken(id);
    await rig.waitForWords(channel, /Resolved/);
    const shown = rig
      .messages(channel)
      .filter(({ versions }) => /The token has expired/.test(JSON.stringify(versions[0])));
    assert.equal(shown.length, 1);
    const again = await rig.ask(ada, chat, 'status vpp adatum', /Adatum/);
    assert.ok(buttonOn(again, 'Sync now') && wordsOf(again));
    assert.equal(bot.child.exitCode, null);
  });
});

/** Until not a byte more goes in. */
function fill(path: string): void {
  for (const bytes of [65_536, 4_096, 512, 1])
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes, 1));
    } catch {
      // Full for pieces of this size.
    }
}
