import type { SeedApp } from '../seed/seed-app.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import { beginSync, isSyncing, type KeptToken, keepToken, settle } from './kept-token.ts';

/** States in which Apple answers Intune; a sync in any other ends as failed. */
const workingStates = new Set(['valid', 'unknown', 'duplicateLocationId']);

export interface IntuneSettings {
  syncDurationMs: number;
  lagMs: number;
  dateMovesOnFailure: boolean;
  automaticSync: boolean;
  /** For the next sync that begins. */
  nextEnding?: 'completed' | 'failed' | 'stuck' | undefined;
}

/** The tokens and apps of all tenants, always settled to the present. */
export interface Intune {
  readonly settings: IntuneSettings;
  find(id: string): KeptToken | undefined;
  list(tenantId: string): KeptToken[];
  listApps(tokenId: string): SeedApp[];
  /** Joins a sync under way; begins one otherwise, also where one is stuck. The token as it is then, lag or not. */
  startSync(kept: KeptToken): SeedToken;
  add(token: SeedToken, apps?: readonly SeedApp[]): void;
  remove(id: string): void;
  buy(appId: string, count: number): void;
}

interface IntuneOptions {
  now(): number;
  readonly tokens: readonly SeedToken[];
  readonly apps: readonly SeedApp[];
  readonly settings: IntuneSettings;
}

export function createIntune({ now, tokens, apps, settings }: IntuneOptions): Intune {
  const kept = new Map(tokens.map((token) => [token.id, keepToken(token)]));
  const appsById = new Map(apps.map((app) => [app.id, app]));
  const purchases = new Map<string, number>();

  const listApps = (tokenId: string) => [...appsById.values()].filter((app) => app.tokenId === tokenId);
  const onCompleted = (tokenId: string) => {
    for (const app of listApps(tokenId)) {
      const bought = purchases.get(app.id) ?? 0;
      appsById.set(app.id, { ...app, totalLicenseCount: app.totalLicenseCount + bought });
      purchases.delete(app.id);
    }
  };
  const settled = (one: KeptToken) => {
    settle(one, now(), { ...settings, onCompleted });
    return one;
  };

  return {
    settings,
    listApps(tokenId) {
      const one = kept.get(tokenId);
      if (one) settled(one);
      return listApps(tokenId);
    },
    find(id) {
      const one = kept.get(id.toLowerCase());
      return one && settled(one);
    },
    list: (tenantId) => [...kept.values()].filter(({ token }) => token.tenantId === tenantId).map(settled),
    startSync(one) {
      if (isSyncing(one)) return one.token;
      const at = now();
      if (settings.lagMs > 0) one.lagging = { until: at + settings.lagMs, shown: one.token };
      const ending = settings.nextEnding ?? (workingStates.has(one.token.state) ? 'completed' : 'failed');
      settings.nextEnding = undefined;
      beginSync(
        one,
        at,
        ending === 'stuck' ? { ending: 'completed' } : { ending, endsAt: at + settings.syncDurationMs },
      );
      return one.token;
    },
    add(token, newApps = []) {
      kept.set(token.id, keepToken(token));
      for (const app of newApps) appsById.set(app.id, app);
    },
    remove(id) {
      kept.delete(id);
      for (const app of listApps(id)) appsById.delete(app.id);
    },
    buy(appId, count) {
      if (!appsById.has(appId)) throw new Error(`No app has the id ${appId}`);
      purchases.set(appId, (purchases.get(appId) ?? 0) + count);
    },
  };
}
