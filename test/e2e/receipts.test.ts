import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SeedApp } from '../../sandbox/seed/seed.ts';
import { createToken } from '../../sandbox/seed/seed-token.ts';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import { cardOf } from '../support/messages.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { many, startAda, status } from './ada.ts';

/** Duration of a sync that ends when the clock is put forward, and not before; too short to call people back. */
const longMs = 25_000;
/** The whole receipt: on a busy machine it may first come without its licences. */
const complete = /Sync completed(?!.*being compared)/s;
type Rig = Awaited<ReturnType<typeof startAda>>;

/** All apps on one page: they have 2 s, however busy the machine is. */
async function start(env: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const rig = await startAda(env);
  rig.controls.setPageSize(1000);
  return { ...rig, wait: (words, timeoutMs = 20_000) => rig.wait(words, timeoutMs) };
}

const appOf = ({ sandbox, id }: Rig, name: string): SeedApp =>
  sandbox.graph.listApps(id).find(({ displayName }) => displayName === name) ?? assert.fail(`no app is called ${name}`);
const listsOfApps = ({ sandbox }: Rig) => sandbox.graph.requests.filter(({ path }) => path.endsWith('/mobileApps'));

/** Asks for a sync that goes on until `endLong`. */
async function startLong(rig: Rig) {
  rig.controls.setSyncDuration(longMs);
  await rig.say();
  return rig.wait(/Syncing/);
}

async function endLong(rig: Rig) {
  rig.putForward(longMs);
  return wordsOf(await rig.wait(complete));
}

suite('what a receipt says', many, () => {
  test('licences that were bought: used and total, before and after', async () => {
    const rig = await start();
    rig.controls.buyLicenses(appOf(rig, 'Shelf Scanner').id, 50);
    await rig.say();
    const receipt = await rig.wait(complete);
    assert.match(
      wordsOf(receipt),
      /What changed Licences Shelf Scanner 96 of 100 used → 96 of 150 used State ✓ Valid/,
      'that and nothing else',
    );
    await rig.sandbox.client.press(rig.ada, rig.chat, receipt.id, buttonOn(receipt, 'Refresh'));
    const before = receipt.versions.length;
    const again = await rig.sandbox.client.waitFor(() => {
      const message = rig.sandbox.client.timeline.get(rig.chat, receipt.id);
      return message.versions.length >= before && message;
    });
    assert.match(wordsOf(again), /96 of 100 used → 96 of 150 used/, 'Refresh keeps it');
    assert.ok(listsOfApps(rig).every(({ personOid }) => personOid === rig.ada.aadObjectId));
  });

  test('a token that was renewed while it synced: the expiry, and the app that came with it', async () => {
    const rig = await start();
    await startLong(rig);
    const token = rig.sandbox.graph.findToken(rig.id) ?? assert.fail();
    const added = { ...appOf(rig, 'Meadow Notes'), id: 'a0000000-0000-4000-8000-000000000001', displayName: 'New one' };
    rig.controls.addToken({ ...token, syncEndsAt: token.lastModifiedAt + longMs }, [added]);
    rig.controls.renewToken(rig.id);
    assert.match(
      await endLong(rig),
      /What changed Expires \{\{DATE\(.*\)\}\} → \{\{DATE\(.*\)\}\} App added New one 181 of 250 used/,
    );
  });

  test('a token that nothing changed on: said, and that licences were compared', async () => {
    const rig = await start();
    await rig.say();
    const words = wordsOf(await rig.wait(complete));
    assert.match(
      words,
      /Nothing changed: state, expiry, account, iPhone and iPad apps and their licences are the same as before\./,
    );
    assert.doesNotMatch(words, /What changed|compared|approximate/);
  });

  test('tokens that share Apple ID and organisation: approximate on v1.0, exact with beta', async () => {
    for (const beta of ['off', 'on'] as const) {
      const rig = await start({ GRAPH_BETA: beta });
      const own = rig.sandbox.graph.findToken(rig.id) ?? assert.fail();
      const { tenantId, organizationName, appleId } = own;
      const twin = { id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8999', tenantId, organizationName, appleId };
      const twins = { ...appOf(rig, 'Meadow Notes'), id: 'a0000000-0000-4000-8000-000000000002', tokenId: twin.id };
      rig.controls.addToken(createToken(Date.now(), { ...twin, displayName: 'Twin' }), [twins]);
      rig.controls.buyLicenses(appOf(rig, 'Shelf Scanner').id, 1);
      await rig.say(`sync vpp ${rig.id}`);
      const words = wordsOf(await rig.wait(complete));
      assert.match(words, /Shelf Scanner 96 of 100 used → 96 of 101 used/);
      if (beta === 'off') assert.match(words, /Apps and licences are approximate: .* other tokens share both/);
      else assert.doesNotMatch(words, /approximate/);
    }
  });

  test('apps that may not be read: the sync goes on, and the receipt says why licences weren’t compared', async () => {
    const rig = await start();
    rig.controls.failNext(1, { path: 'mobileApps', fault: status(403) });
    await rig.say();
    const words = wordsOf(await rig.wait(complete));
    assert.match(
      words,
      /State, expiry and account did not change\. .*weren’t compared: Intune denied access to apps\./,
    );
    assert.deepEqual([rig.posts(), listsOfApps(rig).length], [1, 1]);
  });

  test('apps that do not answer: the POST waits 2 s for them and no longer', async () => {
    const rig = await start();
    await rig.say('sign in');
    await rig.wait(/signed in/i);
    rig.controls.failNext(9, { path: 'mobileApps', fault: { kind: 'hang' } });
    const { requests } = rig.sandbox.graph;
    await rig.say();
    await rig.until(() => listsOfApps(rig).length > 0, 'a list of apps');
    const listedAt = performance.now();
    await rig.until(() => rig.posts() > 0, 'a POST');
    const waitedMs = performance.now() - listedAt;
    assert.ok(waitedMs < 2_600, `${waitedMs} ms`);
    assert.match(wordsOf(await rig.wait(complete)), /weren’t compared: Intune took too long to list the apps\./);
    assert.ok(requests.filter(({ method }) => method === 'POST').length === 1);
  });

  test('apps that are slow after the end: the receipt does not wait for them, and is completed on the same card', async () => {
    const rig = await start();
    const card = await startLong(rig);
    rig.controls.buyLicenses(appOf(rig, 'Shelf Scanner').id, 50);
    const gate = rig.controls.holdNext({ path: 'mobileApps' });
    rig.putForward(longMs);
    const first = await rig.wait(/Comparing apps/);
    assert.match(wordsOf(first), /Sync completed/);
    gate.open();
    const last = await rig.wait(/96 of 100 used → 96 of 150 used/);
    assert.doesNotMatch(wordsOf(last), /Comparing apps/);
    assert.deepEqual([first.id, last.id], [card.id, card.id]);
    const [before, after] = last.versions.slice(-2).map(({ at }) => at);
    assert.ok((after ?? 0) - (before ?? 0) >= 2_900, 'no card is edited more often than every 3 s');
  });

  test('45 changed apps: the ten largest, “and 35 more”, and the card stays small', async () => {
    const rig = await start();
    const { graph } = rig.sandbox;
    const tenantId = graph.findToken(rig.id)?.tenantId ?? assert.fail();
    const token = createToken(Date.now(), {
      id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8997',
      tenantId,
      organizationName: 'Northwind',
      appleId: 'vpp@northwind.example.com',
    });
    const apps = Array.from({ length: 45 }, (_, index): SeedApp => {
      const id = `a0000000-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`;
      const name = `${'Meadow 门店 '.repeat(12)}${index}`;
      return { ...appOf(rig, 'Meadow Notes'), id, tokenId: token.id, displayName: name, bundleId: `b.${index}` };
    });
    rig.controls.addToken(token, apps);
    for (const [index, { id }] of apps.entries()) rig.controls.buyLicenses(id, index + 1);
    await rig.say('sync vpp northwind');
    const receipt = await rig.wait(complete);
    const words = wordsOf(receipt);
    assert.equal(words.match(/→/g)?.length, 10);
    assert.match(words, /181 of 250 used → 181 of 295 used.*181 of 250 used → 181 of 286 used and 35 more/);
    const bytes = Buffer.byteLength(JSON.stringify(cardOf(receipt)));
    assert.ok(bytes < 25 * 1024, `${bytes} bytes`);
  });

  test('how long it took against what is usual, once three syncs are known', async () => {
    const rig = await start();
    rig.controls.setSyncDuration(100);
    const sayAndWait = async (words: RegExp) => {
      const before = rig.rehearsal.answers(rig.chat).length;
      await rig.say();
      const find = () =>
        rig.rehearsal
          .answers(rig.chat)
          .slice(before)
          .find((each) => words.test(wordsOf(each)));
      return wordsOf(await rig.sandbox.client.waitFor(find, 8_000));
    };
    for (let syncs = 1; syncs <= 3; syncs += 1) await sayAndWait(/Sync completed/);
    rig.controls.setSyncDuration(3_000);
    assert.match(await sayAndWait(/↻ Syncing/), /so far; usually about \d seconds?\./);
  });

  test('a person who signs out while it syncs: the app reads on, and no licences are read in their name any more', async () => {
    const rig = await start();
    rig.controls.buyLicenses(appOf(rig, 'Shelf Scanner').id, 50);
    await startLong(rig);
    await rig.say('sign out');
    await rig.wait(/signed out/i);
    const lists = listsOfApps(rig).length;
    const words = await endLong(rig);
    assert.match(words, /weren’t compared: the sign-in of the person who asked had ended\./);
    assert.equal(listsOfApps(rig).length, lists);
    const look = rig.sandbox.graph.requests.findLast(({ path }) => path.endsWith(rig.id));
    assert.equal(look?.personOid, 'app');
  });

  test('a join has no before: its receipt says so, the leader’s lists the licences', async () => {
    const rig = await start();
    const { client, conversations, person } = rig.sandbox;
    const hers = conversations.personal(person('elif'));
    rig.controls.buyLicenses(appOf(rig, 'Shelf Scanner').id, 50);
    await startLong(rig);
    await client.say(person('elif'), hers, 'sync vpp adatum');
    await rig.rehearsal.waitForWords(hers, /already running/);
    assert.match(await endLong(rig), /96 of 100 used → 96 of 150 used/);
    const joined = await rig.rehearsal.waitForWords(hers, complete, 20_000);
    assert.match(wordsOf(joined), /weren’t compared: the sync was already running\./);
  });

  test('all tokens at once: apps are listed once before and once after, and the one card says what changed where', async () => {
    const rig = await start();
    rig.controls.buyLicenses(appOf(rig, 'Shelf Scanner').id, 50);
    await rig.say('sync vpp all');
    const plan = await rig.wait(/tokens\?/);
    await rig.sandbox.client.press(rig.ada, rig.chat, plan.id, buttonOn(plan, 'Apply'));
    const receipt = await rig.wait(/synced in .*What changed/s, 20_000);
    assert.equal(receipt.id, plan.id);
    assert.match(wordsOf(receipt), /Adatum: +Licences · Shelf Scanner · 96 of 100 used → 96 of 150 used/);
    assert.doesNotMatch(wordsOf(receipt), /weren’t compared/);
    assert.equal(listsOfApps(rig).length, 2);
  });
});

suite('a receipt in time', many, () => {
  test('progress shows after 10 s, then the end within 5 s of Graph showing it, no two edits within 3 s', async () => {
    const rig = await start();
    const durationMs = 12_000;
    rig.controls.setSyncDuration(durationMs);
    await rig.say();
    const card = await rig.wait(/Syncing/);
    await rig.until(() => rig.posts() === 1, 'the POST');
    const postedAt = rig.sandbox.graph.requests.find(({ method }) => method === 'POST')?.at ?? assert.fail();
    await rig.wait(/1\d seconds so far/, 15_000);
    const receipt = await rig.wait(/Sync completed/, 15_000);
    assert.equal(receipt.id, card.id);
    const edits = receipt.versions.slice(1).map(({ at }) => at);
    for (const [index, at] of edits.slice(1).entries()) assert.ok(at - (edits[index] ?? 0) >= 2_900, `${edits}`);
    const lateMs = (edits.at(-1) ?? 0) - (postedAt + durationMs);
    assert.ok(lateMs <= 5_000, `${lateMs} ms after its end`);
  });

  test('while Teams is away for a while the receipt is not lost: the same card has it afterwards, and one line', async () => {
    const rig = await start();
    rig.controls.setSyncDuration(31_000);
    await rig.say();
    const card = await rig.wait(/Syncing/);
    rig.sandbox.connector.failNext(5, { status: 503, method: 'PUT' });
    rig.putForward(31_000);
    const receipt = await rig.wait(/Sync completed/, 40_000);
    assert.equal(receipt.id, card.id);
    const line = await rig.wait(/^<at>Ada/);
    assert.match(wordsOf(line), /sync completed in 3\d seconds/);
    assert.equal(rig.rehearsal.answers(rig.chat).filter((each) => /Sync completed/.test(wordsOf(each))).length, 1);
  });

  test('a conversation that the bot was removed from ends it at once', async () => {
    const rig = await start();
    const { connector } = rig.sandbox;
    rig.controls.setSyncDuration(longMs);
    await rig.say();
    const card = await rig.wait(/Syncing/);
    connector.setInstalled(rig.chat, false);
    rig.putForward(longMs);
    const puts = () => connector.requests.filter(({ method }) => method === 'PUT');
    await rig.until(() => puts().length > 0, 'the receipt');
    assert.equal(puts()[0]?.status, 403);
    connector.setInstalled(rig.chat, true);
    rig.controls.setSyncDuration(100);
    await rig.say();
    await rig.wait(/Sync completed/);
    const again = rig.sandbox.client.timeline.get(rig.chat, card.id);
    assert.match(
      JSON.stringify(currentVersion(again).activity),
      /Syncing/,
      'what Teams refused for good stays refused',
    );
  });
});
