import type { AlertSubscriptions } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { createWorkerLoop, TurnOver } from '../lib/worker.ts';
import type { TellSubscription } from './tell-subscription.ts';
import type { TellingLog } from './telling-place.ts';

export interface NotifierParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'claimDue' | 'keep' | 'release'>;
  readonly tell: TellSubscription;
  /** Of this process alone, new at every start. */
  readonly owner: string;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: TellingLog;
}

export interface Notifier {
  start(): void;
  /** Something was queued, or may be due: looks at once. */
  wake(): void;
  /** Starts no further message; resolves once those on their way are answered and claims given back, after 5 s at the latest. */
  stop(): Promise<void>;
}

/** Others may queue something, and what waits falls due. */
const lookEveryMs = 5_000;
/** Longer than waiting for room and a call to Teams take together, since a claim is looked after before each call. */
const leaseMs = 60_000;
const keepAfterMs = leaseMs / 3;
const mostAtOnce = 50;
const stopWithinMs = 5_000;

/** Tells subscriptions what is due to them: many conversations side by side, each in its own order and by one process at a time. */
export function createNotifier(parts: NotifierParts): Notifier {
  const { subscriptions, owner, now, wait, log } = parts;
  const turns = new Map<string, Promise<void>>();

  async function take(subscription: AlertSubscription, claimedAt: number): Promise<void> {
    const { id } = subscription;
    let keptAt = claimedAt;
    async function hold(): Promise<void> {
      if (loop.stopping.aborted) throw new TurnOver();
      if (now() >= keptAt && now() - keptAt < keepAfterMs) return;
      const at = now();
      if (!(await subscriptions.keep(id, owner, at, leaseMs))) throw new TurnOver();
      keptAt = at;
    }
    try {
      const hadWork = await parts.tell({ subscription, hold, signal: loop.stopping });
      // Whatever made it due, it must not be taken up again and again without a rest.
      if (!hadWork) await wait(lookEveryMs, loop.stopping);
      await subscriptions.release(id, owner);
    } catch (error) {
      // Not given back: it is tried again once the lease has passed, when the store may be well again.
      log.error({ err: error, subscriptionId: id }, 'a conversation could not be told of its alerts');
    }
  }

  function begin(subscription: AlertSubscription, claimedAt: number): void {
    const { id } = subscription;
    if (turns.has(id)) return;
    const turn = take(subscription, claimedAt).finally(() => {
      turns.delete(id);
      loop.wake();
    });
    turns.set(id, turn);
  }

  const loop = createWorkerLoop({
    async pass() {
      const at = now();
      const free = mostAtOnce - turns.size;
      if (free > 0) for (const each of await subscriptions.claimDue(owner, at, leaseMs, free)) begin(each, at);
      return lookEveryMs;
    },
    wait,
    onFailure: (error) => log.error({ err: error }, 'looking for alerts to tell failed; it is tried again'),
  });

  return {
    start: loop.start,
    wake: loop.wake,
    async stop() {
      const ended = loop.stop().then(() => Promise.all(turns.values()));
      const late = new AbortController();
      await Promise.race([ended, wait(stopWithinMs, late.signal)]);
      late.abort();
      if (turns.size > 0) log.warn({ conversations: turns.size }, 'stopped before Teams had answered everything');
    },
  };
}
