const longestName = 80;
const segmenter = new Intl.Segmenter();

// Controls, line and paragraph breaks: any of them would let a name draw lines of its own.
const breaks = /[\p{Cc}\u2028\u2029]+/gu;
// Bidi overrides, isolates and marks, zero-width characters and noncharacters. The joiners U+200C and U+200D stay: Persian,
// Indic scripts and emoji need them.
const invisible =
  /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/**
 * Text from outside as one line that shows what it says: no control, line break, text direction or zero-width trick.
 * Longer than `longest` UTF-16 units, it is cut between characters and ends in `…`. Empty when nothing visible is left.
 */
export function safeLine(text: string, longest = longestName): string {
  const line = text
    .slice(0, longest * 8)
    .toWellFormed()
    .replace(breaks, ' ')
    .replace(invisible, '')
    .replace(/\s+/g, ' ')
    // Clients turn {{DATE(…)}} and {{TIME(…)}} into a date, wherever they stand.
    .replace(/\{(?=\{)/g, '{\u2060')
    .trim();
  return cut(line, longest);
}

/** A whole sentence that may hold names: `plain` with room. */
export const safeSentence = (text: string): string => safeLine(text, 1000);

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    if (kept.length + segment.length > longest - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

const lookalikes: Readonly<Record<string, string>> = {
  '*': '∗',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '`': '｀',
  '~': '～',
  '\\': '＼',
  _: '＿',
  '&': '＆',
};

/**
 * Plain text for the few fields that some clients read as Markdown and others do not: choice titles (Microsoft's renderer has
 * `useMarkdownInRadioButtonAndCheckbox` on) and `fallbackText`. A backslash would show in one kind of client and an HTML entity
 * in the other, so what could start Markdown is written with its lookalike, which reads the same in both.
 * An underscore between letters or digits and a lone & mean nothing to Markdown and stay. What would begin a list or heading
 * gets an invisible word joiner in front.
 */
export const withoutMarkdown = (text: string): string =>
  text
    .replace(/^(?=[#=+-]|\d+[.)])/, '\u2060')
    .replace(/[*[\]<>`~\\]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=#?\w+;)/gu, (found) => lookalikes[found] ?? found);

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * What a person typed, as the grammar reads it: HTML entities decoded, compatibility forms unified (full-width, ligatures),
 * smart quotes made plain, invisible characters dropped, runs of white space made one space. Total: any string is fine.
 */
export function cleanText(text: string): string {
  return decodeEntities(text)
    .normalize('NFKC')
    .replace(/[“”„‟«»「」『』]/gu, '"')
    .replace(/[‘’‚‛]/gu, "'")
    .replace(/(?![\n\r\t\u200c\u200d])[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name) return named[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

/** A typed line as it is compared with a word: lower case, without the full stop or exclamation mark people end it with. */
export const bareWord = (line: string): string =>
  line
    .toLowerCase()
    .replace(/[.!。！]+$/u, '')
    .trim();

/**
 * A name as it is compared: compatibility forms, case, accents, quotes and runs of spaces do not matter.
 * Used on what people type and on what tenants call their tokens alike.
 */
export function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mn}+/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/["'`´‘’“”„«»]/gu, '')
    .replace(/\p{Cf}+/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** The words of a folded name: runs of letters and digits. */
export function wordsOf(folded: string): string[] {
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}
