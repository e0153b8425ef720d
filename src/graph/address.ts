import { isLoopback } from '../lib/net.ts';

export type GraphVersion = 'v1.0' | 'beta';
export type GraphQuery = Readonly<Record<string, string>>;

export interface Addresses {
  /** Throws on a path that would leave its version's root, and on a query option that is not one word. */
  of(version: GraphVersion, path: string, query?: GraphQuery): string;
  /** The next page's address as it came, or undefined when it leads elsewhere: a token must not follow it. */
  findNext(version: GraphVersion, link: string): string | undefined;
}

/** Refuses a base that is not https; plain http only on loopback and only when explicitly allowed. */
export function createAddresses(baseUrl: string, dangerouslyAllowLoopbackHttp: boolean): Addresses {
  const base = URL.parse(baseUrl);
  if (!base || base.username || base.password || base.search || base.hash) {
    throw new Error('The Graph address must be a plain URL.');
  }
  const isAllowedHttp = dangerouslyAllowLoopbackHttp && base.protocol === 'http:' && isLoopback(baseUrl);
  if (base.protocol !== 'https:' && !isAllowedHttp) {
    throw new Error('The Graph address must be https; http is allowed on loopback alone, and only when asked for.');
  }
  const rootPath = (version: GraphVersion) => `${base.pathname.replace(/\/+$/, '')}/${version}`;
  return {
    of(version, path, query = {}) {
      const expected = rootPath(version) + path;
      const url = URL.parse(base.origin + expected);
      if (!/^(?:\/[^/?#\\\s]+)+$/.test(path) || url?.pathname !== expected) {
        throw new Error('A Graph path must be absolute and plain.');
      }
      const options = Object.entries(query).map(([name, value]) => {
        if (!/^\$?[A-Za-z]+$/.test(name)) throw new Error('A Graph query option must be one word.');
        return `${name}=${encodeURIComponent(value)}`;
      });
      return options.length > 0 ? `${url.href}?${options.join('&')}` : url.href;
    },
    findNext(version, link) {
      const url = URL.parse(link);
      const isOurs =
        url?.origin === base.origin &&
        url.username === '' &&
        url.password === '' &&
        url.pathname.startsWith(`${rootPath(version)}/`);
      return isOurs ? url.href : undefined;
    },
  };
}
