import { wait } from './async.ts';

/** Fields, then a message: a sentence of the code, which nothing is put into. */
export type Write = {
  (fields: object, message: string): void;
  (message: string): void;
};

export type Log = Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', Write>>;

/**
 * What a part takes from its process instead of from globals, so that a test decides it. `now` is epoch milliseconds; `wait`
 * resolves after `ms` or as soon as the signal aborts, and never rejects; `random` is in [0, 1).
 */
export interface Runtime {
  readonly now: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly log: Log;
}

/** The clock, timers and dice of this process. */
export const createRuntime = (log: Log): Runtime => ({ now: Date.now, wait, random: Math.random, log });
