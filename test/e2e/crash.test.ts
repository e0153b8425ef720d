import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { wordsOf } from '../support/rehearsal.ts';
import { endsIn, startCrashing, stepMs } from './crashing.ts';

suite('a bot that is killed', { skip: process.platform === 'win32' }, () => {
  test('while it follows: the next process follows to the end, on the same card, and says what it cannot know', async () => {
    const rig = await startCrashing({ syncDurationMs: stepMs });
    await rig.start();
    rig.say();
    const card = await rig.waitForWords(/Syncing/);
    await rig.cardIsKnown();
    const gate = rig.controls.holdNext({ method: 'GET', path: `vppTokens/${rig.id}` });
    await gate.reached;
    await rig.kill();
    gate.drop();
    rig.putForward();
    await rig.start();
    const receipt = await endsIn(rig, /Sync completed/, 1);
    assert.equal(receipt.id, card.id);
    assert.match(
      wordsOf(receipt),
      /The bot restarted meanwhile.*weren’t compared: the sign-in of the person who asked had ended/,
    );
    assert.equal((await rig.waitForWords(/^<at>Ada/)) && rig.lines().length, 1, 'who waited is called back');
  });
});
