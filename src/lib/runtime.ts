import { wait } from './async.ts';

/** One log line: fields, then a fixed sentence of ours. Values go into the fields, which are redacted; never into the sentence. */
type WriteLog = (fields: object, message: string) => void;

export type Log = Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', WriteLog>>;

/**
 * Clock, chance and log of the process, handed to every part so that tests can replace them. `now` is epoch milliseconds; `wait`
 * resolves after `ms` or as soon as the signal aborts, and never rejects; `random` is in [0, 1).
 */
export interface Runtime {
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly log: Log;
}

/** The real clock, timers and chance of this process. */
export const createRuntime = (log: Log): Runtime => ({ now: Date.now, wait, random: Math.random, log });
