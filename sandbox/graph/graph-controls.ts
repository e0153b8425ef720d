import type { Gates } from '../gates.ts';
import { createToken, dayMs, type SeedToken } from '../seed/seed-token.ts';
import type { createFaults } from './faults.ts';
import type { GraphControls } from './graph-stand-in.ts';
import type { Intune } from './intune.ts';
import type { KeptToken } from './kept-token.ts';
import type { RateLimits } from './rate-limit.ts';
import type { AnswerSettings } from './resources.ts';

export interface ConnectionSettings {
  latency: number | 'invented' | undefined;
}

interface ControlParts {
  readonly intune: Intune;
  readonly faults: ReturnType<typeof createFaults>;
  readonly gates: Gates;
  readonly answers: AnswerSettings;
  readonly limits: RateLimits;
  readonly connection: ConnectionSettings;
  now(): number;
}

/** The panel's levers. Those that name a token or app throw when there is none. */
export function createGraphControls(parts: ControlParts): GraphControls {
  const { intune, faults, gates, answers, limits, connection } = parts;
  const { settings } = intune;
  return {
    ...tokenControls(parts),
    failNext: (count, plan) => faults.plan(count, plan),
    failNoMore: () => faults.clear(),
    holdNext: gates.hold,
    setSyncDuration(ms) {
      settings.syncDurationMs = ms;
    },
    nextSyncEnds(ending) {
      settings.nextEnding = ending;
    },
    setLag(ms) {
      settings.lagMs = ms;
    },
    setDateMovesOnFailure(moves) {
      settings.dateMovesOnFailure = moves;
    },
    setAutomaticSync(on) {
      settings.automaticSync = on;
    },
    buyLicenses: (appId, count) => intune.buy(appId, count),
    revealTokenSecret(canary) {
      answers.secret = canary ?? null;
    },
    setActionForm(form) {
      answers.actionForm = form;
    },
    setDuplicateOnV1(state) {
      answers.duplicateOnV1 = state;
    },
    setPageSize(size) {
      answers.pageSize = size;
    },
    setLatency(latency) {
      connection.latency = latency;
    },
    setLimits(changed) {
      Object.assign(limits, changed);
    },
  };
}

function tokenControls({ intune, now }: ControlParts) {
  const get = (id: string): KeptToken => {
    const kept = intune.find(id);
    if (!kept) throw new Error(`No token has the id ${id}`);
    return kept;
  };
  const change = (id: string, changed: Partial<SeedToken>) => {
    const kept = get(id);
    kept.token = { ...kept.token, ...changed, lastModifiedAt: now() };
  };
  return {
    startSync(id: string) {
      intune.startSync(get(id));
    },
    expireToken: (id: string) => change(id, { state: 'expired', expiresAt: now() - 1000 }),
    renewToken(id: string, { lagMs = 0 } = {}) {
      get(id).renewal = { showsAt: now() + lagMs, expiresAt: now() + 365 * dayMs };
    },
    setState: (id: string, state: string) => change(id, { state }),
    deleteToken: (id: string) => intune.remove(get(id).token.id),
    addToken: intune.add,
    setTokenCount(tenantId: string, count: number) {
      const present = intune.list(tenantId);
      for (const { token } of present.slice(count)) intune.remove(token.id);
      for (let number = present.length + 1; number <= count; number++) {
        intune.add(createToken(now(), fillerToken(tenantId, number)));
      }
    },
  };
}

function fillerToken(tenantId: string, number: number) {
  const label = String(number).padStart(4, '0');
  return {
    id: `${tenantId.slice(0, 8)}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
    tenantId,
    organizationName: `Branch ${label}`,
    appleId: `branch${label}@branches.example.com`,
  };
}
