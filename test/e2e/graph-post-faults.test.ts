import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GraphFault } from '../../sandbox/graph/faults.ts';
import { assertExplains, assertPlain } from '../support/messages.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { many, startAda, status } from './ada.ts';

const posting = { method: 'POST', path: 'syncLicenses' } as const;

suite('Graph fails while the sync is asked for', many, () => {
  const refused: readonly [why: string, count: number, fault: GraphFault, posts: number, words: RegExp][] = [
    ['400', 1, status(400), 1, /didn’t understand the request/],
    ['401 for good', 9, status(401), 2, /rejected your sign-in/],
    ['403', 1, status(403), 1, /denied access/],
    ['404', 1, status(404), 1, /no longer has this token/],
    ['429 for a minute', 1, status(429, 60), 1, /refuses your organisation’s requests.*Ask again in/s],
    ['429 four times', 4, status(429, 1), 4, /refuses your organisation’s requests.*Ask again in 1 second/s],
  ];
  for (const [why, count, fault, posts, words] of refused) {
    test(`${why}: it is explained, no run is left open, and asking again POSTs anew`, async () => {
      const rig = await startAda();
      rig.controls.failNext(count, { ...posting, fault });
      assertExplains(await rig.answer(), words);
      assert.equal(rig.posts(), posts);
      await rig.worksAgain();
    });
  }

  const survived: readonly [why: string, fault: GraphFault, posts: number][] = [
    ['401 once', status(401), 2],
    ['429 for a second', status(429, 1), 2],
    ['429 without a time', status(429), 2],
    ['an answer without a body', { kind: 'emptyBody' }, 1],
    ['half an answer', { kind: 'truncatedJson' }, 1],
    ['504 after it had started', { kind: 'startedThen504' }, 1],
    ['an answer that takes five seconds', { kind: 'slow', ms: 5000 }, 1],
  ];
  for (const [why, fault, posts] of survived) {
    test(`${why}: the sync is followed to its receipt`, async () => {
      const rig = await startAda();
      rig.controls.failNext(1, { ...posting, fault });
      await rig.say();
      await rig.wait(/Sync completed/, 15_000);
      assert.equal(rig.posts(), posts);
    });
  }

  const unclear: readonly [why: string, fault: GraphFault][] = [
    ['500', status(500)],
    ['503', status(503, 1)],
    ['504', status(504)],
    ['a gateway’s page', { kind: 'html' }],
    ['a cut connection', { kind: 'reset' }],
    ['409 without a sync', status(409)],
  ];
  for (const [why, fault] of unclear) {
    test(`${why}: it is not POSTed again; after a minute without a sign of a sync the card says so`, async () => {
      const rig = await startAda();
      rig.controls.failNext(1, { ...posting, fault });
      await rig.say();
      await rig.wait(/Syncing/);
      await rig.say();
      await rig.wait(/already running/);
      rig.putForward(60_000);
      const shown = await rig.wait(/The sync did not start/);
      assert.match(wordsOf(shown), /no clear answer.*didn’t ask twice; press Sync now/s);
      assertPlain(wordsOf(shown));
      assert.equal(rig.posts(), 1);
      await rig.sandbox.client.waitFor(
        () => rig.rehearsal.answers(rig.chat).every((each) => !/Syncing|already running/.test(wordsOf(each))),
        6000,
        'both cards at their end',
      );
      await rig.worksAgain();
    });
  }

  test('409 because somebody’s sync is at work: that one is followed', async () => {
    const rig = await startAda();
    rig.controls.setSyncDuration(20_000);
    rig.controls.failNext(1, { ...posting, fault: status(409) });
    await rig.say();
    await rig.wait(/Syncing/);
    rig.controls.startSync(rig.id);
    rig.putForward(20_000);
    await rig.wait(/Sync completed/);
    assert.equal(rig.posts(), 1);
  });

  test('no answer at all for a while: the card and the receipt do not wait for it, and nothing is POSTed again', async () => {
    const rig = await startAda();
    const gate = rig.controls.holdNext({ ...posting, when: 'after' });
    const said = rig.say();
    await gate.reached;
    const at = performance.now();
    const reads = () =>
      rig.sandbox.graph.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(rig.id));
    const before = reads().length;
    await rig.until(() => reads().length > before, 'a reading', 2500);
    await rig.wait(/Sync completed/, 6000);
    assert.ok(performance.now() - at < 8000);
    gate.open();
    await said;
    assert.equal(rig.posts(), 1);
    await rig.worksAgain();
  });

  test('refused after its card stood: the card says so and why, and asking again POSTs anew', async () => {
    const rig = await startAda();
    rig.controls.failNext(1, { ...posting, fault: status(403) });
    const gate = rig.controls.holdNext(posting);
    const said = rig.say();
    const card = await rig.wait(/Syncing/, 6000);
    gate.open();
    const shown = await rig.wait(/Intune refused the sync/);
    await said;
    assert.equal(shown.id, card.id);
    assert.match(wordsOf(shown), /Intune denied access: role, licence or scope tags\. Nothing was started/);
    assertPlain(wordsOf(shown).replaceAll(/\{\{(?:DATE|TIME)\([^)]*\)\}\}/g, ''));
    assert.equal(rig.posts(), 1);
    await rig.worksAgain();
  });

  for (const form of ['bare', 'wrapped', 'empty'] as const) {
    test(`the POST’s answer may be ${form}`, async () => {
      const rig = await startAda();
      rig.controls.setActionForm(form);
      await rig.say();
      await rig.wait(/Sync completed/);
      assert.equal(rig.posts(), 1);
    });
  }
});
