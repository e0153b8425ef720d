import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveToken } from '../../src/domain/resolve-token.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { foldName, wordsOf } from '../../src/lib/text.ts';
import { tokenOf } from '../support/turns.ts';

const tokens: readonly VppToken[] = [
  tokenOf('id-1', { organizationName: 'Contoso', displayName: 'Contoso HQ', appleId: 'hq@contoso.example.com' }),
  tokenOf('id-2', { organizationName: 'Contoso', displayName: 'Contoso Retail', locationName: 'Stores' }),
  tokenOf('id-3', { organizationName: 'Contoso Zürich', locationName: 'Büro Zürich' }),
  tokenOf('id-4', { organizationName: 'Café Ñandú', appleId: 'cafe@nandu.example.com' }),
  tokenOf('id-5', { organizationName: '华东零售有限公司', locationName: '上海南京东路店' }),
  tokenOf('id-6', { organizationName: '“Fabrikam” Logistics', locationName: "O'Brien depot" }),
  tokenOf('id-7', { organizationName: 'Adatum', locationName: 'Research campus' }),
  tokenOf('ID-8', { organizationName: '*Project* [Phoenix](https://example.com)' }),
];

/** The outcome in one word and the ids it is about. */
function found(asked: string, among = tokens): string {
  const resolution = resolveToken(asked, among);
  if (resolution.kind === 'one') return `one ${resolution.token.id}`;
  return resolution.kind === 'none' ? 'none' : `${resolution.kind} ${resolution.tokens.map(({ id }) => id).join(' ')}`;
}

const cases: readonly [why: string, asked: string, outcome: string][] = [
  ['an exact id', 'id-7', 'one id-7'],
  ['an id in another case and with spaces around it', '  iD-8 ', 'one ID-8'],
  ['a part of an id is no name', 'id-', 'none'],
  ['an exact display name', 'contoso hq', 'one id-1'],
  ['an exact location name', 'STORES', 'one id-2'],
  ['an exact organisation beats a longer name that begins with it', 'Contoso', 'several id-1 id-2'],
  ['an exact Apple ID', 'CAFE@nandu.example.com', 'one id-4'],
  ['a prefix of a display name', 'contoso r', 'one id-2'],
  ['a prefix that several names begin with', 'conto', 'several id-1 id-2 id-3'],
  ['a prefix of an Apple ID', 'hq@', 'one id-1'],
  ['one word of a name', 'campus', 'one id-7'],
  ['words in any order', 'logistics fabrikam', 'one id-6'],
  ['a prefix beats a word: Research begins a name', 'research', 'one id-7'],
  ['half a word in the middle of a name is no word', 'ampus', 'near id-7'],
  ['words that are spread over the names of one token', 'contoso stores', 'one id-2'],
  ['words spread over its names, with letters swapped', 'contoso stroes', 'near id-2'],
  ['words spread over its names, with letters swapped in each', 'cotnoso stroes', 'near id-2'],
  ['words of which one is in no name', 'contoso sawmill', 'none'],
  ['a short word that no name has', 'stroes qx', 'none'],
  ['accents do not matter when they are left out', 'contoso zurich', 'one id-3'],
  ['accents do not matter when they are put in', 'ádàtüm', 'one id-7'],
  ['decomposed accents are the same accents', 'cafe\u0301 n\u0303andu\u0301', 'one id-4'],
  ['full-width letters', 'ａｄａｔｕｍ', 'one id-7'],
  ['quotes round what was typed', '"Adatum"', 'one id-7'],
  ['quotes inside a name', 'fabrikam logistics', 'one id-6'],
  ['a smart apostrophe for a plain one', 'o’brien depot', 'one id-6'],
  ['runs of spaces', 'contoso \u3000  hq', 'one id-1'],
  ['Chinese, whole', '华东零售有限公司', 'one id-5'],
  ['Chinese, from the middle: there are no spaces to part words', '南京东路', 'one id-5'],
  ['Markdown in a name is only punctuation', 'project phoenix', 'one ID-8'],
  ['a slip of the finger is offered', 'adatumn', 'near id-7'],
  ['two letters swapped in a longer word are offered', 'fabrkiam', 'near id-6'],
  ['two letters swapped are one slip, as in a short name', 'acfe', 'near id-4'],
  ['two letters swapped at the end of a name’s first part', 'contsoo', 'near id-1 id-2 id-3'],
  ['two swaps and a wrong letter in a long name', 'reseacrh cmapuz', 'near id-7'],
  ['swapped and wrong in a short name is too far', 'acfx', 'none'],
  ['a slip of the finger in the first part of a name', 'contosso', 'near id-1 id-2 id-3'],
  ['nothing like it', 'tailspin', 'none'],
  ['two letters are too few to be near anything', 'qx', 'none'],
  ['punctuation alone', '!!!', 'none'],
  ['nothing asked for means all', '', 'several id-1 id-2 id-3 id-4 id-5 id-6 id-7 ID-8'],
  ['quotes alone are nothing', '""', 'several id-1 id-2 id-3 id-4 id-5 id-6 id-7 ID-8'],
];

for (const [why, asked, outcome] of cases) {
  test(`${why}: “${asked}” → ${outcome}`, () => assert.equal(found(asked), outcome));
}

test('an exact match of one token hides prefix matches of others', () => {
  const two = [tokenOf('short', { organizationName: 'Nord' }), tokenOf('long', { organizationName: 'Nord West' })];
  assert.equal(found('nord', two), 'one short');
});

test('no tokens, no match, whatever is asked', () => {
  assert.deepEqual([found('', []), found('contoso', []), found('id-1', [])], ['none', 'none', 'none']);
});

test('the first 8 characters of an id, or more, find it; fewer do not', () => {
  const two = ['1f0c9ab2-77aa-4c01-9d52-0c2e4d6f8101', '1f0c9ab2-77ab-4c01-9d52-0c2e4d6f8102'].map((id) => tokenOf(id));
  const [first = '', second = ''] = two.map(({ id }) => id);
  assert.equal(found('1F0C9AB2', two.slice(0, 1)), `one ${first}`);
  assert.equal(found('1f0c9ab2', two), `several ${first} ${second}`);
  assert.equal(found('1f0c9ab2-77ab', two), `one ${second}`);
  assert.equal(found('1f0c9ab', two), 'none');
});

test('nothing asked for is answered by the only token there is', () => {
  assert.equal(found('', tokens.slice(0, 1)), 'one id-1');
});

test('a name with invisible characters is found by its letters, and by a copy of itself', () => {
  const hidden = [tokenOf('a', { organizationName: 'Con\u00adto\u200bso' })];
  assert.deepEqual([found('contoso', hidden), found('Con\u00adto\u200bso', hidden)], ['one a', 'one a']);
});

test('a token without any name is found by its id alone', () => {
  const { organizationName: _, ...nameless } = tokenOf('bare');
  assert.deepEqual([found('bare', [nameless]), found('b', [nameless])], ['one bare', 'none']);
});

test('at most five near names are offered, the nearest first', () => {
  const many = ['Northwime', 'Northwin', 'Nothwind', 'Nortwind', 'Northwynd', 'Norhwind', 'Northwindy'].map((name) =>
    tokenOf(name, { organizationName: name }),
  );
  const resolution = resolveToken('northwond', many);
  assert.ok(resolution.kind === 'near');
  assert.equal(resolution.tokens.length, 5);
  assert.equal(resolution.tokens[0]?.id, 'Northwynd');
});

test('finds one among 3,000 tokens of long names', () => {
  const many = Array.from({ length: 3000 }, (_, number) =>
    tokenOf(`id-${number}`, {
      organizationName: `Branch ${number} of the ${'very '.repeat(12)}large company`,
      locationName: `Filiale Nr. ${number} — Zürich, ${'Straße '.repeat(6)}`,
      displayName: `分店 ${number}`,
      appleId: `branch${number}@branches.example.com`,
    }),
  );
  assert.equal(found('branch2719@branches.example.com', many), 'one id-2719');
  assert.equal(found('large company 2719', many), 'one id-2719');
  assert.equal(resolveToken('branch company', many).kind, 'several');
  assert.equal(found('q'.repeat(500), many), 'none');
});

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const anyToken = fc.record({
  id: fc.uuid(),
  organizationName: fc.option(anyText, { nil: '' }),
  displayName: anyText,
  locationName: fc.string({ unit: 'grapheme', maxLength: 20 }),
  appleId: fc.emailAddress(),
});

test('any text against any tokens has an answer, and one that goes on only by id, exact, prefix or word', () => {
  fc.assert(
    fc.property(anyText, fc.array(anyToken, { maxLength: 8 }), (asked, rows) => {
      const among = rows.map(({ id, ...names }) => tokenOf(id, names));
      const resolution = resolveToken(asked, among);
      if (resolution.kind !== 'one') return;
      const { token } = resolution;
      const wanted = foldName(asked);
      const names = [token.displayName, token.locationName, token.organizationName, token.appleId].map((name) =>
        foldName(name ?? ''),
      );
      const isMeant =
        asked.trim().toLowerCase() === token.id ||
        (wanted === '' && among.length === 1) ||
        names.some((name) => name.startsWith(wanted)) ||
        names.some((name) => wordsOf(wanted).every((word) => name.includes(word)));
      assert.ok(isMeant, `${JSON.stringify(asked)} went on with ${JSON.stringify(names)}`);
    }),
    { numRuns: 400 },
  );
});

test('one letter more, less or other than a name is never taken for it', () => {
  const name = fc.stringMatching(/^[a-z]{6,12}$/);
  fc.assert(
    fc.property(name, fc.nat(5), fc.constantFrom('insert', 'replace'), (typed, at, how) => {
      const changed =
        how === 'insert' ? `${typed.slice(0, at)}0${typed.slice(at)}` : `${typed.slice(0, at)}0${typed.slice(at + 1)}`;
      const resolution = resolveToken(changed, [tokenOf('id', { organizationName: typed })]);
      assert.notEqual(resolution.kind, 'one', changed);
    }),
    { numRuns: 300 },
  );
});
