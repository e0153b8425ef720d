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
