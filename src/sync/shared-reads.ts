import type { ReadOnlyGraph } from '../domain/graph.ts';
import type { SyncRun } from '../domain/sync-run.ts';
import { untilAborted } from '../lib/async.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { minuteMs } from '../lib/time.ts';

interface SharedReadsOptions {
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly busyFrom?: number;
}

interface Reader {
  /** Times of its latest reads. */
  reads: number[];
  readonly listings: Map<string, Listing>;
}

interface Listing {
  readonly at: number;
  readonly rows: Promise<ReadonlyMap<string, JsonObject>>;
}

/** An older listing is not used any more, and an older read does not count. */
const windowMs = 2_000;
const forgetAfterMs = minuteMs;

/**
 * Reads many tokens with few requests: from `busyFrom` reads in 2 s on, one listing of their folder serves them all for 2 s. Graph
 * allows one app 1,000 requests in 20 s, which a large batch read one by one would exceed.
 * One person's listing is never used for another: each requester's readers share among themselves alone.
 */
export function createSharedReads({ now, busyFrom = 20 }: SharedReadsOptions) {
  const readers = new Map<string, Reader>();

  function countRead(key: string): Reader {
    const at = now();
    for (const [other, { reads }] of readers) if ((reads.at(-1) ?? 0) < at - forgetAfterMs) readers.delete(other);
    const reader = readers.get(key) ?? { reads: [], listings: new Map() };
    reader.reads = [...reader.reads.filter((earlier) => earlier > at - windowMs), at];
    readers.set(key, reader);
    return reader;
  }

  const share = (key: string, graph: ReadOnlyGraph): ReadOnlyGraph => ({
    ...graph,
    async get(path, options = {}) {
      const reader = countRead(key);
      if (reader.reads.length < busyFrom) return graph.get(path, options);
      const { signal, ...query } = options;
      const slash = path.lastIndexOf('/');
      const folder = path.slice(0, slash);
      const listingKey = JSON.stringify([folder, query]);
      const known = reader.listings.get(listingKey);
      const listing =
        known && known.at > now() - windowMs ? known : { at: now(), rows: graph.listPages(folder, query).then(byId) };
      reader.listings.set(listingKey, listing);
      const rows = await untilAborted(listing.rows, signal);
      // A token missing from the listing may be gone or hidden: only its own request can say.
      return rows.get(decodeURIComponent(path.slice(slash + 1)).toLowerCase()) ?? graph.get(path, options);
    },
  });

  // Counted from the end, so that the app's reader has one key with and without the person's before it.
  return ({ tenantId, requester }: Pick<SyncRun, 'tenantId' | 'requester'>, graphs: readonly ReadOnlyGraph[]) =>
    graphs.map((graph, index) => share([tenantId, requester.aadObjectId, graphs.length - index].join(' '), graph));
}

function byId(rows: readonly unknown[]): ReadonlyMap<string, JsonObject> {
  return new Map(
    rows.flatMap((row) =>
      isJsonObject(row) && typeof row.id === 'string' ? [[row.id.toLowerCase(), row] as const] : [],
    ),
  );
}
