import { setImmediate as setImmediateCallback } from 'node:timers';
import { setImmediate } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  // Node's own promise of a timer makes an error of each abort, which takes longer than all the rest.
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
}

/** Resolves once timers, sockets and others that wait had their turn, so that long work in parts blocks nobody. */
export const letOthersRun: () => Promise<void> = setImmediate;

/** Does works of one key one after another, in the order they were asked for; one that fails does not hold up the next. */
export function createQueues() {
  const queues = new Map<string, Promise<unknown>>();

  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const done = (queues.get(key) ?? Promise.resolve()).then(work, work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    queues.set(key, settled);
    void settled.then(() => queues.get(key) === settled && queues.delete(key));
    return done;
  };
}

export interface SharedWork {
  /** Settles with a work that began after the call. Those who call while one is under way share the next. */
  run(): Promise<void>;
  /** Resolves once nobody waits. */
  idle(): Promise<void>;
}

/** For a work that does everything there is to do by then, such as a sync of the disk: one at a time. */
export function createSharedWork(work: () => Promise<void>): SharedWork {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const ignore = () => undefined;
  return {
    run() {
      next ??= running.catch(ignore).then(() => {
        next = undefined;
        running = work();
        return running;
      });
      return next;
    },
    idle: () => (next ?? running).catch(ignore),
  };
}

/** Work in many small steps lets others run after this long. */
const longestStretchMs = 10;
let stretchFrom: number | undefined;
const pausing: (() => void)[] = [];

/**
 * For work in many small steps, such as queries of SQLite or the tokens of a large tenant: called before each, resolves at once until
 * this process has worked for 10 ms without a pause, and then after timers and sockets had their turn. Several such works go on one
 * in each turn, so that together they block no longer than one.
 */
export async function pauseInTime(): Promise<void> {
  if (performance.now() - (stretchFrom ?? beginStretch()) < longestStretchMs) return;
  await new Promise<void>((resolve) => {
    pausing.push(resolve);
    if (pausing.length === 1) setImmediateCallback(resumeNext);
  });
}

function beginStretch(): number {
  const now = performance.now();
  stretchFrom = now;
  setImmediateCallback(() => {
    stretchFrom = undefined;
  });
  return now;
}

function resumeNext(): void {
  beginStretch();
  pausing.shift()?.();
  if (pausing.length > 0) setImmediateCallback(resumeNext);
}

const checksOfTimeout = 10;

/**
 * Does the work with a signal that aborts with a TimeoutError after `ms`, as `AbortSignal.timeout` does, but counts time in which this
 * process was too busy to see an answer as a tenth of it at most: the answer may be there already.
 */
export async function withTimeoutWhileFree<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = new AbortController();
  let checks = 0;
  const timer = setInterval(() => {
    checks += 1;
    if (checks < checksOfTimeout) return;
    timeout.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  }, ms / checksOfTimeout).unref();
  try {
    return await work(timeout.signal);
  } finally {
    clearInterval(timer);
  }
}

/** A reason of our own, because abort() without one makes an error each time. */
const isSettled = 'settled';

/**
 * Settles like the promise, unless it takes longer than `ms`: then resolves to undefined. The promise goes on either way.
 * `waitFor` is a Runtime's `wait`.
 */
export async function within<T>(ms: number, promise: Promise<T>, waitFor = wait): Promise<T | undefined> {
  const settled = new AbortController();
  const late = waitFor(ms, settled.signal).then(() => undefined);
  return Promise.race([promise, late]).finally(() => settled.abort(isSettled));
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
