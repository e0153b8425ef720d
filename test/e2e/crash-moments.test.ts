import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { endsIn, startCrashing, stepMs } from './crashing.ts';

/** Real processes that are killed outright, each at a moment that the rehearsal can see, and started again. */
const few = { concurrency: 3, skip: process.platform === 'win32' };

suite('a bot that is killed', few, () => {
  test('before the run is stored: nothing was asked for, and asking again works', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.controls.holdNext({ method: 'GET', path: `vppTokens/${rig.id}` });
    rig.say();
    await gate.reached;
    assert.deepEqual(rig.runs(), []);
    await rig.kill();
    gate.drop();
    await rig.start();
    assert.deepEqual([rig.posts(), rig.cards()], [0, []]);
    rig.say();
    await endsIn(rig, /Sync completed in/, 1);
  });

  test('after the run is stored and before its POST: the next process does not POST, and says that it did not start', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.controls.holdNext({ path: 'mobileApps' });
    rig.say();
    await gate.reached;
    assert.deepEqual(
      rig.runs().map(({ phase }) => phase),
      ['posting'],
    );
    await rig.kill();
    gate.drop();
    rig.putForward(2);
    await rig.start();
    const receipt = await endsIn(rig, /The sync did not start/, 0);
    assert.match(
      wordsOf(receipt),
      /stopped while sending the request.*Nothing shows that a sync began; press Sync now/s,
    );
    assert.doesNotMatch(wordsOf(receipt), /no clear answer/);
  });

  test('with its POST on the way: it still arrives and is followed to its end, without a second', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.controls.holdNext({ method: 'POST', path: 'syncLicenses' });
    rig.say();
    await gate.reached;
    await rig.kill();
    gate.open();
    await rig.start();
    const receipt = await endsIn(rig, /Sync completed/, 1);
    assert.match(wordsOf(receipt), /weren’t compared: the bot stopped while sending the request/);
  });

  test('with its POST on the way, which is lost: the next process does not repeat it, and says that it did not start', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.controls.holdNext({ method: 'POST', path: 'syncLicenses' });
    rig.say();
    await gate.reached;
    await rig.kill();
    gate.drop();
    rig.putForward(2);
    await rig.start();
    await endsIn(rig, /The sync did not start/, 1);
  });

  test('after the POST’s answer, before the card: the receipt is the one card', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.connector.holdNext({ method: 'POST', body: /Syncing/ });
    rig.say();
    await gate.reached;
    assert.deepEqual(
      rig.runs().map(({ phase }) => phase),
      ['running'],
    );
    await rig.kill();
    gate.drop();
    await rig.start();
    await endsIn(rig, /Sync completed/, 1);
  });

  test('after the card is posted and before its id is known: the receipt is sent rather than lost, and Refresh updates the card', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.connector.holdNext({ method: 'POST', body: /Syncing/, when: 'after' });
    rig.say();
    await gate.reached;
    await rig.kill();
    gate.drop();
    await rig.start();
    const receipt = await rig.waitForWords(/Sync completed/);
    const [card, ...others] = rig.cards();
    assert.deepEqual([card && wordsOf(card).includes('Syncing'), others, rig.posts()], [true, [receipt], 1]);
    await rig.client.press(rig.ada, rig.chat, card?.id ?? '', buttonOn(card ?? assert.fail(), 'Refresh'));
    await rig.client.waitFor(
      () => /Sync completed/.test(wordsOf(rig.cards()[0] ?? assert.fail())),
      8_000,
      'the receipt',
    );
  });

  test('while it follows, with sign-ins that are kept: the next process reads as the person who asked, and reports the licences', async () => {
    const key = { TOKEN_CACHE_KEY: randomBytes(32).toString('base64') };
    const rig = await startCrashing({ syncDurationMs: stepMs, env: key });
    const app = rig.sandbox.graph.listApps(rig.id).find(({ displayName }) => displayName === 'Shelf Scanner');
    await rig.start();
    rig.controls.buyLicenses(app?.id ?? assert.fail(), 50);
    rig.say();
    await rig.waitForWords(/Syncing/);
    await rig.cardIsKnown();
    const gate = rig.controls.holdNext({ method: 'GET', path: `vppTokens/${rig.id}` });
    await gate.reached;
    await rig.kill();
    gate.drop();
    const before = rig.sandbox.graph.requests.length;
    rig.putForward();
    await rig.start();
    const receipt = await endsIn(rig, /Sync completed(?!.*being compared)/s, 1);
    assert.match(wordsOf(receipt), /Shelf Scanner 96 of 100 used → 96 of 150 used/);
    const since = rig.sandbox.graph.requests.slice(before);
    assert.deepEqual([...new Set(since.map(({ personOid }) => personOid))], [rig.ada.aadObjectId]);
    assert.equal(rig.sandbox.entra.requests.filter(({ grant }) => grant.endsWith('jwt-bearer')).length, 1);
  });

  test('while it follows, again and again: nothing is lost, and progress goes on', async () => {
    const rig = await startCrashing({ syncDurationMs: 5 * stepMs });
    await rig.start();
    rig.say();
    await rig.cardIsKnown();
    const card = rig.cards()[0] ?? assert.fail('no card');
    for (const _ of [1, 2]) {
      const look = rig.controls.holdNext({ method: 'GET', path: `vppTokens/${rig.id}` });
      await look.reached;
      await rig.kill();
      look.drop();
      const shown = card.versions.length;
      rig.putForward();
      await rig.start();
      await rig.client.waitFor(
        () => card.versions.length > shown && / so far/.test(wordsOf(card)),
        30_000,
        'progress after a restart',
      );
    }
    rig.putForward(3);
    const receipt = await endsIn(rig, /Sync completed in \d minutes/, 1);
    assert.doesNotMatch(wordsOf(receipt), /restarted/, 'its end was watched');
  });

  test('with an edit of progress on the way that arrives after the receipt: the receipt wins', async () => {
    const rig = await startCrashing({ syncDurationMs: 2 * stepMs });
    await rig.start();
    rig.say();
    const card = await rig.waitForWords(/Syncing/);
    const gate = rig.connector.holdNext({ method: 'PUT', body: /so far/ });
    rig.putForward();
    await gate.reached;
    await rig.kill();
    rig.putForward();
    await rig.start();
    await endsIn(rig, /Sync completed/, 1);
    gate.open();
    await rig.waitForWords(/so far/);
    await endsIn(rig, /Sync completed/, 1);
    assert.equal(rig.client.timeline.get(rig.chat, card.id).versions.length, 4, 'card, receipt, late edit, receipt');
  });

  test('after the end is stored and before the receipt: the next process posts it, on the same card', async () => {
    const rig = await startCrashing();
    await rig.start();
    const gate = rig.connector.holdNext({ method: 'PUT', body: /Sync completed/ });
    rig.say();
    await gate.reached;
    assert.deepEqual(
      rig.runs().map(({ phase, outcome, reported_at }) => [phase, outcome, reported_at]),
      [['ended', 'completed', null]],
    );
    const [card] = rig.cards();
    await rig.kill();
    gate.drop();
    await rig.start();
    const receipt = await endsIn(rig, /Sync completed in/, 1);
    assert.equal(receipt.id, card?.id);
    assert.equal(rig.lines().length, 0);
  });

  test('after the receipt is posted and before that is stored: it is written again on the same card, and calls back once', async () => {
    const rig = await startCrashing({ syncDurationMs: stepMs });
    await rig.start();
    rig.say();
    const card = await rig.waitForWords(/Syncing/);
    const gate = rig.connector.holdNext({ method: 'PUT', body: /Sync completed(?!.*being compared)/, when: 'after' });
    rig.putForward();
    await gate.reached;
    await endsIn(rig, /Sync completed/, 1);
    await rig.kill();
    gate.drop();
    await rig.start();
    await rig.waitForWords(/^<at>Ada/);
    const receipt = await endsIn(rig, /Sync completed in/, 1);
    assert.equal(receipt.id, card.id);
    assert.equal(rig.lines().length, 1);
  });

  test('after the receipt and before the line that calls back: the line is left out rather than said twice', async () => {
    const rig = await startCrashing({ syncDurationMs: stepMs });
    await rig.start();
    rig.say();
    await rig.waitForWords(/Syncing/);
    const gate = rig.connector.holdNext({ method: 'POST', body: /<at>/ });
    rig.putForward();
    await gate.reached;
    assert.ok(rig.runs().every(({ reported_at }) => reported_at !== null));
    await rig.kill();
    gate.drop();
    await rig.start();
    rig.say('status vpp contoso hq');
    await rig.waitForWords(/hq@contoso|Contoso HQ/i);
    await endsIn(rig, /Sync completed in/, 1);
    assert.equal(rig.lines().length, 0);
  });

  test('before the last card of many: the next process posts it, as it was at the end, and asks for nothing', async () => {
    const rig = await startCrashing();
    await rig.start();
    rig.say('sync vpp all');
    const plan = await rig.waitForWords(/tokens\?/);
    const gate = rig.connector.holdNext({ method: 'PUT', body: /synced in/ });
    void rig.client.press(rig.ada, rig.chat, plan.id, buttonOn(plan, 'Apply'));
    await gate.reached;
    await rig.kill();
    gate.drop();
    rig.putForward(4);
    await rig.start();
    const receipt = await endsIn(rig, /All 12 tokens synced in \d+ seconds?/, 12);
    assert.equal(receipt.id, plan.id);
    assert.equal(rig.lines().length, 0, 'it had taken no time');
  });
});
