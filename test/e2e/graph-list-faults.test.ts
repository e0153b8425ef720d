import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GraphFault } from '../../sandbox/graph/faults.ts';
import { assertExplains } from '../support/messages.ts';
import { many, startAda, status } from './ada.ts';

const listing = { method: 'GET', path: '/vppTokens' } as const;

suite('Graph fails while the tokens are listed', many, () => {
  const refused: readonly [why: string, count: number, fault: GraphFault, words: RegExp][] = [
    ['400', 1, status(400), /didn’t understand the request. Nothing was changed/],
    ['401 for good', 20, status(401), /rejected your sign-in.*sign out/s],
    ['403', 1, status(403), /denied access.*role.*licence.*scope tags/s],
    ['404', 1, status(404), /no longer has this token/],
    ['409', 1, status(409), /already working/],
    [
      '429 for a minute',
      1,
      status(429, 60),
      /refuses your organisation’s requests.*Ask again in (?:1 minute|60 seconds|a minute)/s,
    ],
    ['429 for good, without a time', 9, status(429), /refuses your organisation’s requests.*Ask again in a minute/s],
    ['500 for good', 9, status(500), /isn’t available right now/],
    ['503 for good', 9, status(503), /isn’t available right now/],
    ['504 for good', 9, status(504), /isn’t available right now/],
    ['a gateway’s page', 9, { kind: 'html' }, /isn’t available right now/],
    ['a page in place of the answer', 1, { kind: 'html', status: 200 }, /couldn’t read Intune’s answer/],
    ['an empty answer', 1, { kind: 'emptyBody' }, /couldn’t read Intune’s answer/],
    ['half an answer', 9, { kind: 'truncatedJson' }, /couldn’t read Intune’s answer/],
    ['a connection that is cut', 9, { kind: 'reset' }, /isn’t available right now/],
    ['a next page elsewhere', 1, { kind: 'foreignNextLink' }, /couldn’t read Intune’s answer/],
  ];
  for (const [why, count, fault, words] of refused) {
    test(`${why}: it is explained, nothing is POSTed, and asking again works`, async () => {
      const rig = await startAda();
      rig.controls.failNext(count, { ...listing, fault });
      assertExplains(await rig.answer(), words);
      assert.equal(rig.posts(), 0);
      await rig.worksAgain();
    });
  }

  const survived: readonly [why: string, fault: GraphFault][] = [
    ['401 once', status(401)],
    ['429 for a second', status(429, 1)],
    ['429 until a date', { kind: 'status', status: 429, retryAfterS: 1, retryAfterAs: 'httpDate' }],
    ['429 without a time', status(429)],
    ['503 once', status(503)],
    ['a cut connection once', { kind: 'reset' }],
    ['an answer that takes a second and a half', { kind: 'slow', ms: 1500 }],
    ['a body that takes a second and a half', { kind: 'slow', ms: 1500, after: 'headers' }],
    ['one request that is never answered', { kind: 'hang' }],
  ];
  for (const [why, fault] of survived) {
    test(`${why}: the sync goes on by itself`, async () => {
      const rig = await startAda();
      rig.controls.failNext(1, { ...listing, fault });
      await rig.say();
      await rig.wait(/Sync completed/, 20_000);
      assert.equal(rig.posts(), 1);
    });
  }

  test('a slow Graph is bridged by a typing indicator, within two seconds', async () => {
    const rig = await startAda();
    let typedAfterMs: number | undefined;
    const saidAt = performance.now();
    rig.sandbox.client.events.on('event', ({ kind }) => {
      if (kind === 'typing') typedAfterMs ??= performance.now() - saidAt;
    });
    await rig.sandbox.client.say(rig.ada, rig.chat, 'sign in');
    await rig.wait(/You are signed in/);
    const at = performance.now() - saidAt;
    rig.controls.failNext(1, { ...listing, fault: { kind: 'slow', ms: 2500 } });
    await rig.say();
    await rig.wait(/Syncing|completed/);
    assert.ok(typedAfterMs !== undefined && typedAfterMs - at < 2000, String(typedAfterMs));
  });
});
