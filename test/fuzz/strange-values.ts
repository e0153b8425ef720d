import type { Random } from '../support/random.ts';

/** Texts that have broken programs before: lengths, encodings, other languages' markup, names every object has. */
export const strangeTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u0001\u001b[2J',
  '\r\nSet-Cookie: a=b\r\n\r\n',
  '\ud800',
  'x\udfff',
  '\u202e\u2066evil\u2069',
  '\u200b\ufeff\u00a0',
  'ﷺ'.repeat(40),
  'Z\u0351\u036f\u0343\u032a\u0302\u036b\u033d'.repeat(60),
  '👩‍👩‍👧‍👦'.repeat(90),
  '𝕤𝕪𝕟𝕔 ｖｐｐ ﬀ İ ß',
  '学校 🎒 مدرسة',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e999',
  '0x10',
  "' OR 1=1 --",
  '"; DROP TABLE sync_runs; --',
  '<script>alert(1)</script>',
  '<at>VPP Sync</at>',
  '</at><at id="x">',
  '<at>'.repeat(300),
  '&nbsp;&#0;&#x110000;&amp;lt;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would evaluate is the point
  '${1+1}${$root}${if(true, x, y)}',
  '{{DATE(2026-01-01T00:00:00Z, SHORT)}}',
  '[a](https://evil.example) **b** `c`',
  '../../../etc/passwd',
  '..%2f..%2f',
  '%00%ff%c0%ae',
  'https://evil.example/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  '(a+)+$',
  '*',
  '?',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999Z',
  '+275760-09-13T00:00:00.000Z',
  '2026-13-45T99:99:99Z',
  '2026-02-30T00:00:00Z',
  'a'.repeat(300),
  ' '.repeat(5_000),
  'sync vpp '.repeat(500),
  '"'.repeat(400),
  'A.'.repeat(2_000),
];

const hugeTexts: readonly string[] = [
  'x'.repeat(60_000),
  ' '.repeat(60_000),
  'é'.repeat(60_000),
  '<at>a'.repeat(12_000),
  'w '.repeat(70_000),
];

const numbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  -1e308,
  5e-324,
  255,
  256,
  65_536,
  4_294_967_296,
  253_402_300_800_000,
  8.64e15,
  8.64e15 + 1,
];

/** A value of any kind of JSON's. One in some dozens is huge or deep. */
export function strangeValue(random: Random): unknown {
  switch (random.below(14)) {
    case 0:
      return null;
    case 1:
      return random.once(2);
    case 2:
    case 3:
      return random.pick(numbers);
    case 4:
      return [];
    case 5:
      return {};
    case 6:
      return random.once(3) ? deep(random) : [strangeText(random), random.pick(numbers), null, {}, []];
    case 7:
      return Object.fromEntries([[strangeText(random).slice(0, 40), random.pick(numbers)]]);
    case 8:
      return likeAnObject(random);
    default:
      return strangeText(random);
  }
}

export function strangeText(random: Random): string {
  if (random.once(60)) return random.pick(hugeTexts);
  const text = random.pick(strangeTexts);
  return random.once(5) ? text + random.pick(strangeTexts) : text;
}

/** Values that a careless `String(value)`, `value + ''` or merge trips over. */
function likeAnObject(random: Random): unknown {
  const text = random.pick([
    '{"toString":1,"valueOf":1}',
    '{"toString":null}',
    '{"toJSON":1,"length":-1}',
    '{"length":4294967295,"0":"a"}',
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"then":1,"catch":1}',
    '{"type":"Buffer","data":[1,2,3]}',
    '{"id":{"toString":1}}',
  ]);
  return JSON.parse(text);
}

function deep(random: Random): unknown {
  let value: unknown = strangeText(random);
  const depth = random.pick([5, 30, 58, 70, 500]);
  for (let level = 0; level < depth; level += 1) value = random.once(2) ? [value] : { a: value };
  return value;
}
