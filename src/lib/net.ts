const names = new Set(['localhost', '[::1]']);

/** True when an address can only be on this machine: localhost, ::1 or 127.0.0.0/8, as the URL standard writes them. */
export function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname;
  return host !== undefined && (names.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host));
}

const plainUrl = /^https?:\/\/[^\s\\?#@\p{Cc}]+$/iu;

/**
 * An http or https address without user name, query, fragment or anything that a parser would repair; undefined for every other
 * text. Paths may be appended to it as written.
 */
export function findPlainUrl(text: string): URL | undefined {
  return plainUrl.test(text) ? (URL.parse(text) ?? undefined) : undefined;
}
