import { distance } from 'fastest-levenshtein';

const longestName = 80;
const segmenter = new Intl.Segmenter();

// Controls, line and paragraph breaks: any of them would let a name add lines of its own.
const breaks = /[\p{Cc}\u2028\u2029]+/gu;
// Bidi overrides, isolates and marks, zero-width characters and noncharacters. The joiners U+200C and U+200D stay: Persian,
// Indic scripts and emoji need them.
const invisible =
  /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/**
 * Text from outside as one line that shows only what it says: without controls, line breaks, text direction or zero-width tricks.
 * Longer than `longest` UTF-16 units, it is cut between characters and ends in `…`. Empty when nothing visible is left.
 */
export function safeLine(text: string, longest = longestName): string {
  const line = text
    .slice(0, longest * 8)
    .toWellFormed()
    .replace(breaks, ' ')
    .replace(invisible, '')
    .replace(/\s+/g, ' ')
    // Teams clients turn {{DATE(…)}} and {{TIME(…)}} into a date in any text.
    .replace(/\{(?=\{)/g, '{\u2060')
    .trim();
  return cut(line, longest);
}

/** As `safeLine`, for a whole sentence that may hold names. */
export const safeSentence = (text: string): string => safeLine(text, 1000);

/** Sentences one after another: no space follows the full-width punctuation of Chinese. */
export const joinSentences = (...sentences: readonly string[]): string =>
  sentences
    .filter((sentence) => sentence !== '')
    .reduce((said, sentence) => (/[。！？：]$/.test(said) ? said + sentence : `${said} ${sentence}`), '')
    .trimStart();

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
 * Text for the few fields that some clients read as Markdown and others do not: choice titles (Microsoft's renderer sets
 * `useMarkdownInRadioButtonAndCheckbox`) and `fallbackText`. A backslash would show in one kind of client and an HTML entity in the
 * other, so characters that could start Markdown are replaced by lookalikes, which read the same in both.
 * An underscore between letters or digits and a lone & mean nothing to Markdown and stay. A text that would begin a list or heading
 * gets an invisible word joiner in front.
 */
export const withoutMarkdown = (text: string): string =>
  text
    .replace(/^(?=[#=+-]|\d+[.)])/, '\u2060')
    .replace(/[*[\]<>`~\\]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=#?\w+;)/gu, (found) => lookalikes[found] ?? found);

/**
 * A typed message as the grammar reads it: HTML entities decoded, compatibility forms unified (full-width, ligatures), smart quotes
 * replaced by straight ones, invisible characters removed, runs of white space reduced to one space. Accepts any string.
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

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name) return entities[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

/** A typed line in the form in which it is compared with a word: lower case, without a final full stop or exclamation mark. */
export const bareWord = (line: string): string =>
  line
    .toLowerCase()
    .replace(/[.!。！]+$/u, '')
    .trim();

/**
 * A name in the form in which it is compared: compatibility forms, case, accents, quotes and runs of spaces do not matter.
 * Applied to both typed names and the names of tokens.
 */
export function foldName(name: string): string {
  // Thousands of names are folded while somebody waits, and nearly all need nothing else.
  if (isPlain(name)) return name.toLowerCase();
  const bare = /[^\x20-\x7e]/.test(name) ? withoutAccents(name) : name;
  return bare
    .toLowerCase()
    .replace(/["'`´‘’“”„«»]/gu, '')
    .replace(/\s{2,}|[^\S ]/gu, ' ')
    .trim();
}

const space = 0x20;
const quotes: ReadonlySet<number> = new Set([0x22, 0x27, 0x60]);

/** Visible ASCII without quotes, in words with one space between them. */
function isPlain(name: string): boolean {
  let before = space;
  for (let at = 0; at < name.length; at += 1) {
    const letter = name.charCodeAt(at);
    if (letter < space || letter > 0x7e || quotes.has(letter) || (letter === space && before === space)) return false;
    before = letter;
  }
  return before !== space || name === '';
}

const withoutAccents = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{Mn}+/gu, '')
    .normalize('NFKC')
    .replace(/\p{Cf}+/gu, '');

/** The words of a folded name: runs of letters and digits. */
export function wordsOf(folded: string): string[] {
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * Slips of the finger between two texts: a letter too many, too few or wrong, or two neighbours swapped. Infinite beyond `most`.
 * Source: optimal string alignment, https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance.
 */
export function countSlips(one: string, other: string, most: number): number {
  if (most < 0 || Math.abs(one.length - other.length) > most) return Number.POSITIVE_INFINITY;
  // Without swaps the comparison is far faster. A swap counts two there, so that few texts are left to be compared with swaps.
  const withoutSwaps = distance(one, other);
  if (withoutSwaps > 2 * most) return Number.POSITIVE_INFINITY;
  return withoutSwaps < 2 && withoutSwaps <= most ? withoutSwaps : align(one, other, most);
}

const newRows = (width: number) => [new Uint16Array(width), new Uint16Array(width), new Uint16Array(width)] as const;
/** Long enough for names: thousands are compared at once. */
const rows = newRows(128);

/** Looks at no cell further than `most` from the diagonal, and is infinite as soon as a whole row is beyond it. */
function align(one: string, other: string, most: number): number {
  const width = other.length + 1;
  let [earlier, last, row] = width <= rows[0].length ? rows : newRows(width);
  for (let column = 0; column < width; column += 1) last[column] = column;
  for (let at = 1; at <= one.length; at += 1) {
    const letter = one.charCodeAt(at - 1);
    const first = Math.max(1, at - most);
    const until = Math.min(other.length, at + most);
    // Beside the cells that are looked at stand ones that no way to the end goes through.
    row[first - 1] = first === 1 ? at : most + 1;
    let least = row[first - 1] as number;
    for (let column = first; column <= until; column += 1) {
      const wanted = other.charCodeAt(column - 1);
      let slips = (last[column - 1] as number) + (letter === wanted ? 0 : 1);
      slips = Math.min(slips, (last[column] as number) + 1, (row[column - 1] as number) + 1);
      const mayBeSwapped = at > 1 && column > 1 && letter === other.charCodeAt(column - 2);
      if (mayBeSwapped && wanted === one.charCodeAt(at - 2)) {
        slips = Math.min(slips, (earlier[column - 2] as number) + 1);
      }
      row[column] = slips;
      least = Math.min(least, slips);
    }
    if (until < other.length) row[until + 1] = most + 1;
    if (least > most) return Number.POSITIVE_INFINITY;
    [earlier, last, row] = [last, row, earlier];
  }
  const slips = last[other.length] as number;
  return slips <= most ? slips : Number.POSITIVE_INFINITY;
}
