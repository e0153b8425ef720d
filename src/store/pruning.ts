export interface PruningParts {
  readonly stores: readonly { prune(now: number): Promise<void> }[];
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

const everyMs = 60 * 60 * 1000;

/** Erases what has expired, at the start and once an hour. A failure is logged and tried again the next hour. */
export function createPruning({ stores, now, log }: PruningParts): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const prune = () => {
    for (const store of stores) {
      store.prune(now()).catch((error: unknown) => log.warn({ err: error }, 'erasing what has expired failed'));
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
