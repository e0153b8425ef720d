import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { en } from '../../src/i18n/en.ts';
import { zhCN } from '../../src/i18n/zh-CN.ts';
import { readText } from '../support/source-files.ts';

// What commands do is not asked of them here, only what they are called.
const nothing = new Proxy({}, { get: () => nothing }) as Parameters<typeof createCommands>[0];
const commands = createCommands(nothing).filter(({ isOfCards }) => !isOfCards);

test('every command stands in the README’s table, with the words that begin it', () => {
  const table = readText('README.md').split('## What people can say')[1]?.split('\n## ')[0] ?? '';
  for (const { words } of commands) {
    assert.match(table, new RegExp(`\`${words[0]}( |\`)`), `README.md: add a line for “${words[0]}” to the table`);
  }
});

test('every command but small talk is in the help of both languages, and the help names no other', () => {
  const expected = commands.filter(({ isSmallTalk }) => !isSmallTalk).map(({ name }) => name);
  for (const texts of [en, zhCN]) assert.deepEqual(Object.keys(texts.commands).toSorted(), expected.toSorted());
});

test('no two commands begin with the same words, and each can be said in Chinese', () => {
  const words = commands.flatMap((command) => command.words);
  assert.equal(new Set(words).size, words.length);
  for (const { name, words: own } of commands)
    assert.ok(
      own.some((each) => /\p{Script=Han}/u.test(each)),
      name,
    );
});
