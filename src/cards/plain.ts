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
export function plain(text: string, longest = longestName): string {
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
export const plainSentence = (text: string): string => plain(text, 1000);

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    if (kept.length + segment.length > longest - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
