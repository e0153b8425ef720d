import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { InboundActivity } from '../../src/teams/activity.ts';
import { createLaterMoves } from '../../src/teams/store-away.ts';
import { createLines } from '../dialogs/turns.ts';
import { createClock, settle } from '../sync/clock.ts';

const moveOf = (id: string): InboundActivity => ({ type: 'installationUpdate', action: 'add', id });

function createRig(t: TestContext) {
  const clock = createClock();
  const store = { isAway: true };
  const taken: string[] = [];
  const { lines, log } = createLines();
  const moves = createLaterMoves({
    async take({ id }) {
      if (store.isAway) throw new Error('away');
      taken.push(id ?? '');
    },
    ...{ wait: clock.wait, log },
  });
  t.after(() => moves.stop());
  return { clock, store, taken, lines, moves };
}

test('moves wait until the store is back, and are taken in their order, once', async (t) => {
  const { clock, store, taken, moves } = createRig(t);
  for (const id of ['a', 'b']) moves.keep(moveOf(id));
  await clock.advance(60_000);
  assert.deepEqual(taken, []);
  store.isAway = false;
  await clock.advance(5_000);
  moves.keep(moveOf('c'));
  await clock.advance(5_000);
  await clock.advance(60_000);
  assert.deepEqual(taken, ['a', 'b', 'c']);
});

test('a thousand wait at most, and what does not fit is logged', async (t) => {
  const { clock, store, taken, lines, moves } = createRig(t);
  for (let n = 0; n < 1_001; n += 1) moves.keep(moveOf(`${n}`));
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['a move of the bot was not noted'],
  );
  store.isAway = false;
  await clock.advance(5_000);
  assert.equal(taken.length, 1_000);
});

test('stopping ends at once, and says how many are left', async (t) => {
  const { lines, moves, taken } = createRig(t);
  moves.keep(moveOf('a'));
  await settle();
  await moves.stop();
  assert.deepEqual([taken, lines.at(-1)?.message], [[], 'moves of the bot were not noted']);
});
