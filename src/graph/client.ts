import {
  type DelegatedGraph,
  type GraphClients,
  GraphError,
  type GraphQuery,
  type GraphVersion,
  type PostOptions,
  type ReadOnlyGraph,
  type ReadOptions,
} from '../domain/graph.ts';
import { isLoopback } from '../lib/net.ts';
import type { Runtime } from '../lib/runtime.ts';
import {
  createGet,
  createPost,
  type GetAnswer,
  type GetRequest,
  type GraphObservation,
  type GraphOptions,
} from './request.ts';

interface GraphClientsParts {
  /** Plain http is allowed only on loopback. */
  readonly graphUrl: string;
  readonly runtime: Runtime;
  /** Called after every attempt, for metrics. */
  readonly onRequest?: (observation: GraphObservation) => void;
}

/** When Intune confirms a sync later than this, the sync is followed without waiting: its card should not be held up. */
const postTimeoutMs = 10_000;

/** Makes the Graph clients of one process. Throws on a base address that is not https (see GraphOptions). */
export function createGraphClients({ graphUrl, ...common }: GraphClientsParts): GraphClients {
  const options = { ...common, baseUrl: graphUrl, dangerouslyAllowLoopbackHttp: isLoopback(graphUrl) };
  return {
    delegated: (getToken) => createDelegatedGraph({ ...options, postTimeoutMs, getToken }),
    readOnly: (getToken) => createReadOnlyGraph({ ...options, getToken }),
  };
}

/** For a person's on-behalf-of token. Throws on a base address that is not https (see GraphOptions). */
export function createDelegatedGraph(options: GraphOptions): DelegatedGraph {
  const addresses = createAddresses(options);
  const post = createPost(options);
  return Object.freeze({
    ...createReadOnlyGraph(options),
    async post(path: string, { version = 'v1.0', ...asked }: PostOptions = {}) {
      return post({ url: addresses.of(version, path), template: toPathTemplate(version, path), ...asked });
    },
  });
}

/** For the app's own token. Throws on a base address that is not https (see GraphOptions). */
export function createReadOnlyGraph(options: GraphOptions): ReadOnlyGraph {
  const addresses = createAddresses(options);
  const get = createGet(options);
  return Object.freeze({
    async get(path: string, { version = 'v1.0', query, signal }: ReadOptions = {}) {
      const url = addresses.of(version, path, query);
      return (await get({ url, template: toPathTemplate(version, path), signal })).body;
    },
    listPages: createListPages(addresses, get),
  });
}

const maxPages = 200;

/**
 * Follows `@odata.nextLink` as it came, as long as it stays under the base address and its version.
 * A foreign link, a loop, a page without a list and more than 200 pages are `unreadable`: part of a list would look like all of it.
 */
function createListPages(
  addresses: Addresses,
  get: (request: GetRequest) => Promise<GetAnswer>,
): ReadOnlyGraph['listPages'] {
  return async (path, { version = 'v1.0', query, signal, toItem = asItIs } = {}) => {
    const template = toPathTemplate(version, path);
    const items: unknown[] = [];
    const seen = new Set<string>();
    for (let url: string | undefined = addresses.of(version, path, query); url !== undefined; ) {
      seen.add(url);
      const { body, clientRequestId }: GetAnswer = await get({ url, template, signal });
      const unreadable = (detail: string) => new GraphError('unreadable', { clientRequestId, detail });
      if (!Array.isArray(body.value)) throw unreadable('The answer holds no list.');
      for (const row of body.value) items.push(toItem(row));
      // An empty link is a last page too: some pages of Intune carry one.
      const link = body['@odata.nextLink'] || undefined;
      if (link === undefined) break;
      url = typeof link === 'string' ? addresses.findNext(version, link) : undefined;
      if (url === undefined) throw unreadable('The next page lies elsewhere.');
      if (seen.has(url)) throw unreadable('The pages go in a circle.');
      if (seen.size >= maxPages) throw unreadable('The list has too many pages.');
    }
    return items;
  };
}

const asItIs = (row: unknown) => row;

interface Addresses {
  /** Throws on a path that would leave its version's root, and on a query option that is not one word. */
  of(version: GraphVersion, path: string, query?: GraphQuery): string;
  /** The next page's address as it came, or undefined when it leads elsewhere: a token must not follow it. */
  findNext(version: GraphVersion, link: string): string | undefined;
}

/** Refuses a base that is not https; plain http only on loopback and only when explicitly allowed. */
function createAddresses({ baseUrl, dangerouslyAllowLoopbackHttp = false }: GraphOptions): Addresses {
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

// A new resource adds its words here; until then they are masked, so that no id is ever shown by mistake.
const knownSegments = new Set([
  'deviceAppManagement',
  'vppTokens',
  'mobileApps',
  'syncLicenses',
  'deviceManagement',
  'auditEvents',
  'applePushNotificationCertificate',
  'depOnboardingSettings',
  'syncWithAppleDeviceEnrollmentProgram',
]);

/** A path fit for logs and metric labels: every segment that is not a known word is an id and becomes `{id}`. */
function toPathTemplate(version: GraphVersion, path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  return `/${[version, ...segments.map((segment) => (knownSegments.has(segment) ? segment : '{id}'))].join('/')}`;
}

/** True for an id that Graph could have issued: letters, digits, dot, dash and underscore, at most 128, and not only dots. */
export function isPlausibleId(id: string): boolean {
  return /^[A-Za-z0-9._-]{1,128}$/.test(id) && !/^\.+$/.test(id);
}

/** The id as a path segment. An implausible one is refused as `badRequest` before anything is sent. */
export function toPathSegment(id: string): string {
  if (!isPlausibleId(id)) throw new GraphError('badRequest', { clientRequestId: 'not sent' });
  return encodeURIComponent(id);
}

/** Epoch milliseconds by Graph's clock, to the second, from any answer of Graph; no token is sent. Undefined without an answer. */
export async function findGraphDate(baseUrl: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(`${baseUrl}/v1.0/`, { method: 'HEAD', redirect: 'manual', signal });
    const at = Date.parse(response.headers.get('date') ?? '');
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}
