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
