import type { Config } from '../config.ts';

/**
 * Whether the bot may send to this address: https on one of the cloud's exact Teams hosts at the default port, or, in a
 * rehearsal, below one of the loopback prefixes. Everything the bot sends, with its own token, goes to such an address.
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

/** What the bot puts its paths after. Anything that parsing would mend, or that ends a path, is refused as it is written. */
const plainForm = /^https?:\/\/[^\s\\?#@\p{Cc}]+$/iu;

/** Compares whole path segments, so that `/connector` does not let `/connector-of-somebody-else` in. */
function isBelow(url: URL, prefix: URL): boolean {
  const folder = (path: string) => `${path.replace(/\/+$/, '')}/`;
  return url.origin === prefix.origin && folder(url.pathname).startsWith(folder(prefix.pathname));
}
