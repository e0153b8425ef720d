import { setTimeout as delay, setImmediate } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal && { signal }).catch(() => undefined);
}

/** Resolves once timers, sockets and others that wait had their turn, so that long work in parts blocks nobody. */
export const letOthersRun: () => Promise<void> = setImmediate;

const checksOfTimeout = 10;

/**
 * Aborts with a TimeoutError after `ms`, as `AbortSignal.timeout` does, but counts time in which this process was too busy to see an
 * answer as a tenth of it at most: the answer may be there already.
 */
export function timeoutWhileFree(ms: number): AbortSignal {
  const timeout = new AbortController();
  let checks = 0;
  const timer = setInterval(() => {
    checks += 1;
    if (checks < checksOfTimeout) return;
    clearInterval(timer);
    timeout.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  }, ms / checksOfTimeout).unref();
  return timeout.signal;
}

/**
 * Settles like the promise, unless it takes longer than `ms`: then resolves to undefined. The promise goes on either way.
 * `waitFor` is a Runtime's `wait`.
 */
export async function within<T>(ms: number, promise: Promise<T>, waitFor = wait): Promise<T | undefined> {
  const settled = new AbortController();
  const late = waitFor(ms, settled.signal).then(() => undefined);
  return Promise.race([promise, late]).finally(() => settled.abort());
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
