import type { Config } from '../config.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import type { AppTokens } from '../identity/tokens.ts';
import type { Runtime } from '../lib/runtime.ts';
import { isAnswering } from '../store/health.ts';
import type { Db } from '../store/schema.ts';

export interface ReadinessParts {
  readonly config: Config;
  readonly db: Db;
  readonly inboundKeys: OpenIdKeys;
  readonly getAppToken: AppTokens['getAppToken'];
  readonly runtime: Runtime;
}

/** Probes within this time get the same answer, so that frequent ones cost nothing. */
const restMs = 1_000;

/**
 * Lists the parts that are not ready: `store`, `inboundKeys` and, with monitoring on, `appToken`. One tenant without consent must not
 * stop the others, so one app token is enough.
 */
export function createReadiness(parts: ReadinessParts): () => Promise<readonly string[]> {
  const { config, db, inboundKeys, getAppToken, runtime } = parts;
  const checks: [name: string, isReady: () => Promise<boolean>][] = [
    ['store', () => isAnswering(db, runtime.now())],
    ['inboundKeys', inboundKeys.isReady],
  ];
  if (config.monitor) checks.push(['appToken', hasAppToken]);
  let last: { readonly at: number; readonly notReady: Promise<readonly string[]> } | undefined;

  async function hasAppToken(): Promise<boolean> {
    const found = await Promise.all(config.allowedTenants.map((tenantId) => succeeds(getAppToken(tenantId))));
    return found.includes(true);
  }

  async function listNotReady(): Promise<readonly string[]> {
    const results = await Promise.all(checks.map(async ([name, isReady]) => ({ name, ready: await isReady() })));
    return results.filter(({ ready }) => !ready).map(({ name }) => name);
  }

  return () => {
    const now = runtime.now();
    if (!last || Math.abs(now - last.at) >= restMs) last = { at: now, notReady: listNotReady() };
    return last.notReady;
  };
}

const succeeds = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );
