import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import { assertPlain, postsOf, repliesTo } from '../support/messages.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { many, startAda } from './ada.ts';

const minuteMs = 60_000;
/** Duration of a sync that ends when the clock is put forward, and not before; too short to call people back. */
const longMs = 25_000;

suite('a sync from its POST to its receipt', many, () => {
  test('a second person’s sync joins the one under way: own card, own receipt, one POST', async () => {
    const rig = await startAda();
    const { client, conversations, person } = rig.sandbox;
    const elif = person('elif');
    const hers = conversations.personal(elif);
    rig.controls.setSyncDuration(longMs);
    await rig.say();
    await rig.wait(/Syncing/);
    await client.say(elif, hers, 'sync vpp adatum');
    const joined = await rig.rehearsal.waitForWords(hers, /already running/);
    assert.match(wordsOf(joined), /Ada Lindqvist started it\. No second sync was started/);
    rig.putForward(longMs);
    const [_receipt, hersReceipt] = await Promise.all([
      rig.wait(/Sync completed/),
      rig.rehearsal.waitForWords(hers, /Sync completed/),
    ]);
    assert.equal(hersReceipt.id, joined.id);
    assert.equal(rig.posts(), 1);
  });

  test('several who ask in the same moment make one POST, and each has a receipt', async () => {
    const rig = await startAda();
    const { client, conversations, person } = rig.sandbox;
    rig.controls.setSyncDuration(longMs);
    const people = [rig.ada, person('elif')];
    await Promise.all(people.map((each) => client.say(each, conversations.personal(each), 'sync vpp adatum')));
    for (const each of people)
      await rig.rehearsal.waitForWords(conversations.personal(each), /Syncing|already running/);
    rig.putForward(longMs);
    for (const each of people) await rig.rehearsal.waitForWords(conversations.personal(each), /Sync completed/);
    assert.equal(rig.posts(), 1);
  });

  test('a sync begun elsewhere, in the admin center, is joined without a POST', async () => {
    const rig = await startAda();
    rig.controls.setSyncDuration(longMs);
    rig.controls.startSync(rig.id);
    await rig.say();
    const joined = await rig.wait(/A sync is already running/);
    rig.putForward(longMs);
    const receipt = await rig.wait(/Sync completed/);
    assert.equal(receipt.id, joined.id);
    assert.equal(rig.posts(), 0);
  });

  test('a token that shows its old state for a while is not taken for done', async () => {
    const rig = await startAda();
    const { requests } = rig.sandbox.graph;
    rig.controls.setSyncDuration(longMs);
    rig.controls.setLag(longMs);
    await rig.say();
    const card = await rig.wait(/Syncing/);
    const reads = requests.length;
    await rig.until(() => requests.length >= reads + 2, 'two readings of the old state');
    assert.match(wordsOf(rig.sandbox.client.timeline.get(rig.chat, card.id)), /Syncing/);
    rig.putForward(longMs);
    const receipt = await rig.wait(/Sync completed/);
    assert.equal(receipt.id, card.id);
  });

  test('the receipt shows what the sync changed', async () => {
    const rig = await startAda();
    rig.controls.setState(rig.id, 'unknown');
    await rig.say();
    assert.match(wordsOf(await rig.wait(/Sync completed/)), /What changed.*State.*Unknown.*Valid/s);
  });

  for (const moves of [true, false]) {
    test(`a failed sync says so with its likely cause, whether or not (${moves}) its date moves`, async () => {
      const rig = await startAda();
      rig.controls.nextSyncEnds('failed');
      rig.controls.setDateMovesOnFailure(moves);
      await rig.say();
      const receipt = await rig.wait(/Sync failed after/);
      assert.match(wordsOf(receipt), /Likely cause.*Next step/s);
      assertPlain(wordsOf(receipt).replaceAll(/\{\{(?:DATE|TIME)\([^)]*\)\}\}/g, ''));
      await rig.say();
      await rig.wait(/Sync completed/);
      assert.equal(rig.posts(), 2);
    });
  }

  test('a token that is deleted meanwhile: the card says so and has no buttons left', async () => {
    const rig = await startAda();
    rig.controls.setSyncDuration(longMs);
    await rig.say();
    await rig.wait(/Syncing/);
    rig.controls.deleteToken(rig.id);
    const shown = await rig.wait(/The token was deleted while it synced/);
    assert.throws(() => buttonOn(shown, 'Sync now'));
  });

  test('no result by the deadline: the card says so within 5 s of it, and Refresh shows how it ended', async () => {
    const rig = await startAda({ SYNC_FOLLOW_DEADLINE_S: '5' });
    rig.controls.setSyncDuration(longMs);
    const at = performance.now();
    await rig.say();
    const shown = await rig.wait(/No result yet after/, 12_000);
    const tookMs = performance.now() - at;
    assert.ok(tookMs >= 4900 && tookMs <= 10_500, String(tookMs));
    rig.putForward(longMs);
    await rig.sandbox.client.press(rig.ada, rig.chat, shown.id, buttonOn(shown, 'Refresh'));
    const after = await rig.sandbox.client.waitFor(
      () => {
        const message = rig.sandbox.client.timeline.get(rig.chat, shown.id);
        return !/No result yet/.test(wordsOf(message)) && message;
      },
      3000,
      'the end on the card',
    );
    assert.match(wordsOf(after), /Last sync ✓ Completed/);
  });

  test('a sync that never ends is called stuck after half an hour, and may be asked for again', async () => {
    const rig = await startAda({ SYNC_FOLLOW_DEADLINE_S: '3600' });
    rig.controls.nextSyncEnds('stuck');
    await rig.say();
    await rig.wait(/Syncing/);
    rig.putForward(30 * minuteMs);
    assert.match(wordsOf(await rig.wait(/Sync seems stuck/)), /service health/);
    await rig.say();
    await rig.wait(/Sync completed/);
    assert.equal(rig.posts(), 2);
  });

  test('who waited over half a minute is called back by a line that mentions them, in answer to their message', async () => {
    const rig = await startAda();
    const { group } = rig.sandbox.conversations;
    rig.controls.setSyncDuration(45_000);
    const { message: asked } = await rig.sandbox.client.say(rig.ada, group, 'sync vpp adatum', { mention: true });
    await rig.rehearsal.waitForWords(group, /Syncing/);
    rig.putForward(45_000);
    const line = await rig.rehearsal.waitForWords(group, /^<at>Ada Lindqvist<\/at>/);
    assert.match(wordsOf(line), /Adatum: sync completed in 4\d seconds/);
    assert.equal(repliesTo(line), asked.id);
    const { entities } = currentVersion(line).activity as { entities?: readonly { mentioned?: { id?: string } }[] };
    assert.equal(entities?.[0]?.mentioned?.id, rig.ada.teamsId);
  });

  test('a quick sync calls nobody back', async () => {
    const rig = await startAda();
    await rig.say();
    await rig.wait(/Sync completed/);
    assert.equal(rig.rehearsal.answers(rig.chat).length, 2);
  });

  test('after a sync the token rests: asking again says for how long, and then it goes', async () => {
    const rig = await startAda({ SYNC_COOLDOWN_S: '300' });
    await rig.say();
    await rig.wait(/Sync completed/);
    await rig.say();
    const resting = await rig.wait(/was synced .* ago, and Apple needs a pause/);
    assert.doesNotMatch(wordsOf(resting), /Reference/, 'nobody needs to look that up');
    assert.match(wordsOf(resting), /Try again in [45] minutes/);
    assert.equal(rig.posts(), 1);
    rig.putForward(5 * minuteMs);
    await rig.sandbox.client.press(rig.ada, rig.chat, resting.id, buttonOn(resting, 'Sync now'));
    await rig.sandbox.client.waitFor(() => rig.posts() === 2, 3000, 'the second POST');
  });

  test('a receipt’s own buttons sync and refresh again, on the same card', async () => {
    const rig = await startAda();
    await rig.say();
    const receipt = await rig.wait(/Sync completed/);
    const refreshed = await rig.sandbox.client.press(rig.ada, rig.chat, receipt.id, buttonOn(receipt, 'Refresh'));
    assert.equal(refreshed.statusCode, 200);
    const card = await rig.wait(/Sync completed/);
    await rig.sandbox.client.press(rig.ada, rig.chat, card.id, buttonOn(card, 'Sync now'));
    await rig.sandbox.client.waitFor(() => rig.posts() === 2, 3000, 'the second POST');
    const again = await rig.sandbox.client.waitFor(
      () => {
        const message = rig.sandbox.client.timeline.get(rig.chat, receipt.id);
        return /Sync completed/.test(wordsOf(message)) && message.versions.length >= 5 && message;
      },
      5000,
      'the second receipt',
    );
    assert.equal(rig.rehearsal.answers(rig.chat).filter(({ id }) => id === again.id).length, 1);
    assert.deepEqual(new Set(postsOf(rig.rehearsal)).size, 1);
  });
});
