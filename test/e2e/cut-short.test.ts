import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { repliesTo } from '../support/messages.ts';
import { onPostgres } from '../support/open-store.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { startReplicas } from './replicating.ts';

/** Real processes, most of whose time is waiting for one another. */
const few = { concurrency: 3, skip: process.platform === 'win32' };
const cutShort = /I was interrupted before I could answer/;

/** Two processes, of which the first hears what is said, and Graph, which keeps the first word to it without an answer. */
async function startTwo() {
  const env = { TOKEN_CACHE_KEY: randomBytes(32).toString('base64') };
  const rig = await startReplicas({ count: 2, syncDurationMs: 500, env });
  const [first = assert.fail(), second = assert.fail()] = rig.bots;
  const ada = rig.person('ada');
  const chat = rig.conversations.personal(ada);
  rig.connect(first);
  await rig.ask(ada, chat, 'list vpp', /Fabrikam/);
  const { client, connector } = rig;
  /** As Teams would post it, and may post it again. */
  function say(text: string) {
    const id = client.timeline.nextId();
    const activity = client.activities.message(ada, chat, { id, conversationId: chat.id, text, mention: false });
    client.timeline.add(chat, { id, conversationId: chat.id, author: ada, activity });
    return { id, post: () => connector.deliver(activity) };
  }
  const answersTo = (id: string) => rig.messages(chat).filter((each) => repliesTo(each) === id);
  const nothingWaits = () =>
    rig.until(async () => (await rig.query('select key from open_turns')).length === 0, 'an end of all turns');
  return { rig, first, second, chat, say, answersTo, nothingWaits };
}

onPostgres('a turn whose process ends', () => {
  suite('in the middle of it', few, () => {
    test('by a kill, is answered by the other process when Teams sends the message again after the lease, with one sync', async () => {
      const { rig, first, second, chat, say, answersTo, nothingWaits } = await startTwo();
      const gate = rig.controls.holdNext({ path: 'vppTokens' });
      const asked = say('sync vpp adatum');
      void asked.post();
      await gate.reached;
      await first.kill();
      gate.drop();
      rig.connect(second);
      await rig.query('update open_turns set claimed_until = 0');
      assert.equal((await asked.post()).status, 200);
      await rig.waitForWords(chat, /Adatum.*Sync completed/);
      assert.equal((await asked.post()).status, 200);
      await nothingWaits();
      assert.equal(answersTo(asked.id).length, 1);
      assert.equal(rig.posts(), 1);
    });

    test('by a kill, is reported by the other process when Teams sends the message again too early, or not at all', async () => {
      const { rig, first, second, chat, say, answersTo, nothingWaits } = await startTwo();
      const gate = rig.controls.holdNext({ path: 'vppTokens' });
      const asked = say('status vpp adatum');
      void asked.post();
      await gate.reached;
      await first.kill();
      gate.drop();
      rig.connect(second);
      assert.equal((await asked.post()).status, 200);
      assert.equal(answersTo(asked.id).length, 0);
      rig.putForward();
      await rig.waitForWords(chat, cutShort);
      await nothingWaits();
      assert.equal(answersTo(asked.id).length, 1);
    });

    test('by a kill, is reported by the other process when Teams had an answer that all is well', async () => {
      const { rig, first, second, chat, say, answersTo, nothingWaits } = await startTwo();
      const gate = rig.controls.holdNext({ path: 'vppTokens' });
      const asked = say('status vpp adatum');
      // The bot answers Teams within 8 s and goes on.
      assert.equal((await asked.post()).status, 200);
      await rig.untilStored('select key from open_turns where notify_from = 0');
      await first.kill();
      gate.drop();
      rig.connect(second);
      rig.putForward();
      await rig.waitForWords(chat, cutShort);
      await nothingWaits();
      assert.deepEqual(
        answersTo(asked.id).map((each) => cutShort.test(wordsOf(each))),
        [true],
      );
    });

    test('by SIGTERM, is reported before the process exits with 0, within 10 s', async () => {
      const { rig, first, chat, say, answersTo, nothingWaits } = await startTwo();
      const gate = rig.controls.holdNext({ path: 'vppTokens' });
      const asked = say('status vpp adatum');
      void asked.post();
      await gate.reached;
      const stoppedAt = performance.now();
      first.child.kill('SIGTERM');
      const { code } = await first.ended;
      assert.equal(code, 0);
      assert.ok(performance.now() - stoppedAt < 10_000);
      gate.drop();
      await rig.waitForWords(chat, cutShort, 2_000);
      await nothingWaits();
      assert.equal(answersTo(asked.id).length, 1);
    });
  });
});
