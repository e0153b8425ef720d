/** Which request is held. What is left out matches any. */
export interface GatePlan {
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** A part of the path, such as `syncLicenses`. */
  readonly path?: string;
  /** Words of its body. */
  readonly body?: RegExp;
  /** `before`, unless told: nothing of it is done yet. `after`: all of it is done, and only the answer is held. */
  readonly when?: 'before' | 'after';
}

/** Holds one request, the next that matches, for as long as a test likes. */
export interface Gate {
  /** Resolves when the request stands before it. */
  readonly reached: Promise<void>;
  /** Lets the request go on, even if nobody waits for its answer any more. */
  open(): void;
  /** Cuts the connection: what is not done yet is never done. */
  drop(): void;
}

interface HeldRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export type Gates = ReturnType<typeof createGates>;

/** Gates of one stand-in, the earliest set up first. Each holds one request. */
export function createGates() {
  const waiting: { readonly plan: GatePlan; arrive(): void; readonly passes: Promise<boolean> }[] = [];
  return {
    hold(plan: GatePlan): Gate {
      const reached = Promise.withResolvers<void>();
      const passes = Promise.withResolvers<boolean>();
      waiting.push({ plan, arrive: reached.resolve, passes: passes.promise });
      return { reached: reached.promise, open: () => passes.resolve(true), drop: () => passes.resolve(false) };
    },
    /** Resolves when the request may go on; false when it is to be cut off. */
    async pass(request: HeldRequest, when: 'before' | 'after'): Promise<boolean> {
      const index = waiting.findIndex(({ plan }) => isFor(plan, request, when));
      const [gate] = index < 0 ? [] : waiting.splice(index, 1);
      gate?.arrive();
      return gate?.passes ?? true;
    },
  };
}

function isFor(
  { method, path = '', body, when: at = 'before' }: GatePlan,
  request: HeldRequest,
  when: string,
): boolean {
  return (
    at === when &&
    (method ?? request.method) === request.method &&
    request.path.includes(path) &&
    (body?.test(request.body) ?? true)
  );
}
