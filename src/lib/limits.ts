import type { Runtime } from './runtime.ts';

/** At most `most` within `withinMs`. */
export interface Window {
  readonly most: number;
  readonly withinMs: number;
}

interface SendWindows {
  /** Milliseconds until one more fits into every window of this key; 0: now. Counts nothing. */
  roomInMs(key: string, windows: readonly Window[], now: number): number;
  count(key: string, now: number): void;
}

/** Remembers when each key was counted, for `keptMs`, the longest window in use. A clock set back starts afresh. */
export function createSendWindows(keptMs: number): SendWindows {
  const counted = new Map<string, readonly number[]>();
  let sweptAt = 0;

  const recent = (key: string, now: number) => (counted.get(key) ?? []).filter((at) => at <= now && now - at < keptMs);

  function sweep(now: number): void {
    if (Math.abs(now - sweptAt) < keptMs) return;
    sweptAt = now;
    for (const key of counted.keys()) if (recent(key, now).length === 0) counted.delete(key);
  }

  return {
    roomInMs(key, windows, now) {
      const times = recent(key, now);
      const waits = windows.map(({ most, withinMs }) => {
        const decisive = times.at(-most);
        return decisive === undefined ? 0 : decisive + withinMs - now;
      });
      return Math.max(0, ...waits);
    },
    count(key, now) {
      sweep(now);
      counted.set(key, [...recent(key, now), now]);
    },
  };
}

interface RateLimit {
  /** True when one more is within the limit. Counts nothing. */
  hasRoom(key: string, now: number): boolean;
  /** As `hasRoom`; what is admitted is counted, what is refused is not. */
  admit(key: string, now: number): boolean;
}

/** At most `most` in any `windowMs`, per key. */
export function createRateLimit(most: number, windowMs: number): RateLimit {
  const admitted = createSendWindows(windowMs);
  const windows = [{ most, withinMs: windowMs }];
  const hasRoom = (key: string, now: number) => admitted.roomInMs(key, windows, now) === 0;
  return {
    hasRoom,
    admit(key, now) {
      const isAdmitted = hasRoom(key, now);
      if (isAdmitted) admitted.count(key, now);
      return isAdmitted;
    },
  };
}

interface PaceParts {
  /** How many may go at once after a rest. */
  readonly burst: number;
  readonly everyMs: number;
  readonly now: Runtime['now'];
  readonly wait: Runtime['wait'];
}

export interface Pace {
  /** Resolves when the key's next may go, or at once when the signal aborts. */
  next(key: string, signal: AbortSignal): Promise<void>;
}

/** For each key lets one go every `everyMs`, after a burst. */
export function createPace({ burst, everyMs, now, wait }: PaceParts): Pace {
  const nextAt = new Map<string, number>();
  return {
    async next(key, signal) {
      const at = Math.max(nextAt.get(key) ?? 0, now());
      nextAt.set(key, at + everyMs);
      const waitMs = at - (burst - 1) * everyMs - now();
      if (waitMs > 0) await wait(waitMs, signal);
    },
  };
}

/** A Map that holds at most `limit` entries and drops the one least recently read or written. */
interface BoundedMap<V> {
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
