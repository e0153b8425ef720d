import type { Config } from '../config.ts';

/**
 * True for https on one of the cloud's exact Teams hosts at the default port and, in a rehearsal, below one of the loopback
 * prefixes. Everything that the bot sends, with its own token, goes to such an address.
 */
export function isServiceUrlAllowed(
  serviceUrl: string | undefined,
  config: Pick<Config, 'cloud' | 'extraServiceUrls'>,
): boolean {
  const url = plainForm.test(serviceUrl ?? '') && URL.parse(serviceUrl ?? '');
  if (!url) return false;
  if (url.protocol === 'https:' && url.port === '' && config.cloud.serviceHosts.includes(url.hostname)) return true;
  return config.extraServiceUrls.some((prefix) => isBelow(url, new URL(prefix)));
}

/** The bot appends its paths to the address as written, so anything that a parser would repair, or that ends a path, is refused. */
const plainForm = /^https?:\/\/[^\s\\?#@\p{Cc}]+$/iu;

/** Compares whole path segments: `/connector` does not admit `/connector-of-somebody-else`. */
function isBelow(url: URL, prefix: URL): boolean {
  const folder = (path: string) => `${path.replace(/\/+$/, '')}/`;
  return url.origin === prefix.origin && folder(url.pathname).startsWith(folder(prefix.pathname));
}
