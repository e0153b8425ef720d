import type { TokenRun } from '../domain/sync-run.ts';
import type { ReadOnlyGraph } from '../graph/client.ts';
import { untilAborted } from '../lib/async.ts';
import { isJsonObject } from '../lib/json.ts';

type Row = Readonly<Record<string, unknown>>;

interface Shared {
  /** When looks were asked for lately. */
  asked: number[];
  readonly listings: Map<string, { readonly at: number; readonly rows: Promise<ReadonlyMap<string, Row>> }>;
}

/** A listing this old, and looks this long ago, do not count any more. */
const windowMs = 2_000;
const forgetAfterMs = 60_000;

/**
 * Looks at many tokens through few requests: from `busyFrom` looks in 2 s on, a listing of their folder serves them all for
 * 2 s. Graph takes 1,000 requests in 20 s; a large batch looked at one by one would be more.
 * What one person may see is never shown for another: each requester's readers share among themselves alone.
 */
export function createSharedReads({ now, busyFrom = 20 }: { now: () => number; busyFrom?: number }) {
  const readers = new Map<string, Shared>();

  function sharedOf(reader: string): Shared {
    const at = now();
    for (const [key, { asked }] of readers) if ((asked.at(-1) ?? 0) < at - forgetAfterMs) readers.delete(key);
    const shared = readers.get(reader) ?? { asked: [], listings: new Map() };
    shared.asked = [...shared.asked.filter((earlier) => earlier > at - windowMs), at];
    readers.set(reader, shared);
    return shared;
  }

  const share = (reader: string, graph: ReadOnlyGraph): ReadOnlyGraph => ({
    ...graph,
    async get(path, options = {}) {
      const shared = sharedOf(reader);
      if (shared.asked.length < busyFrom) return graph.get(path, options);
      const { signal, ...what } = options;
      const slash = path.lastIndexOf('/');
      const folder = path.slice(0, slash);
      const key = JSON.stringify([folder, what]);
      const known = shared.listings.get(key);
      const listing =
        known && known.at > now() - windowMs ? known : { at: now(), rows: graph.listPages(folder, what).then(byId) };
      shared.listings.set(key, listing);
      const rows = await untilAborted(listing.rows, signal);
      // One that is missing there may be gone or hidden: its own request tells.
      return rows.get(decodeURIComponent(path.slice(slash + 1)).toLowerCase()) ?? graph.get(path, options);
    },
  });

  // The app's own eyes come last, whether or not the person's are there.
  return ({ tenantId, requester }: Pick<TokenRun, 'tenantId' | 'requester'>, graphs: readonly ReadOnlyGraph[]) =>
    graphs.map((graph, index) => share([tenantId, requester.aadObjectId, graphs.length - index].join(' '), graph));
}

function byId(rows: readonly unknown[]): ReadonlyMap<string, Row> {
  return new Map(
    rows.flatMap((row) =>
      isJsonObject(row) && typeof row.id === 'string' ? [[row.id.toLowerCase(), row] as const] : [],
    ),
  );
}
