import { createWorkerLoop } from '../lib/worker.ts';
import type { InboundActivity } from './inbound-activity.ts';

export interface LaterMovesParts {
  /** Does what is to be done about it. Rejects while the store is away. */
  readonly take: (activity: InboundActivity) => Promise<void>;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

export interface LaterMoves {
  /** Takes it once the store answers again; Teams was told that it came. */
  keep(activity: InboundActivity): void;
  /** Takes nothing more. What is left is logged and gone. */
  stop(): Promise<void>;
}

const everyMs = 5_000;
/** So many are kept; who comes into more conversations while the store is away is not welcomed there. */
const most = 1_000;

/** Where the bot came or left while the store was away, in this process's memory, in order. */
export function createLaterMoves({ take, wait, log }: LaterMovesParts): LaterMoves {
  const waiting: InboundActivity[] = [];

  async function pass(): Promise<number> {
    for (let first = waiting[0]; first && !loop.stopping.aborted; first = waiting[0]) {
      await take(first);
      waiting.shift();
    }
    return everyMs;
  }
  const onFailure = (error: unknown) => log.warn({ err: error, waiting: waiting.length }, 'moves of the bot wait');
  const loop = createWorkerLoop({ pass, wait, onFailure, longestRestMs: everyMs });

  return {
    keep(activity) {
      if (waiting.length >= most) return log.warn({ waiting: most }, 'a move of the bot was not noted');
      waiting.push(activity);
      loop.start();
    },
    async stop() {
      await loop.stop();
      if (waiting.length > 0) log.warn({ waiting: waiting.length }, 'moves of the bot were not noted');
    },
  };
}
