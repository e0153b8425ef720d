/** Where and how Graph is asked. Everything that touches time or chance can be given, for tests and rehearsal. */
export interface GraphOptions {
  /** Such as `https://graph.microsoft.com`, without `/v1.0`. */
  readonly baseUrl: string;
  /** Called once per call, and once more with `renew` after a 401. Has deadlines of its own; what it throws is passed on. */
  readonly getToken: (request?: { readonly renew: true }) => Promise<string>;
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Used between attempts alone; deadlines run in real time. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to 1. */
  readonly random?: () => number;
  readonly log?: GraphLog;
  /** For rehearsal: lets tokens travel over http to this machine itself, never further. */
  readonly dangerouslyAllowLoopbackHttp?: boolean;
  /** Told of every attempt, for metrics. */
  readonly onRequest?: (observation: GraphObservation) => void;
  /** Deadline of one GET attempt, 10 s unless told; a call of three attempts ends within 20 s anyway. */
  readonly getTimeoutMs?: number;
  /** Deadline of one POST attempt, 30 s unless told. */
  readonly postTimeoutMs?: number;
}

export interface GraphLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface GraphObservation {
  readonly method: 'GET' | 'POST';
  /** With `{id}` in place of every id: fit for a metric label. */
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly ms: number;
}
