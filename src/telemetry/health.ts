import type { Config } from '../config.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import { isAnswering } from '../store/health.ts';
import type { Db } from '../store/schema.ts';

export interface ReadinessParts {
  readonly config: Pick<Config, 'monitor' | 'allowedTenants'>;
  readonly db: Db;
  readonly inboundKeys: OpenIdKeys;
  readonly getAppToken: (tenantId: string) => Promise<string>;
  readonly now: () => number;
}

/** A probe that comes more often than this is answered with what was found last. */
const restMs = 1_000;

/**
 * Names what is not there yet: `store`, `inboundKeys` and, with monitoring on, `appToken`. One tenant without consent does not
 * stop the others, so one app token is enough.
 */
export function createReadiness(parts: ReadinessParts): () => Promise<readonly string[]> {
  const checks: readonly (readonly [name: string, isReady: () => Promise<boolean>])[] = [
    ['store', () => isAnswering(parts.db, parts.now())],
    ['inboundKeys', () => parts.inboundKeys.isReady()],
    ...(parts.config.monitor ? [['appToken', hasAppToken] as const] : []),
  ];
  let last: { readonly at: number; readonly found: Promise<readonly string[]> } | undefined;

  async function hasAppToken(): Promise<boolean> {
    const found = await Promise.all(parts.config.allowedTenants.map((tenantId) => isFine(parts.getAppToken(tenantId))));
    return found.includes(true);
  }

  async function look(): Promise<readonly string[]> {
    const found = await Promise.all(checks.map(async ([name, isReady]) => ({ name, ready: await isReady() })));
    return found.filter(({ ready }) => !ready).map(({ name }) => name);
  }

  return () => {
    const now = parts.now();
    if (!last || Math.abs(now - last.at) >= restMs) last = { at: now, found: look() };
    return last.found;
  };
}

const isFine = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );
