import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { longestLine, parse, parseLine, printCall, wordsIn } from '../../src/dialogs/command.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { cleanText } from '../../src/lib/text.ts';
import { commands } from '../support/commands.ts';

/** The reading of a line, in one string. */
function read(text: string, locale: Locale = 'en'): string {
  const parsed = parse(text, commands, locale);
  if (parsed.kind === 'call') return `${parsed.command.name} [${parsed.rest}]`;
  return parsed.kind === 'miss' ? `miss (${parsed.nearest ?? 'nothing near'})` : parsed.kind;
}

const cases: readonly [text: string, reading: string][] = [
  ['sync vpp contoso', 'sync [contoso]'],
  ['sync contoso', 'sync [contoso]'],
  ['/sync contoso', 'sync [contoso]'],
  ['/ sign out', 'signOut []'],
  ['／同步 contoso', 'sync [contoso]'],
  ['sync /contoso', 'sync [/contoso]'],
  ['//sync contoso', 'miss (sync contoso)'],
  ['SYNC VPP Contoso HQ', 'sync [Contoso HQ]'],
  ['  sync \n vpp\t contoso  ', 'sync [contoso]'],
  ['sync&nbsp;vpp&nbsp;R&amp;D', 'sync [R&D]'],
  ['ｓｙｎｃ　ｖｐｐ　contoso', 'sync [contoso]'],
  ['s\u200bync contoso', 'sync [contoso]'],
  ['sync “Contoso HQ”', 'sync [Contoso HQ]'],
  ["sync vpp 'contoso'", 'sync [contoso]'],
  ['sync ""contoso""', 'sync [contoso]'],
  ['sync vpp: contoso', 'sync [: contoso]'],
  ['sync: vpp contoso', 'sync [contoso]'],
  ['sync：contoso', 'sync [contoso]'],
  ['sync', 'sync []'],
  ['sync vpp', 'sync []'],
  ['sync ""', 'sync []'],
  ['sync vpproducts', 'sync [vpproducts]'],
  ['sync vpp vpp', 'sync [vpp]'],
  ['sync 🙂 contoso', 'sync [🙂 contoso]'],
  ['sync 华东零售', 'sync [华东零售]'],
  ['同步 contoso', 'sync [contoso]'],
  ['同步华东零售', 'sync [华东零售]'],
  ['同步 vpp 华东零售', 'sync [华东零售]'],
  ['状态 contoso', 'status [contoso]'],
  ['status contoso', 'status [contoso]'],
  ['sign in', 'signIn []'],
  ['Sign  In!', 'signIn []'],
  ['登录。', 'signIn []'],
  ['log out', 'signOut []'],
  ['退出', 'signOut []'],
  ['hi', 'help []'],
  ['hello there', 'help [there]'],
  ['help sync', 'help [sync]'],
  ['你好', 'help []'],
  ['help vpp sync', 'help [sync]'],
  ['list vpp expiring', 'list [expiring]'],
  ['list: vpp failed', 'list [failed]'],
  ['list vpproducts', 'list [vpproducts]'],
  ['列表 vpp 失败', 'list [失败]'],
  // There it says that a token's name follows, even where the name is also an event.
  ['alerts on vpp expired', 'alertsOn [vpp expired]'],
  ['提醒 开', 'alertsOn []'],
  ['提醒 开 全部', 'alertsOn [全部]'],
  ['开启提醒', 'alertsOn []'],
  ['提醒 关', 'alertsOff []'],
  ['提醒 关。', 'alertsOff []'],
  ['关闭提醒', 'alertsOff []'],
  // A character that a longer word begins with is none by itself.
  ['提醒 关注 contoso', 'alerts [关注 contoso]'],
  ['提醒 开发部', 'alerts [开发部]'],
  ['', 'empty'],
  ['\u200b&nbsp;', 'empty'],
  // Not words of their own, or not at the beginning: never a command.
  ['synchronise contoso', 'miss (nothing near)'],
  ['syncs contoso', 'miss (sync contoso)'],
  ['async contoso', 'miss (sync contoso)'],
  ['sync2 contoso', 'miss (sync contoso)'],
  ['sync_contoso', 'miss (nothing near)'],
  ['sync-up at five', 'miss (nothing near)'],
  ['sync’s', 'miss (sync)'],
  ['synć contoso', 'miss (sync contoso)'],
  ['s\u0336y\u0336n\u0336c\u0336 contoso', 'miss (nothing near)'],
  ['sync\u0336 contoso', 'miss (sync contoso)'],
  ['please sync contoso', 'sync [contoso]'],
  ['🔄 sync contoso', 'miss (nothing near)'],
  ['vpp sync contoso', 'miss (nothing near)'],
  ['snyc contoso', 'miss (sync contoso)'],
  ['synk contoso', 'miss (sync contoso)'],
  ['sgn in', 'miss (sign in)'],
  ['sign in to contoso', 'miss (sign in)'],
  ['signing', 'miss (sign in)'],
  ['hint', 'miss (list)'],
  ['🙂', 'miss (nothing near)'],
];

for (const [text, reading] of cases) {
  test(`“${text}” is ${reading}`, () => assert.equal(read(text), reading));
}

const nearest: readonly [text: string, english: string, chinese: string][] = [
  ['同部 Org A', 'sync Org A', '同步 Org A'],
  ['订阅提醒', 'alerts on', '提醒 开启'],
  ['snyc contoso', 'sync contoso', '同步 contoso'],
  ['登陆', 'sign in', '登录'],
  ['登录 contoso', 'sign in', '登录'],
];

for (const [text, english, chinese] of nearest) {
  test(`“${text}” is near “${english}” and “${chinese}”`, () => {
    assert.equal(read(text), `miss (${english})`);
    assert.equal(read(text, 'zh-CN'), `miss (${chinese})`);
  });
}

test('what is offered in a language is read as the command it is offered for', () => {
  for (const { isOfCards, isSmallTalk, name, words } of commands) {
    if (isOfCards || isSmallTalk) continue;
    const chinese = wordsIn({ words }, 'zh-CN');
    assert.match(chinese, /^[\p{Script=Han} ]+$/u, name);
    for (const offered of [chinese, wordsIn({ words }, 'en')]) assert.equal(read(offered), `${name} []`);
  }
});

test('a line of 500 characters is read, one of 501 is too long', () => {
  const line = (length: number) => `sync ${'x'.repeat(length - 5)}`;
  assert.equal(read(line(longestLine)), `sync [${'x'.repeat(longestLine - 5)}]`);
  assert.equal(read(line(longestLine + 1)), 'tooLong');
});

test('lines of 10 KB and 100 KB are too long, whatever they hold', () => {
  for (const length of [10_000, 100_000]) {
    for (const unit of ['sync contoso ', '&nbsp;&amp;', '\u200b', '<at>', '🙂', ' ', '"']) {
      const reading = read(`sync ${unit.repeat(length / unit.length)}`);
      assert.ok(
        reading === 'tooLong' || length === 10_000,
        `${length} of ${JSON.stringify(unit)}: ${reading.slice(0, 40)}`,
      );
    }
  }
});

test('10 KB of what cannot be seen is nothing', () => {
  assert.equal(read(`sync contoso${'\u200b'.repeat(10_000)}`), 'sync [contoso]');
});

const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const likelyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...commands.flatMap(({ words }) => words)),
      fc.constantFrom(
        'vpp',
        ' ',
        '  ',
        '"',
        "'",
        ':',
        '：',
        '&nbsp;',
        '&amp;',
        '&lt;',
        '“',
        '\u200b',
        '\u0301',
        'contoso',
        '-',
        '5',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
const text = fc.oneof(anyText, likelyText);

test('every string has an answer, and a write is read only from a line that begins with its verb', () => {
  fc.assert(
    fc.property(text, (typed) => {
      const parsed = parse(typed, commands);
      if (parsed.kind !== 'call' || !parsed.command.writes) return;
      assert.match(cleanText(typed), /^(?:sync(?![\p{L}\p{M}\p{N}_])|同步)/iu);
    }),
    { numRuns: 3000 },
  );
});

test('a call that is printed is read back as the same call', () => {
  fc.assert(
    fc.property(text, (typed) => {
      const parsed = parse(typed, commands);
      if (parsed.kind !== 'call') return;
      assert.deepEqual(parseLine(printCall(parsed), commands), parsed, printCall(parsed));
    }),
    { numRuns: 5000 },
  );
});

test('the longest call that is read is still read after it was printed', () => {
  const parsed = parse(`sync ${'x'.repeat(longestLine - 5)}`, commands);
  assert.ok(parsed.kind === 'call');
  assert.deepEqual(parseLine(printCall(parsed), commands), parsed);
});
