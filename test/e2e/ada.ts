import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { GraphFault } from '../../sandbox/graph/faults.ts';
import type { TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { postsOf, tokenIdOf } from '../support/messages.ts';
import { startRehearsal, wordsOf } from '../support/rehearsal.ts';

/** Graph answers so; without `retryAfterS` it names no time. */
export const status = (code: Extract<GraphFault, { kind: 'status' }>['status'], retryAfterS?: number): GraphFault => ({
  kind: 'status',
  status: code,
  ...(retryAfterS !== undefined && { retryAfterS }),
});

/** Rehearsals that run side by side: most of their time is waiting. */
export const many = { concurrency: 6 };

/** Ada in her personal chat, in a rehearsal of its own whose clock can be put forward. */
export async function startAda(env: Readonly<Record<string, string>> = {}) {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const rehearsal = await startRehearsal({ now, env: { SYNC_COOLDOWN_S: '0', ...env } });
  const { sandbox } = rehearsal;
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const { controls } = sandbox.graph;
  const waitForWords = (words: RegExp, timeoutMs?: number) => rehearsal.waitForWords(chat, words, timeoutMs);
  return {
    rehearsal,
    sandbox,
    controls,
    ada,
    chat,
    wait: waitForWords,
    id: tokenIdOf(rehearsal, 'Adatum'),
    posts: () => postsOf(rehearsal).length,
    say: (text = 'sync vpp adatum') => sandbox.client.say(ada, chat, text),
    /** The first answer that is neither a sign-in card nor a card that goes on. */
    async answer(text?: string, timeoutMs = 12_000): Promise<TeamsMessage> {
      const before = rehearsal.answers(chat).length;
      await sandbox.client.say(ada, chat, text ?? 'sync vpp adatum');
      return sandbox.client.waitFor(
        () =>
          rehearsal
            .answers(chat)
            .slice(before)
            .find((message) => wordsOf(message) !== ''),
        timeoutMs,
        'an answer',
      );
    },
    /** Waits for what shows outside of Teams, looking every few milliseconds. */
    async until(isSo: () => boolean, what: string, timeoutMs = 8_000) {
      const lateAt = performance.now() + timeoutMs;
      while (!isSo()) {
        assert.ok(performance.now() < lateAt, `within ${timeoutMs} ms there was not ${what}`);
        await wait(5);
      }
    },
    putForward(ms: number) {
      ahead += ms;
    },
    /** After a fault is over, the same words bring a finished sync. */
    async worksAgain() {
      controls.failNoMore();
      const before = postsOf(rehearsal).length;
      const receipts = rehearsal.answers(chat).filter((each) => /Sync completed/.test(wordsOf(each))).length;
      await sandbox.client.say(ada, chat, 'sync vpp adatum');
      await sandbox.client.waitFor(
        () => rehearsal.answers(chat).filter((each) => /Sync completed/.test(wordsOf(each))).length > receipts,
        6000,
        'a sync once the fault is over',
      );
      assert.equal(postsOf(rehearsal).length, before + 1);
    },
  };
}
