import type { Config } from '../config.ts';
import { AppTokenError } from '../domain/sign-in-request.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import type { AppTokens } from '../identity/tokens.ts';
import { within } from '../lib/async.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import { isAnswering } from '../store/health.ts';
import type { Db } from '../store/schema.ts';

export interface ReadinessParts {
  readonly config: Config;
  readonly db: Db;
  readonly inboundKeys: OpenIdKeys;
  readonly appTokens: AppTokens;
  readonly runtime: Runtime;
}

/** `notReady`: the process cannot do its work. `degraded`: it can do without for a while. Both name parts, no tenant and no cause. */
export interface Readiness {
  readonly notReady: readonly string[];
  readonly degraded: readonly string[];
}

/** Probes within this time get the same answer, so that frequent ones cost nothing. */
const restMs = 1_000;
/** A probe waits no longer for a part that is slow; it is answered with what was known before. */
const patienceMs = 500;
/** Until a tenant whose app token was refused is asked for again on behalf of a probe: consent does not come within seconds. */
const refusedForMs = 5 * minuteMs;
const unavailableForMs = 3_000;
/** Tenants asked at once, until the first token is there. */
const mostAsked = 3;

/**
 * Answers probes at once, from what is known. `store` and `inboundKeys` are needed always; with monitoring on, the first app token of
 * any one tenant (`appToken`) is needed once. Later a tenant without a token is only `degraded`: people go on being answered.
 */
export function createReadiness({
  config,
  db,
  inboundKeys,
  appTokens,
  runtime,
}: ReadinessParts): () => Promise<Readiness> {
  const askAgainAt = new Map<string, number>();
  let hasHadAppToken = !config.monitor;

  /** Rejects when the tenant gives none. */
  async function askForAppToken(tenantId: string): Promise<void> {
    try {
      await appTokens.getAppToken(tenantId);
      hasHadAppToken = true;
    } catch (error) {
      const isPassing = !(error instanceof AppTokenError) || ['unavailable', 'throttled'].includes(error.reason);
      askAgainAt.set(tenantId, runtime.now() + (isPassing ? unavailableForMs : refusedForMs));
      throw error;
    }
  }

  /** One tenant without consent, or that does not answer, must not stop the others. */
  async function hasFirstAppToken(): Promise<boolean> {
    hasHadAppToken ||= appTokens.hasToken();
    if (hasHadAppToken) return true;
    const due = config.allowedTenants.filter((tenantId) => (askAgainAt.get(tenantId) ?? 0) <= runtime.now());
    await Promise.any(due.slice(0, mostAsked).map(askForAppToken)).catch(() => undefined);
    return hasHadAppToken;
  }

  const needed: readonly (readonly [name: string, isReady: () => Promise<boolean>])[] = [
    ['store', lastKnown(() => isAnswering(db, runtime.now()), runtime)],
    ['inboundKeys', lastKnown(inboundKeys.isReady, runtime)],
    ['appToken', lastKnown(hasFirstAppToken, runtime)],
  ];

  return async () => {
    const found = await Promise.all(needed.map(async ([name, isReady]) => ({ name, isReady: await isReady() })));
    return {
      notReady: found.filter((part) => !part.isReady).map(({ name }) => name),
      degraded: config.monitor && hasHadAppToken && appTokens.isFailing() ? ['appToken'] : [],
    };
  };
}

/** A check whose newest answer is given, false until there was one. It runs at most once a second, and is not waited for when slow. */
function lastKnown(check: () => Promise<boolean>, runtime: Runtime): () => Promise<boolean> {
  let known = false;
  let running: Promise<void> | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = runtime.now();
    if (!running && Math.abs(now - startedAt) >= restMs) {
      startedAt = now;
      running = check()
        .then((isReady) => {
          known = isReady;
        })
        .finally(() => {
          running = undefined;
        });
    }
    if (running) await within(patienceMs, running, runtime.wait);
    return known;
  };
}
