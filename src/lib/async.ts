import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal && { signal }).catch(() => undefined);
}

/** Settles like the promise, unless the signal is aborted first: then rejects at once with the signal's own reason. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Spread of a quarter to either side, so that many callers do not come back together. */
export function withJitter(ms: number, random: () => number): number {
  return Math.round(ms * (0.75 + random() * 0.5));
}

/** The value of a promise, or undefined when it takes longer than `ms`. The promise goes on either way. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export interface Background {
  /** Lets work go on after its turn was answered. Its failure is logged, never thrown. */
  run(work: Promise<unknown>): void;
  /** Resolves when all of it is done. */
  drain(): Promise<void>;
}

/** Work that outlives the HTTP request it came with; a stopping process waits for it. */
export function createBackground(log: { error(fields: object, message: string): void }): Background {
  const going = new Set<Promise<unknown>>();
  return {
    run(work) {
      const watched: Promise<unknown> = work
        .catch((error: unknown) => log.error({ err: error }, 'work in the background failed'))
        .finally(() => going.delete(watched));
      going.add(watched);
    },
    async drain() {
      while (going.size > 0) await Promise.all(going);
    },
  };
}
