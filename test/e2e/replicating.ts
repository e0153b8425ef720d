import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { makeTestDatabase, queryPostgres } from '../postgres/test-database.ts';
import { mainPath } from '../support/bot-code.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { type StartedProcess, startProgram } from '../support/started-process.ts';

const clock = new URL('./movable-clock.ts', import.meta.url).href;
/** How far all clocks are put forward at a time: past every lease. */
const stepMs = 90_000;

export interface Replica extends StartedProcess {
  readonly url: string;
  kill(): Promise<void>;
}

export interface ReplicasOptions extends SandboxOptions {
  readonly count: number;
  /** Made on the run's PostgreSQL unless given. */
  readonly database?: { readonly url: string; drop(): Promise<void> };
  readonly env?: Readonly<Record<string, string>>;
}

/** A rehearsal whose bot is several real processes on one real PostgreSQL; all clocks are one. */
export async function startReplicas({ count, env = {}, database: given, ...options }: ReplicasOptions) {
  const database = given ?? (await makeTestDatabase());
  let aheadMs = 0;
  const sandbox = await startSandbox({ now: () => Date.now() + aheadMs, ...options });
  sandbox.connector.setRateLimits(false);
  const started: Replica[] = [];
  after(async () => {
    await Promise.all(started.map((each) => each.kill()));
    await sandbox.stop();
    await database.drop();
  });
  const { client, graph } = sandbox;
  const isUp = ({ child }: StartedProcess) => child.exitCode === null && child.signalCode === null;

  async function start(): Promise<Replica> {
    const settings = { DATABASE_URL: database.url, SYNC_COOLDOWN_S: '0', MONITOR: 'off', ...env };
    const time = { CLOCK_AHEAD_MS: String(aheadMs), CLOCK_STEP_MS: String(stepMs), NODE_NO_WARNINGS: '1' };
    const bot = startProgram(process.execPath, ['--import', clock, mainPath], { ...sandbox.env(settings), ...time });
    const replica = {
      ...bot,
      url: `http://127.0.0.1:${(await bot.logged('listening')).port}`,
      async kill() {
        bot.child.kill('SIGKILL');
        await bot.ended;
      },
    };
    started.push(replica);
    return replica;
  }
  const bots = await Promise.all(Array.from({ length: count }, start));
  const connect = (...connected: readonly Replica[]) => sandbox.connectBot(...connected.map(({ url }) => url));
  connect(...bots);

  const messages = (place: TeamsConversation) =>
    client.messages(place).filter(({ author, deletedAt }) => author === 'bot' && !deletedAt);
  const waitForWords = (place: TeamsConversation, words: RegExp, timeoutMs = 25_000) =>
    client.waitFor(
      () => messages(place).findLast((each) => words.test(wordsOf(each))),
      timeoutMs,
      `${words} among ${messages(place)
        .map((each) => wordsOf(each))
        .join('\n')}`,
    );
  async function until(isSo: () => Promise<boolean> | boolean, what: string, timeoutMs = 25_000): Promise<void> {
    for (const latest = performance.now() + timeoutMs; !(await isSo()); await wait(20))
      assert.ok(performance.now() < latest, `within ${timeoutMs} ms there was not ${what}`);
  }
  return {
    until,
    sandbox,
    client,
    bots,
    start,
    connect,
    messages,
    waitForWords,
    controls: graph.controls,
    connector: sandbox.connector,
    conversations: sandbox.conversations,
    person: sandbox.person,
    query: <Row extends object>(sql: string) => queryPostgres<Row>(database.url, sql),
    /** Until one row at least answers the question. */
    untilStored: (sql: string) => until(async () => (await queryPostgres(database.url, sql)).length > 0, sql),
    posts: () => graph.requests.filter(({ method }) => method === 'POST').length,
    exchanges: () => sandbox.entra.requests.filter(({ grant }) => grant.endsWith('jwt-bearer')).length,
    /** Says something and resolves with the newest message that has these words and is new. */
    async ask(person: SandboxPerson, place: TeamsConversation, text: string, words: RegExp) {
      const before = messages(place).length;
      await client.say(person, place, text, { mention: place.kind !== 'personal' });
      return client.waitFor(
        () =>
          messages(place)
            .slice(before)
            .find((each) => words.test(wordsOf(each))),
        25_000,
        `${words} after “${text}”`,
      );
    },
    /** For the rehearsal, the bots that live now and those that are started later. */
    putForward() {
      aheadMs += stepMs;
      for (const { child } of started.filter(isUp)) child.kill('SIGUSR2');
    },
  };
}
