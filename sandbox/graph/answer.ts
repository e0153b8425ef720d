/** An answer before it is written. `body` is sent as JSON, a string as it is, and nothing when left out. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
