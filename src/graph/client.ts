import { createAddresses, type GraphQuery, type GraphVersion } from './address.ts';
import { createGet } from './get.ts';
import type { GraphOptions } from './options.ts';
import { createListPages } from './pages.ts';
import { toPathTemplate } from './path-template.ts';
import { createPost } from './post.ts';

export type { GraphQuery, GraphVersion } from './address.ts';
export type { GraphLog, GraphObservation, GraphOptions } from './options.ts';

export interface CallOptions {
  /** `v1.0` unless told. */
  readonly version?: GraphVersion;
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends CallOptions {
  /** OData options such as `$select`, not yet encoded. */
  readonly query?: GraphQuery;
}

/**
 * Graph for looking alone: there is no way to express anything but a GET, and nothing below it can.
 * Paths begin with a slash after the version, ids already encoded. Rejects with a GraphError.
 */
export interface ReadOnlyGraph {
  get(path: string, options?: ReadOptions): Promise<Readonly<Record<string, unknown>>>;
  /** Every item of every page. Rejects rather than giving part of a list. */
  listPages(path: string, options?: ReadOptions): Promise<readonly unknown[]>;
}

export interface PostOptions extends CallOptions {
  /** What the request is called, for whoever writes it down before it is sent; a new id unless given. */
  readonly clientRequestId?: string;
  /** Told Graph's own id of a request that it took. */
  readonly onTaken?: (requestId: string) => void;
  /** Told each time it is sent, with what resolves once that sending has an answer or will have none. */
  readonly onSent?: (outcome: Promise<unknown>) => void;
}

/** Graph in a person's own name. */
export interface DelegatedGraph extends ReadOnlyGraph {
  /** Without a body. A 2xx resolves, whatever its body; `mayHaveStarted` means: look before asking again. */
  post(path: string, options?: PostOptions): Promise<unknown>;
}

/** For the app's own token. Throws on a base address that is not https (see GraphOptions). */
export function createReadOnlyGraph(options: GraphOptions): ReadOnlyGraph {
  const addresses = createAddresses(options.baseUrl, options.dangerouslyAllowLoopbackHttp ?? false);
  const get = createGet(options);
  return Object.freeze({
    async get(path: string, { version = 'v1.0', query, signal }: ReadOptions = {}) {
      const url = addresses.of(version, path, query);
      return (await get({ url, template: toPathTemplate(version, path), signal })).body;
    },
    listPages: createListPages(addresses, get),
  });
}

/** For a person's on-behalf-of token. Throws on a base address that is not https (see GraphOptions). */
export function createDelegatedGraph(options: GraphOptions): DelegatedGraph {
  const addresses = createAddresses(options.baseUrl, options.dangerouslyAllowLoopbackHttp ?? false);
  const post = createPost(options);
  return Object.freeze({
    ...createReadOnlyGraph(options),
    async post(path: string, { version = 'v1.0', ...options }: PostOptions = {}) {
      return post({ url: addresses.of(version, path), template: toPathTemplate(version, path), ...options });
    },
  });
}
