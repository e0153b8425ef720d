import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

test('signing out in the midst of a batch stops what has not been asked for yet, in that person’s name', async () => {
  const { sandbox, ask, waitForWords } = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  sandbox.graph.controls.setTokenCount(ada.tenantId, 60);
  const plan = await ask(ada, chat, 'sync vpp all');
  await sandbox.client.press(ada, chat, plan.id, buttonOn(plan, 'Apply'));
  const posts = () => sandbox.graph.requests.filter(({ method }) => method === 'POST').length;
  assert.match(wordsOf(await ask(ada, chat, 'sign out')), /I’ve deleted your sign-in/);
  const shown = await waitForWords(chat, /not started/i, 15_000);
  const asked = posts();
  assert.ok(asked < 50, `${asked} were asked for`);
  assert.equal(shown.id, plan.id);
});
