import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsIn } from '../../src/dialogs/command.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { commands } from '../support/commands.ts';
import { readText } from '../support/source-files.ts';

const typed = commands.filter(({ isOfCards }) => !isOfCards);
const said = readText('README.md').split('## What people can say')[1]?.split('\n## ')[0] ?? '';

test('every command is in the README’s table, with the words that begin it', () => {
  for (const { words } of typed) {
    assert.match(said, new RegExp(`\`${words[0]}( |\`)`), `README.md: add a line for “${words[0]}” to the table`);
  }
});

test('every command can be said in Chinese, with words that the README names below its table', () => {
  for (const command of typed) {
    const words = wordsIn(command, 'zh-CN');
    assert.match(words, /\p{Script=Han}/u, `src/commands: give “${command.name}” words in Chinese`);
    assert.ok(said.includes(words), `README.md: add “${words}” to the Chinese words below the table`);
  }
});

test('every command but small talk has its line in the help, in the order of the commands', () => {
  const expected = typed.filter(({ isSmallTalk }) => !isSmallTalk).map(({ name }) => name);
  for (const locale of ['en', 'zh-CN'] as const) {
    const inHelp = Object.keys(textsFor(locale).commands);
    const file = `src/i18n/${locale}/…: \`commands\` has a line of the help for each command`;
    assert.deepEqual(inHelp, expected, file);
  }
});

test('no two commands begin with the same words', () => {
  const words = typed.flatMap((command) => command.words);
  assert.equal(new Set(words).size, words.length);
});
