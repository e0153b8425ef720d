import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Half under 150 ms, 95 % under 800 ms, then a tail up to 30 s: invented, nobody has measured Intune. `dice` is 0 to 1. */
export function inventLatencyMs(dice: number): number {
  const steps = [
    [0, 60],
    [0.5, 150],
    [0.95, 800],
    [0.995, 5000],
    [1, 30_000],
  ] as const;
  const next = Math.max(
    1,
    steps.findIndex(([share]) => dice < share),
  );
  const [fromShare, fromMs] = steps[next - 1] ?? steps[0];
  const [toShare, toMs] = steps[next] ?? steps[1];
  return fromMs + ((dice - fromShare) / (toShare - fromShare)) * (toMs - fromMs);
}

/** Waits real time; false when the client has gone in the meantime. */
export async function waitWhileOpen(response: ServerResponse, ms: number): Promise<boolean> {
  if (ms <= 0) return !response.destroyed;
  const closed = new AbortController();
  const abort = () => closed.abort();
  response.once('close', abort);
  try {
    await wait(ms, undefined, { signal: closed.signal });
    return true;
  } catch {
    return false;
  } finally {
    response.off('close', abort);
  }
}
