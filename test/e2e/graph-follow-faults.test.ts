import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GraphFault } from '../../sandbox/graph/faults.ts';
import { assertPlain } from '../support/messages.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { many, startAda, status } from './ada.ts';

suite('Graph fails while a sync is followed', many, () => {
  const passing: readonly [why: string, count: number, fault: GraphFault][] = [
    ['503 for a while', 4, status(503)],
    ['throttled', 1, status(429, 1)],
    ['pages of a gateway', 2, { kind: 'html', status: 200 }],
    ['empty answers', 2, { kind: 'emptyBody' }],
    ['half answers', 2, { kind: 'truncatedJson' }],
    ['a cut connection', 2, { kind: 'reset' }],
  ];
  for (const [why, count, fault] of passing) {
    test(`${why}: the next reading sees the end`, async () => {
      const rig = await startAda();
      await rig.say();
      await rig.wait(/Syncing/);
      rig.controls.failNext(count, { method: 'GET', path: rig.id, fault });
      await rig.wait(/Sync completed/, 15_000);
      assert.equal(rig.posts(), 1);
    });
  }

  test('when the person’s token is refused, the app’s read-only token reads on', async () => {
    const rig = await startAda();
    await rig.say();
    await rig.wait(/Syncing/);
    rig.controls.failNext(1, { method: 'GET', path: rig.id, fault: status(403) });
    await rig.wait(/Sync completed/);
    const last = rig.sandbox.graph.requests.findLast(({ path }) => path.endsWith(rig.id));
    assert.deepEqual([last?.method, last?.personOid], ['GET', 'app']);
  });

  test('when nobody may read any more, the card says that sight of it was lost', async () => {
    const rig = await startAda();
    await rig.say();
    await rig.wait(/Syncing/);
    rig.controls.failNext(50, { method: 'GET', path: rig.id, fault: status(403) });
    const shown = await rig.wait(/Lost track of this sync/, 12_000);
    assert.match(wordsOf(shown), /Refresh to see the token’s current state/);
    assertPlain(wordsOf(shown));
  });
});
