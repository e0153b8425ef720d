export type Outcome =
  /** `text` is absent when the body could not be had whole; `bodyFault` then says why. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Headers;
      readonly text?: string;
      readonly bodyFault?: 'cut' | 'tooLarge' | 'timedOut' | 'aborted';
    }
  /** No connection was made, so nothing can have happened. */
  | { readonly kind: 'notSent'; readonly code?: string }
  /** The connection broke before an answer; the request may have arrived. */
  | { readonly kind: 'lost'; readonly code?: string }
  | { readonly kind: 'timedOut' }
  /** By the caller's signal. */
  | { readonly kind: 'aborted' };

const maxBodyBytes = 8 * 1024 * 1024;

/**
 * One attempt, headers and body within one deadline, the body at most 8 MB. Never rejects: whatever happens is an outcome.
 * It does not know what is asked; `issue` does. Errors of fetch are not passed on, they can quote addresses and headers.
 */
export async function exchange(
  issue: (signal: AbortSignal) => Promise<Response>,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Outcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), limits.timeoutMs);
  const signal = limits.signal ? AbortSignal.any([limits.signal, deadline.signal]) : deadline.signal;
  const interruption = () => {
    if (limits.signal?.aborted) return 'aborted';
    return deadline.signal.aborted ? 'timedOut' : undefined;
  };
  try {
    const response = await issue(signal);
    const { status, headers } = response;
    try {
      const text = await readText(response);
      return { kind: 'answered', status, headers, ...(text === undefined ? { bodyFault: 'tooLarge' } : { text }) };
    } catch {
      return { kind: 'answered', status, headers, bodyFault: interruption() ?? 'cut' };
    }
  } catch (error) {
    const kind = interruption();
    return kind ? { kind } : toNetworkFault(error);
  } finally {
    clearTimeout(timer);
  }
}

async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

function toNetworkFault(error: unknown): Outcome {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code, syscall } = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    readonly code?: unknown;
    readonly syscall?: unknown;
  };
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return { kind: 'lost' };
  return { kind: beforeSending.has(code) || syscall === 'connect' ? 'notSent' : 'lost', code };
}
