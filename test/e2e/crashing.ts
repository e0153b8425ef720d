import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { mainPath } from '../support/bot-code.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { type StartedProcess, startProgram } from '../support/started-process.ts';

const clock = new URL('./movable-clock.ts', import.meta.url).href;
/** How far the clock is put forward at a time; long enough to be called back for. */
export const stepMs = 45_000;

export interface CrashingOptions {
  readonly syncDurationMs?: number;
  /** Added to the bot's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A rehearsal whose bot is a real process over a store in a file: it can be killed at any moment and started anew. */
export async function startCrashing({ syncDurationMs = 500, env: settings = {} }: CrashingOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-crash-'));
  let store = join(folder, 'bot.db');
  const database = () => ({ DATABASE_URL: `sqlite:${store}` });
  let aheadMs = 0;
  const sandbox = await startSandbox({ syncDurationMs, now: () => Date.now() + aheadMs });
  sandbox.connector.setRateLimits(false);
  let bot: StartedProcess | undefined;
  after(async () => {
    bot?.child.kill('SIGKILL');
    await bot?.ended;
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const { client, graph } = sandbox;
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const { id } =
    graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === 'Adatum') ?? assert.fail();

  const isUp = () => bot !== undefined && bot.child.exitCode === null && bot.child.signalCode === null;
  const messages = () => client.messages(chat).filter(({ author, deletedAt }) => author === 'bot' && !deletedAt);
  return {
    sandbox,
    client,
    ada,
    chat,
    id,
    messages,
    isUp,
    get store() {
      return store;
    },
    /** From the next start on the store is in another folder. */
    keepIn(other: string) {
      store = join(other, 'bot.db');
    },
    /** The environment for a script that works on the bot's store beside it. */
    env: () => ({ PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', ...sandbox.env(database()) }),
    logged: (message: string) => (bot ?? assert.fail()).logged(message),
    controls: graph.controls,
    connector: sandbox.connector,
    async start() {
      const env = sandbox.env({ ...database(), SYNC_COOLDOWN_S: '0', MONITOR: 'off', ...settings });
      const time = { CLOCK_AHEAD_MS: String(aheadMs), CLOCK_STEP_MS: String(stepMs), NODE_NO_WARNINGS: '1' };
      bot = startProgram(process.execPath, ['--import', clock, mainPath], { ...env, ...time });
      const { port } = await bot.logged('listening');
      sandbox.connectBot(`http://127.0.0.1:${port}`);
    },
    async kill() {
      bot?.child.kill('SIGKILL');
      assert.equal((await bot?.ended)?.signal, 'SIGKILL');
    },
    /** For the rehearsal, the bot that lives now and those that are started later. */
    putForward(steps = 1) {
      aheadMs += steps * stepMs;
      if (bot?.child.signalCode === null) for (let step = 0; step < steps; step += 1) bot.child.kill('SIGUSR2');
    },
    /** The outcome of saying it is not waited for: the process that hears it may not live to answer. */
    say(text = 'sync vpp adatum') {
      void client.say(ada, chat, text);
    },
    waitForWords: (words: RegExp, timeoutMs = 30_000) =>
      client.waitFor(() => messages().findLast((each) => words.test(wordsOf(each))), timeoutMs, String(words)),
    /** The cards about a token or about many. */
    cards: () => messages().filter((each) => /Adatum|tokens/.test(wordsOf(each)) && !/^<at>/.test(wordsOf(each))),
    lines: () => messages().filter((each) => /^<at>/.test(wordsOf(each))),
    /** Until the store knows the card: what dies before has its receipt sent anew. */
    async cardIsKnown() {
      while (!this.runs().some(({ activity_id }) => activity_id !== null)) await wait(10);
    },
    posts: () => graph.requests.filter(({ method }) => method === 'POST').length,
    /** All runs of the store, read over another connection. */
    runs() {
      const db = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
      try {
        return db.prepare('select phase, outcome, reported_at, activity_id from sync_runs').all();
      } finally {
        db.close();
      }
    },
  };
}

export type Crashing = Awaited<ReturnType<typeof startCrashing>>;

/** Its one card says how the sync ended, and that many POSTs reached Graph. */
export async function endsIn(rig: Crashing, words: RegExp, posts: number) {
  const receipt = await rig.waitForWords(words);
  assert.equal(rig.posts(), posts);
  assert.deepEqual(
    rig.cards().map(({ id }) => id),
    [receipt.id],
    'one card',
  );
  return receipt;
}
