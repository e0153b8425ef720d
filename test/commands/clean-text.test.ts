import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanText } from '../../src/lib/text.ts';

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
