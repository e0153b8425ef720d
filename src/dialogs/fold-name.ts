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
