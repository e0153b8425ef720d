import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TeamsEvent } from '../../sandbox/teams/timeline.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

/** Slow on purpose: what is shown here are the bot's own limits, in real time. */
suite('while Graph is slow', { concurrency: true }, () => {
  test('a person sees within 2 s that the bot is at work, once, and then the answer', async () => {
    const { sandbox, ask, answers } = await startRehearsal();
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    await ask(ada, chat, 'sign in');
    const signs: number[] = [];
    sandbox.client.events.on('event', (event: TeamsEvent) => event.kind === 'typing' && signs.push(Date.now()));
    sandbox.graph.controls.failNext(1, { method: 'GET', fault: { kind: 'slow', ms: 2_500 } });
    const before = answers(chat).length;
    const from = Date.now();
    const { delivery } = await sandbox.client.say(ada, chat, 'status adatum');
    await sandbox.client.waitFor(() => answers(chat).length > before);
    assert.equal(delivery?.status, 200);
    assert.equal(signs.length, 1, 'one sign, not one every second');
    assert.ok((signs[0] ?? 0) - from < 2_000);
  });

  test('the command that a silent sign-in resumes shows it too', async () => {
    const { sandbox, ask } = await startRehearsal();
    const elif = sandbox.person('elif');
    const chat = sandbox.conversations.personal(elif);
    let signs = 0;
    sandbox.client.events.on('event', (event: TeamsEvent) => {
      if (event.kind === 'typing') signs += 1;
    });
    sandbox.graph.controls.failNext(1, { method: 'GET', fault: { kind: 'slow', ms: 1_800 } });
    assert.match(wordsOf(await ask(elif, chat, 'status adatum')), /Adatum/);
    assert.equal(signs, 1);
  });

  test('a press is answered within 5 s, and its outcome is on the card later', async () => {
    const { sandbox, ask, waitForWords } = await startRehearsal({ syncDurationMs: 100 });
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const card = await ask(ada, chat, 'status adatum');
    sandbox.graph.controls.failNext(1, { method: 'GET', fault: { kind: 'slow', ms: 5_000 } });
    const pressed = await sandbox.client.press(ada, chat, card.id, buttonOn(card, 'Sync now'));
    assert.ok((pressed.deliveries[0]?.ms ?? Number.POSITIVE_INFINITY) < 5_000);
    assert.match(pressed.text ?? '', /Working on it/);
    const receipt = await waitForWords(chat, /Sync completed in/);
    assert.equal(receipt.id, card.id);
  });
});
