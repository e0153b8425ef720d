import type { StoreLog } from './store-log.ts';

export interface PruningParts {
  /** Everything that expires, by the name that the log gives it. How long each is kept: retention.ts. */
  readonly stores: Readonly<Record<string, { prune(now: number): Promise<void> }>>;
  readonly now: () => number;
  readonly log: StoreLog;
}

const everyMs = 60 * 60 * 1000;

/** Erases what has expired, at the start and once an hour. A failure is logged and tried again the next hour. */
export function createPruning({ stores, now, log }: PruningParts): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const prune = () => {
    for (const [name, store] of Object.entries(stores)) {
      store
        .prune(now())
        .catch((error: unknown) => log.warn({ err: error, store: name }, 'erasing what has expired failed'));
    }
  };
  return {
    start() {
      prune();
      timer = setInterval(prune, everyMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
