import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { seedTenants } from '../../sandbox/seed/tenants.ts';
import { repliesTo } from '../support/messages.ts';
import { onPostgres } from '../support/open-store.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { startReplicas } from './replicating.ts';

const watching = { MONITOR: 'on', MONITOR_INTERVAL_S: '1' };
const aKey = () => ({ TOKEN_CACHE_KEY: randomBytes(32).toString('base64') });

/** Real processes, most of whose time is waiting for one another. */
const few = { concurrency: 3, skip: process.platform === 'win32' };

onPostgres('several processes on one store', () => {
  suite('share the work', few, () => {
    test('syncs and a batch of a process that is killed are reported by another within the lease, each on its card, without a second POST', async () => {
      const rig = await startReplicas({ count: 2, syncDurationMs: 6_000 });
      const [first = assert.fail(), second = assert.fail()] = rig.bots;
      const [ada, signe] = [rig.person('ada'), rig.person('signe')];
      const [adas, signes] = [rig.conversations.personal(ada), rig.conversations.personal(signe)];
      rig.connect(first);
      const plan = await rig.ask(signe, signes, 'sync vpp all', /tokens\?/);
      await rig.client.press(signe, signes, plan.id, buttonOn(plan, 'Apply'));
      const card = await rig.ask(ada, adas, 'sync vpp adatum', /Syncing/);
      await rig.untilStored('select id from sync_runs where activity_id is not null');
      await rig.untilStored(
        "select 1 as so from sync_runs having count(*) = count(case when phase <> 'posting' then 1 end) and count(*) = 5",
      );
      const posts = rig.posts();
      assert.deepEqual(
        await rig.query('select id from sync_runs where reported_at is not null and batch_id is null'),
        [],
      );
      await first.kill();
      rig.connect(second);

      const receipt = await rig.waitForWords(adas, /Sync completed/);
      assert.equal(receipt.id, card.id);
      const shown = await rig.waitForWords(signes, /All 4 tokens synced/);
      assert.equal(shown.id, plan.id);
      assert.equal(
        rig.messages(adas).filter((each) => /Adatum/.test(wordsOf(each)) && !/<at>/.test(wordsOf(each))).length,
        1,
      );
      assert.equal(rig.posts(), posts);
      assert.equal(posts, 5);
    });

    test('a tenant is read once per interval, however many there are, also after one is killed', async () => {
      const [company = assert.fail()] = seedTenants;
      const rig = await startReplicas({
        count: 3,
        env: { ...watching, MONITOR_INTERVAL_S: '2', ALLOWED_TENANTS: company.id },
      });
      const passes = () =>
        rig.sandbox.graph.requests.filter(({ personOid, path }) => personOid === 'app' && path.endsWith('/vppTokens'));
      await rig.until(() => passes().length >= 4, 'four passes');
      await rig.bots[0]?.kill();
      rig.putForward();
      const before = passes().length;
      await rig.until(() => passes().length >= before + 3, 'three more passes');
      const times = passes().map(({ at }) => at);
      // The interval is 2 s, a twentieth less at times. One reading may arrive late, and seem close to the next; three in a row do not.
      const tooMany = times.filter((at, index) => (times[index + 2] ?? Number.POSITIVE_INFINITY) - at < 2_000);
      assert.deepEqual(tooMany, [], `passes at ${times.map((at) => at - (times[0] ?? 0))}`);
    });

    test('an alert is posted once in each conversation, although the process that posts it is killed, and then one of the three that go on', async () => {
      const rig = await startReplicas({ count: 1, env: { ...watching, ...aKey() } });
      const ada = rig.person('ada');
      const { channel, group } = rig.conversations;
      const places = [rig.conversations.personal(ada), group, channel];
      const { id } =
        rig.sandbox.graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === 'Adatum') ??
        assert.fail();
      await rig.ask(ada, places[0] ?? assert.fail(), 'status vpp adatum', /Adatum/);
      for (const place of places) await rig.ask(ada, place, 'alerts on adatum', /Alerts are on/);
      const gate = rig.connector.holdNext({ method: 'POST', body: /has expired/ });
      rig.controls.expireToken(id);
      await gate.reached;
      // By then the store has the deliveries to the other places: between Teams' taking them and that, a kill may repeat them.
      await rig.untilStored(
        'select 1 as so from alert_deliveries having count(case when outcome is null then 1 end) = 1',
      );
      await rig.bots[0]?.kill();
      gate.drop();
      rig.putForward();
      const others = await Promise.all([rig.start(), rig.start(), rig.start()]);
      rig.connect(...others);
      for (const place of places) await rig.waitForWords(place, /The token has expired/);
      await rig.untilStored(
        'select 1 as so from alert_deliveries having count(case when outcome is null then 1 end) = 0',
      );
      // Later alerts go out behind it: what would come twice has come by then.
      rig.controls.setState(id, 'valid');
      rig.controls.renewToken(id);
      const [one] = others;
      await one.kill();
      rig.putForward();
      for (const place of places) {
        await rig.waitForWords(place, /Resolved/);
        const shown = rig
          .messages(place)
          .filter(({ versions }) => /The token has expired/.test(JSON.stringify(versions[0])));
        assert.equal(shown.length, 1, place.kind);
      }
    });

    test('a rolling restart drops no turn, ends each process in time with 0, and hands its syncs over at once', async () => {
      const rig = await startReplicas({ count: 2, syncDurationMs: 15_000, env: aKey() });
      const [first = assert.fail(), second = assert.fail()] = rig.bots;
      const [ada, elif] = [rig.person('ada'), rig.person('elif')];
      const [adas, elifs] = [rig.conversations.personal(ada), rig.conversations.personal(elif)];
      await rig.ask(elif, elifs, 'status vpp fabrikam', /Fabrikam/);
      rig.connect(first);
      const card = await rig.ask(ada, adas, 'sync vpp adatum', /Syncing/);
      await rig.untilStored('select id from sync_runs where activity_id is not null');
      const claim = async () =>
        (await rig.query<{ claimed_by: string | null }>('select claimed_by from sync_runs'))[0]?.claimed_by;
      const owner = await claim();
      assert.ok(owner);

      rig.connect(first, second);
      let isTalking = true;
      const said: string[] = [];
      const talk = (async () => {
        for (let turn = 0; isTalking; turn += 1) {
          const { message, delivery } = await rig.client.say(elif, elifs, turn % 2 ? 'help' : 'status vpp fabrikam');
          assert.equal(delivery?.status, 200, String(delivery?.body));
          said.push(message.id);
          // As fast as people talk: faster is refused.
          await wait(200);
          await rig.client.waitFor(
            () => rig.messages(elifs).some((each) => repliesTo(each) === message.id),
            15_000,
            `an answer to ${message.id}`,
          );
        }
      })();
      const enough = (many: number) => rig.until(() => said.length >= many, 'talk');
      await enough(2);
      for (const [bot, other] of [
        [first, second],
        [second, undefined],
      ] as const) {
        const askedAt = performance.now();
        bot.child.kill('SIGTERM');
        const { code } = await bot.ended;
        assert.deepEqual([code, performance.now() - askedAt < 10_000], [0, true]);
        if (other) assert.notEqual(await claim(), owner, 'the sync is another’s, or nobody’s');
        const next = await rig.start();
        rig.connect(next, ...(other ? [other] : rig.bots.slice(2)));
        rig.bots.push(next);
        await enough(said.length + 2);
      }
      isTalking = false;
      await talk;
      const receipt = await rig.waitForWords(adas, /Sync completed/);
      assert.equal(receipt.id, card.id);
      const shown = wordsOf(await rig.waitForWords(adas, /Sync completed(?!.*being compared)/s));
      assert.match(shown, /Nothing changed: .*licences/, 'licences were compared as who asked');
      assert.equal(rig.posts(), 1);
      assert.deepEqual(
        said.filter((id) => rig.messages(elifs).filter((each) => repliesTo(each) === id).length !== 1),
        [],
        'each is answered once',
      );
    });

    test('what comes to two of them at once is answered once; what one asks is answered at another, with the same sign-in', async () => {
      const rig = await startReplicas({ count: 2, syncDurationMs: 300, env: aKey() });
      const [first = assert.fail(), second = assert.fail()] = rig.bots;
      const ada = rig.person('ada');
      const chat = rig.conversations.personal(ada);
      const { client } = rig;
      rig.connect(first);
      const question = await rig.ask(ada, chat, 'status vpp contoso', /matches 6 tokens/);
      assert.equal(rig.exchanges(), 1);
      rig.connect(second);
      await client.press(ada, chat, question.id, buttonOn(question, 'Show status'), { choice: '2' });
      await rig.waitForWords(chat, /retail@contoso/);
      await rig.ask(ada, chat, 'status vpp contoso', /matches 6 tokens/);
      rig.connect(first);
      await rig.ask(ada, chat, '1', /hq@contoso/);
      rig.connect(second);
      const plan = await rig.ask(ada, chat, 'sync vpp all', /tokens\?/);
      rig.connect(first);
      await client.press(ada, chat, plan.id, buttonOn(plan, 'Apply'));
      rig.connect(second);
      assert.match((await client.press(ada, chat, plan.id, buttonOn(plan, 'Apply'))).text ?? '', /already used/);
      await rig.waitForWords(chat, /All 12 tokens synced/);
      assert.equal(rig.posts(), 12);

      rig.connect(first, second);
      const twice = async (text: string) => {
        const id = client.timeline.nextId();
        const activity = client.activities.message(ada, chat, { id, conversationId: chat.id, text, mention: false });
        client.timeline.add(chat, { id, conversationId: chat.id, author: ada, activity });
        const outcomes = await Promise.all([1, 2].map(() => rig.connector.deliver(activity)));
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          [200, 200],
        );
        return id;
      };
      const ids = [];
      for (const text of ['help', 'status vpp adatum', 'help', 'status vpp fabrikam', 'sync vpp adatum'])
        ids.push(await twice(text));
      await rig.waitForWords(chat, /Adatum.*Sync completed/);
      assert.deepEqual(
        ids.map((id) => rig.messages(chat).filter((each) => repliesTo(each) === id).length),
        [1, 1, 1, 1, 1],
      );
      assert.equal(rig.posts(), 13);
      assert.equal(rig.exchanges(), 1, 'one sign-in served both');
    });
  });
});
