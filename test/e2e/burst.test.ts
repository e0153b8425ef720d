import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTestDatabase } from '../postgres/test-database.ts';
import { onPostgres } from '../support/open-store.ts';
import { rehearseOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

onPostgres('a burst of people', () => {
  test('who all ask at once, signed in by nobody yet, are all answered: none stays at a sign-in card or reads of a fault', async () => {
    rehearseOn(makeTestDatabase);
    const count = 200;
    const { sandbox, answers } = await startRehearsal({ crowd: count });
    const { client, conversations } = sandbox;
    const chats = sandbox.people.slice(-count).map((person) => ({ person, chat: conversations.personal(person) }));
    await Promise.all(chats.map(({ person, chat }) => client.say(person, chat, 'list vpp')));
    const isAnswered = (words: string | undefined) => words !== undefined && words !== '';
    const last = () =>
      chats.map(({ chat }) => {
        const message = answers(chat).at(-1);
        return message && wordsOf(message);
      });
    await client.waitFor(() => last().every(isAnswered) || undefined, 60_000, 'an answer for each of them');
    assert.deepEqual(
      last().filter((words) => /fault in the bot|its database/.test(words ?? '')),
      [],
    );
  });
});
