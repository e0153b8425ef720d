/** Selects the request to hold. A property that is left out matches any request. */
export interface GatePlan {
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Part of the path, such as `syncLicenses`. */
  readonly path?: string;
  /** Matches its body. */
  readonly body?: RegExp;
  /** `before` (the default) holds it before anything is done; `after` carries it out and holds the answer. */
  readonly when?: 'before' | 'after';
}

/** Holds the next matching request for as long as a test needs. */
export interface Gate {
  /** Resolves when the request has arrived. */
  readonly reached: Promise<void>;
  /** Lets the request continue, even if the bot no longer waits for the answer. */
  open(): void;
  /** Cuts the connection: a request held `before` is never carried out. */
  drop(): void;
}

interface HeldRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export type Gates = ReturnType<typeof createGates>;

/** Gates of one stand-in, the earliest first. Each holds one request. */
export function createGates() {
  const waiting: { readonly plan: GatePlan; arrive(): void; readonly passes: Promise<boolean> }[] = [];
  return {
    hold(plan: GatePlan): Gate {
      const reached = Promise.withResolvers<void>();
      const passes = Promise.withResolvers<boolean>();
      waiting.push({ plan, arrive: reached.resolve, passes: passes.promise });
      return { reached: reached.promise, open: () => passes.resolve(true), drop: () => passes.resolve(false) };
    },
    /** True once the request may continue; false when its connection is to be cut. */
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
