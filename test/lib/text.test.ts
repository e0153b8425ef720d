import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { cleanText, countSlips, joinSentences, safeLine } from '../../src/lib/text.ts';

suite('safe line', () => {
  test('keeps a name in any script as it is', () => {
    for (const name of ['Contoso (EU) – Werk_2', '联想 上海', 'مدرسة', 'École “A”', '👩‍👩‍👧 Family', 'नमस्ते'])
      assert.equal(safeLine(name), name);
  });

  test('makes one line of many', () => {
    assert.equal(safeLine('  a\r\nb\tc\u2028d\u0000e  f '), 'a b c d e f');
  });

  test('drops what turns or hides text', () => {
    assert.equal(safeLine('gpj.\u202eexe\u2066\u200b\ufeff\ufdd0'), 'gpj.exe');
  });

  test('cuts a long name between characters, with an ellipsis', () => {
    assert.equal(safeLine('a'.repeat(80)), 'a'.repeat(80));
    assert.equal(safeLine('a'.repeat(81)), `${'a'.repeat(79)}…`);
    assert.equal(safeLine('👩‍👩‍👧'.repeat(40)), `${'👩‍👩‍👧'.repeat(9)}…`);
  });

  test('whatever comes in, one well-formed line of at most 80 units goes out, and it stays so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const line = safeLine(text);
        assert.ok(line.length <= 80 && line.isWellFormed() && !/[\p{Cc}\u2028\u2029\u202a-\u202e]/u.test(line));
      }),
    );
  });

  test('takes a text of a megabyte without delay', () => {
    const started = performance.now();
    safeLine('\u0301'.repeat(1_000_000));
    assert.ok(performance.now() - started < 500);
  });
});

suite('clean text', () => {
  const cases: readonly [why: string, text: string, clean: string][] = [
    ['non-breaking spaces, as entity and as themselves', '&nbsp;sync&nbsp;vpp\u00a0contoso', 'sync vpp contoso'],
    ['named, decimal and hexadecimal entities', 'R&amp;D &#66;&#x43; &LT;x&gt; &quot;a&apos;', 'R&D BC <x> "a\''],
    ['an entity is decoded once', '&amp;lt;', '&lt;'],
    [
      'what only looks like an entity',
      'AT&T &foo; &#; &#0; &#xd800; &#9999999;',
      'AT&T &foo; &#; &#0; &#xd800; &#9999999;',
    ],
    ['smart quotes of every kind', '“a” „b‟ «c» 「d」『e』 ‘f’ ‚g‛', '"a" "b" "c" "d""e" \'f\' \'g\''],
    ['full-width letters, digits, colon and quotes', 'ｓｙｎｃ：　＂Ａ１＂', 'sync: "A1"'],
    ['ligatures and compatibility forms', 'ﬁnd ①', 'find 1'],
    ['zero-width characters and a byte order mark', '\ufeffsy\u200bnc\u2060 con\u00adtoso', 'sync contoso'],
    ['text direction tricks', '\u202esync\u202c \u2066x\u2069', 'sync x'],
    ['controls', 'sync\u0000\u0007\u001b contoso', 'sync contoso'],
    ['line breaks and tabs are spaces', ' sync\r\n\tcontoso\n\n', 'sync contoso'],
    ['emoji stay, joiners and all', '👩‍💻 sync', '👩‍💻 sync'],
    ['accents in parts are put together', 'Zu\u0308rich', 'Zürich'],
    ['nothing', '', ''],
    ['nothing but what cannot be seen', ' \u200b\u00a0&nbsp;\u2028\u3000\ufeff ', ''],
  ];

  for (const [why, text, clean] of cases) {
    test(`cleans ${why}`, () => assert.equal(cleanText(text), clean));
  }

  test('any string becomes one line without controls, doubled spaces or spaces at its ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text);
        assert.doesNotMatch(clean, /\p{Cc}| {2}|^ | $/u);
      }),
      { numRuns: 500 },
    );
  });

  test('text without entities is clean after one cleaning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text.replaceAll(/[&＆﹠]/gu, ''));
        assert.equal(cleanText(clean), clean);
      }),
      { numRuns: 500 },
    );
  });
});

suite('slips of the finger', () => {
  const counted: readonly (readonly [one: string, other: string, slips: number])[] = [
    ['contoso', 'contoso', 0],
    ['contsoo', 'contoso', 1],
    ['ocntosoo', 'contoso', 2],
    ['conoso', 'contoso', 1],
    ['contozo', 'contoso', 1],
    ['abdc', 'abcd', 1],
    ['ba', 'ab', 1],
    // A letter between two swapped ones is no swap of neighbours.
    ['ca', 'abc', 3],
    ['', 'abc', 3],
    ['店分', '分店', 1],
  ];
  for (const [one, other, slips] of counted) {
    test(`between “${one}” and “${other}”: ${slips}, infinite where fewer are allowed`, () => {
      assert.deepEqual([countSlips(one, other, 3), countSlips(other, one, 3)], [slips, slips]);
      if (slips > 0) assert.equal(countSlips(one, other, slips - 1), Number.POSITIVE_INFINITY);
    });
  }
});

test('sentences are joined with a space, and without one after full-width punctuation', () => {
  assert.equal(joinSentences('It works.', '', 'Read 1 minute ago.'), 'It works. Read 1 minute ago.');
  assert.equal(joinSentences('一切正常。', '上次检查在 1 分钟前。', 'OK.'), '一切正常。上次检查在 1 分钟前。OK.');
});
