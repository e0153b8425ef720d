import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { findFreePort, isHealthyWithin } from '../../sandbox/bot-process.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { AuditEntryRow } from '../../src/store/audit-rows.ts';
import { forge, logOver } from '../support/audit-chain.ts';
import { brief } from '../support/audit-rig.ts';
import { mainPath } from '../support/bot-code.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { startProcess } from '../support/started-process.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';

function entriesIn(path: string): AuditEntryRow[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare('SELECT * FROM audit_entries ORDER BY seq').all() as unknown as AuditEntryRow[];
  } finally {
    db.close();
  }
}

/** The rehearsal with its store in a file, so that an operator’s own tools can be tried on it. */
async function start() {
  const path = join(temporaryFolder(), 'bot.db');
  const database = { DATABASE_URL: `sqlite:${path}`, SYNC_COOLDOWN_S: '0', GRAPH_BETA: 'on' };
  const rehearsal = await startRehearsal({ env: database });
  const { sandbox } = rehearsal;
  return {
    ...rehearsal,
    client: sandbox.client,
    env: { PATH: process.env.PATH ?? '', ...sandbox.env(database) } as Readonly<Record<string, string>>,
    entries: () => entriesIn(path),
    kept: () => entriesIn(path).map(brief),
  };
}

test('a sync is in the audit from the words to its end, under the id that Graph knows, and the export holds it', async () => {
  const { sandbox, client, ask, waitForWords, entries, env } = await start();
  const ada = sandbox.person('ada');
  const { group } = sandbox.conversations;
  await ask(ada, group, 'sync vpp adatum');
  await waitForWords(group, /Sync completed/);
  await client.idle();
  const post = sandbox.graph.requests.find(({ method }) => method === 'POST');
  const all = entries();
  const words = all.map((entry) => `${entry.action} ${entry.stage} ${entry.outcome} ${entry.via}`);
  assert.deepEqual(words, [
    'sync asked signInAsked message',
    'signIn asked done signIn',
    'sync asked started message',
    'sync answered accepted message',
    'sync ended completed bot',
  ]);
  const [, , asked, answered, ended] = all;
  assert.ok(asked && answered && ended && post?.clientRequestId);
  for (const entry of [asked, answered, ended]) {
    assert.equal(entry.client_request_id, post.clientRequestId);
    assert.deepEqual([entry.person_id, entry.person_name, entry.tenant_id], [ada.aadObjectId, ada.name, ada.tenantId]);
    assert.deepEqual([entry.conversation_id, entry.conversation_kind], [group.id, 'groupChat']);
    assert.equal(entry.token_name, 'Adatum');
    assert.equal(entry.correlation_id, asked.correlation_id);
  }
  assert.match(answered.request_id ?? '', /^[\da-f-]{36}$/);
  const exported = startProcess(['scripts/audit.ts', 'export'], env);
  assert.equal((await exported.ended).code, 0, exported.stderr.join('\n'));
  assert.equal(exported.stdout.length, all.length + 2);
  const checked = startProcess(['scripts/audit.ts', 'check'], env);
  assert.equal((await checked.ended).code, 0, checked.stderr.join('\n'));

  await ask(ada, group, 'sync ade office');
  await client.waitFor(() => entries().length === all.length + 3, 10_000, 'the end of its sync');
  assert.deepEqual(
    entries()
      .slice(all.length)
      .map(({ action, stage, token_id, token_name }) => [action, stage, token_id, token_name].join(' ')),
    ['asked', 'answered', 'ended'].map(
      (stage) => `sync ${stage} ade:c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02 Office iPhones`,
    ),
  );
});

test('refusals are in the audit and in the history of those who can see the token, and doctor finds the chain whole', async () => {
  const { sandbox, client, ask, waitForWords, kept } = await start();
  const person = (key: string) => sandbox.person(key);
  const { group, personal } = sandbox.conversations;
  const adatum = sandbox.graph.listTokens(person('ada').tenantId).find((token) => /Adatum/.test(JSON.stringify(token)));
  await ask(person('ada'), group, 'sync vpp adatum');
  const receipt = await waitForWords(group, /Sync completed/);
  await client.press(person('bruno'), group, receipt.id, buttonOn(receipt, 'Sync now'));
  await client.waitFor(
    () => kept().some((line) => line.startsWith('Bruno sync') && /forbidden/.test(line)),
    6_000,
    'a refusal',
  );
  const lines = kept();
  assert.ok(lines.includes(`Bruno sync signInAsked ${adatum?.id}`), lines.join('\n'));
  assert.ok(lines.includes(`Bruno sync ended:refused forbidden ${adatum?.id}`), lines.join('\n'));
  const seen = wordsOf(await ask(person('ada'), personal(person('ada')), 'history adatum'));
  assert.match(seen, /✕ Refused by Intune, nothing was started Bruno .*✓ Completed in .* Ada Lindqvist/);
  const hidden = wordsOf(await ask(person('chen'), personal(person('chen')), '历史'));
  assert.doesNotMatch(hidden, /Bruno|Adatum/);
  const doctor = wordsOf(await ask(person('ada'), personal(person('ada')), 'doctor'));
  assert.match(doctor, /✓ Audit log All \d+ entries since .* are unchanged/);
});

test('somebody else signing in in the window is in the audit as a refused sign-in of the person who asked', async () => {
  const { sandbox, client, kept, answers } = await start();
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  client.setSso(ada, 'off');
  await client.say(ada, chat, 'sync vpp adatum');
  const card = await client.waitFor(() => answers(chat).at(-1), 5_000, 'the sign-in card');
  const window = await client.signInThroughButton(ada, chat, card.id, { as: sandbox.person('elif') });
  assert.match(window.html, /Reference: [\da-f]{10}/);
  assert.deepEqual(kept(), ['Ada sync signInAsked', 'Ada signIn refused otherPerson']);
});

/** A rehearsal whose bot is a real process over a store in a file. */
async function startOutside() {
  const path = join(temporaryFolder(), 'bot.db');
  const sandbox = await startSandbox({ syncDurationMs: 2_000 });
  after(() => sandbox.stop());
  const startBot = async () => {
    const port = String(await findFreePort(0));
    const env = {
      PATH: process.env.PATH,
      ...sandbox.env({ PORT: port, DATABASE_URL: `sqlite:${path}`, LOG_LEVEL: 'fatal' }),
    };
    const child = spawn(process.execPath, [mainPath], { env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    after(() => child.kill('SIGKILL') && ended);
    assert.ok(await isHealthyWithin(`http://127.0.0.1:${port}`, 30_000, new AbortController().signal));
    sandbox.connectBot(`http://127.0.0.1:${port}`);
    return {
      env: env as Readonly<Record<string, string>>,
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
  const ada = sandbox.person('ada');
  return { path, sandbox, client: sandbox.client, startBot, ada, chat: sandbox.conversations.personal(ada) };
}

test('a bot that is killed in the midst of a sync leaves a whole chain, and the next one records how it ended', async () => {
  const { path, client, startBot, ada, chat } = await startOutside();
  const first = await startBot();
  await client.say(ada, chat, 'sync vpp adatum');
  await client.waitFor(() => entriesIn(path).some(({ outcome }) => outcome === 'accepted'), 10_000, 'the POST');
  await first.kill();
  const second = await startBot();
  await client.waitFor(() => entriesIn(path).some(({ stage }) => stage === 'ended'), 10_000, 'the end');
  assert.deepEqual(entriesIn(path).slice(-1).map(brief), [
    `Ada sync ended:completed ${entriesIn(path).at(-1)?.token_id}`,
  ]);
  const checked = startProcess(['scripts/audit.ts', 'check'], second.env);
  assert.equal((await checked.ended).code, 0, checked.stderr.join('\n'));
});

test('a bot that starts over a forged audit begins a new segment with its good key, and lets nobody take the old for its own', async () => {
  const { path, client, startBot, ada, chat } = await startOutside();
  const first = await startBot();
  await client.say(ada, chat, 'sync vpp adatum');
  await client.waitFor(() => entriesIn(path).some(({ stage }) => stage === 'ended'), 10_000, 'the end');
  await first.kill();
  const db = await openStore(path);
  await forge(db, logOver(db), 1, { person_name: 'Somebody else' });
  const { length } = entriesIn(path);
  const { env } = await startBot();
  await client.say(ada, chat, 'sync vpp fabrikam');
  await client.waitFor(() => entriesIn(path).length > length + 1, 10_000, 'the bot goes on');
  const kept = await db.selectFrom('audit_head').select('key_id').executeTakeFirstOrThrow();
  assert.notEqual(kept.key_id, 'a'.repeat(32), 'it is sealed with the bot’s key again');

  const checked = startProcess(['scripts/audit.ts', 'check'], env);
  assert.equal((await checked.ended).code, 3, checked.stderr.join('\n'));
  assert.match(checked.stderr.join('\n'), new RegExp(`Entries 1 to ${length} are not proven`));
  const exported = startProcess(['scripts/audit.ts', 'export'], env);
  assert.deepEqual([(await exported.ended).code, exported.stdout], [3, []]);
  const before = client.messages(chat).length;
  await client.say(ada, chat, 'doctor');
  await client.waitFor(
    () =>
      client
        .messages(chat)
        .slice(before)
        .some((each) => new RegExp(`can’t verify entries up to ${length}:`).test(wordsOf(each))),
    10_000,
    'the doctor',
  );
});
