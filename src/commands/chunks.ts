/** A word of what somebody typed, or something they put in quotes. */
export interface Chunk {
  /** As it was typed; without its quotes. */
  readonly said: string;
  /** Lower case, without the punctuation that follows it; empty for a quote, which is none of our words. */
  readonly word: string;
  readonly isQuoted: boolean;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

const separator = String.raw`\s,，、;；`;
const pattern = new RegExp(`(?<![^${separator}])(?:"([^"]*)"|'([^']*)')(?![^${separator}])|[^${separator}]+`, 'gu');

/** Cuts a clean text at spaces and commas; what stands in quotes stays whole. `split` may take a word further apart. */
export function chunksOf(text: string, split: (word: string) => readonly string[] = (word) => [word]): Chunk[] {
  return [...text.matchAll(pattern)].flatMap(({ 0: whole, 1: double, 2: single, index: start }): Chunk[] => {
    const quoted = double ?? single;
    if (quoted !== undefined) {
      const said = quoted.trim();
      return said === '' ? [] : [{ said, word: '', isQuoted: true, start, end: start + whole.length }];
    }
    let at = start;
    return split(whole).map((part) => {
      const chunk = { said: part, word: wordOf(part), isQuoted: false, start: at, end: at + part.length };
      at = chunk.end;
      return chunk;
    });
  });
}

function wordOf(part: string): string {
  const bare = part.replace(/[.!?:。！？：]+$/u, '');
  return bare.toLowerCase();
}
