const maxLength = 300;

/**
 * One sentence out of Graph's or Intune's message that may be shown and logged, or nothing.
 * Cut before " - Operation ID" and its kin; a sentence that still holds an address, a host, JSON, markup or an opaque long
 * word is dropped whole, because what is around such a thing is not worth the risk. Intune's "An error has occurred" says nothing.
 */
export function toSafeDetail(message: string): string | undefined {
  // One blank before the dash, not many: a message of blanks alone would be gone through once for each of them.
  const [head = ''] = message.split(/(?:^|\s)-\s+(?:Operation ID|Activity ID|Url|CustomApiErrorPhrase|RetryAfter)\b/i);
  const sentence = head
    .replace(/^\s*Message:/i, '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (sentence === '' || /^an (?:unknown )?error (?:has )?occurred\.?$/i.test(sentence)) return undefined;
  if (/[{}<>\\]|:\/\/|www\./.test(sentence) || hasOpaqueWord(sentence) || hasHost(sentence)) return undefined;
  return sentence.length <= maxLength ? sentence : `${sentence.slice(0, maxLength - 1).trimEnd()}…`;
}

function hasOpaqueWord(sentence: string): boolean {
  return /[A-Za-z0-9+/=_-]{65,}/.test(sentence);
}

// Dotted names that are no host: permissions (every part capitalised), type names and version numbers.
const harmless = /^(?:[A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*)+|microsoft\.graph(?:\.[A-Za-z]+)*|v?\d+\.\d+)$/;
const topLevelDomain = /\.(?:com|net|org|us|cn|io|ms|local|internal)$/i;

function hasHost(sentence: string): boolean {
  const dotted = sentence.match(/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g) ?? [];
  return dotted.some((name) => !harmless.test(name) || topLevelDomain.test(name)) || /localhost/i.test(sentence);
}
