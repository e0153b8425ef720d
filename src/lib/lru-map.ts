/** A Map that holds at most `limit` entries and drops the one least recently read or written. */
export interface BoundedMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): boolean;
  deleteWhere(matches: (value: V, key: string) => boolean): void;
  readonly size: number;
}

export function createBoundedMap<V>(limit: number): BoundedMap<V> {
  // A Map iterates in order of insertion: its first key is the least recently used one.
  const entries = new Map<string, V>();
  const put = (key: string, value: V) => {
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined) put(key, value);
      return value;
    },
    set(key, value) {
      put(key, value);
      if (entries.size <= limit) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
    delete: (key) => entries.delete(key),
    deleteWhere(matches) {
      for (const [key, value] of entries) if (matches(value, key)) entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}
