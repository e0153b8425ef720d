import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { createRandom } from '../support/random.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { startCrashing } from './crashing.ts';

/** The words of a message when it was sent, and now. */
const allWordsOf = (message: TeamsMessage) => `${JSON.stringify(message.versions[0]?.activity)} ${wordsOf(message)}`;

interface RunRow {
  readonly token_id: string;
  readonly phase: string;
  readonly outcome: string | null;
  readonly reported_at: number | null;
}

/** A bot that watches and is killed again and again, at moments that nobody chose. Every round has tokens of its own. */
export async function startKillRounds(rounds: number, seed: number) {
  const random = createRandom(seed);
  const rig = await startCrashing({ syncDurationMs: 700, env: { MONITOR: 'on', MONITOR_INTERVAL_S: '1' } });
  const { sandbox, client, ada, chat } = rig;
  const { channel } = sandbox.conversations;
  const first = sandbox.graph.listTokens(ada.tenantId).length + 1;
  rig.controls.setTokenCount(ada.tenantId, first - 1 + 3 * rounds);
  const nameOf = (number: number) => `Branch ${String(first + number).padStart(4, '0')}`;
  const tokens = sandbox.graph.listTokens(ada.tenantId);
  const idOf = (name: string) =>
    tokens.find(({ organizationName }) => organizationName === name)?.id ?? assert.fail(name);
  const asked: string[] = [];
  const expired: string[] = [];
  const inChannel = () => client.messages(channel).filter(({ author }) => author === 'bot');
  const requests = () =>
    sandbox.graph.requests.length + sandbox.connector.requests.length + sandbox.entra.requests.length;
  const query = <Row>(sql: string) => {
    const db = new DatabaseSync(rig.store, { readOnly: true, timeout: 5_000 });
    try {
      return db.prepare(sql).all() as Row[];
    } finally {
      db.close();
    }
  };
  async function until(isSo: () => boolean, what: string) {
    for (const latest = performance.now() + 60_000; !isSo(); await wait(20))
      assert.ok(performance.now() < latest, `there never was ${what}`);
  }
  const named = (messages: readonly TeamsMessage[], name: string, words: RegExp) =>
    messages.filter((each) => allWordsOf(each).includes(name) && words.test(allWordsOf(each)));

  return {
    rig,
    asked,
    expired,
    query,
    async subscribe() {
      await rig.start();
      rig.say('status vpp adatum');
      await rig.waitForWords(/Adatum/);
      await client.say(ada, channel, 'alerts on all expired', { mention: true });
      await until(() => inChannel().some((each) => /Alerts are on/.test(wordsOf(each))), 'a subscription');
      await rig.kill();
    },
    async round(index: number) {
      rig.putForward(2);
      await rig.start();
      const [one, two, alerting] = [0, 1, 2].map((each) => nameOf(3 * index + each));
      const doings = [
        () => rig.say(`sync vpp ${asked[asked.push(one ?? '') - 1]}`),
        () => rig.say(`sync vpp ${asked[asked.push(two ?? '') - 1]}`),
        () => rig.controls.expireToken(idOf(expired[expired.push(alerting ?? '') - 1] ?? '')),
      ];
      for (const doing of doings) {
        doing();
        await wait(random.next() * 300);
      }
      // So far into its work, by what it has asked of others: as far on a slow machine as on a fast one.
      const farEnough = requests() + random.next() * 30;
      for (const latest = performance.now() + 4_000; requests() < farEnough && performance.now() < latest; )
        await wait(5);
      await wait(random.next() * 100);
      assert.ok(rig.isUp(), 'it ended by itself');
      await rig.kill();
    },
    /** After the last: it lives on until everything is reported. */
    async comeToRest() {
      rig.putForward(2);
      await rig.start();
      const waiting = `select id from sync_runs where phase <> 'ended' or reported_at is null`;
      await until(() => query(waiting).length === 0, 'an end of all syncs');
      const isPosted = (name: string) => named(inChannel(), name, /expired/).length > 0;
      await until(() => expired.every(isPosted), 'a message about every alert');
      await until(
        () => query('select id from alert_deliveries where outcome is null').length === 0,
        'an end of all deliveries',
      );
      await client.idle();
      assert.ok(rig.isUp());
    },
    /** The outcome of one requested sync: in Graph, in the store, in the chat. */
    fateOf(name: string) {
      const id = idOf(name);
      const posts = sandbox.graph.requests.filter(({ method, path }) => method === 'POST' && path.includes(id));
      return {
        posts: posts.length,
        begun: sandbox.graph.findToken(id)?.lastSyncAt !== tokens.find((each) => each.id === id)?.lastSyncAt,
        runs: query<RunRow>(`select token_id, phase, outcome, reported_at from sync_runs where token_id = '${id}'`),
        completed: named(client.messages(chat), name, /Sync completed/).length,
        notStarted: named(client.messages(chat), name, /The sync did not start/).length,
      };
    },
    postsOf: (name: string) => named(inChannel(), name, /expired/).length,
  };
}
