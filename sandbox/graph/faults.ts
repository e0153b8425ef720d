import type { Gate, GatePlan, Gates } from '../gates.ts';
import type { SeedApp } from '../seed/seed.ts';
import { createSeed } from '../seed/seed.ts';
import { createToken, dayMs, minuteMs, type SeedToken } from '../seed/seed-token.ts';
import {
  type Answer,
  type ErrorTrail,
  forbiddenByIntune,
  GraphError,
  intuneError,
  missingScope,
  toErrorAnswer,
} from './answers.ts';
import type { Intune, IntuneToken } from './intune.ts';
import type { AnswerSettings } from './resources.ts';

/** A fault of Graph. `slow` and `hang` take real time: they act on the connection. */
export type GraphFault =
  | {
      readonly kind: 'status';
      readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 500 | 503 | 504;
      /** Seconds from now, written as a number or as an HTTP date; no header when left out. */
      readonly retryAfterS?: number;
      readonly retryAfterAs?: 'seconds' | 'httpDate';
    }
  /** A gateway's page, 502 by default. */
  | { readonly kind: 'html'; readonly status?: number }
  /** The request is carried out; its answer has no body. */
  | { readonly kind: 'emptyBody' }
  /** The request is carried out; half of its answer is sent. */
  | { readonly kind: 'truncatedJson' }
  /** The connection is cut before anything is carried out. */
  | { readonly kind: 'reset' }
  /** The answer is late, either whole or after its headers. */
  | { readonly kind: 'slow'; readonly ms: number; readonly after?: 'nothing' | 'headers' }
  /** Never answered. */
  | { readonly kind: 'hang' }
  /** The request is carried out and answered 504. */
  | { readonly kind: 'startedThen504' }
  /** Continuous access evaluation: 401 whose WWW-Authenticate carries these claims, in base64. */
  | { readonly kind: 'claimsChallenge'; readonly claims?: string }
  /** 403 that names permissions, as for a token issued before they were consented to. */
  | { readonly kind: 'missingScope' }
  /** The list's answer points to another host for its next page. */
  | { readonly kind: 'foreignNextLink'; readonly url?: string };

/** A fault and the requests that it is for. `path` is a part of the path, such as `syncLicenses`. */
export interface FaultPlan {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly fault: GraphFault;
}

/** Planned faults, the earliest first. */
export function createFaults() {
  const plans: FaultPlan[] = [];
  return {
    plan(count: number, plan: FaultPlan) {
      plans.push(...Array.from({ length: count }, () => plan));
    },
    clear() {
      plans.length = 0;
    },
    take(method: string, path: string): GraphFault | undefined {
      const index = plans.findIndex((plan) => isFor(plan, method, path));
      return index < 0 ? undefined : plans.splice(index, 1)[0]?.fault;
    },
  };
}

function isFor(plan: FaultPlan, method: string, path: string): boolean {
  const isList = method === 'GET' && /\/(vppTokens|mobileApps|depOnboardingSettings)$/.test(path);
  if (plan.fault.kind === 'foreignNextLink' && !isList) return false;
  return (plan.method ?? method) === method && path.includes(plan.path ?? '');
}

/** A request's answer under a fault; `carryOut` is called where the fault lets the request through. */
export function applyFault(fault: GraphFault | undefined, carryOut: () => Answer, trail: ErrorTrail): Answer {
  switch (fault?.kind) {
    case 'status':
      return toErrorAnswer(statusError(fault, trail.now), trail);
    case 'html': {
      const body =
        '<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
      return { status: fault.status ?? 502, headers: { 'content-type': 'text/html' }, body };
    }
    case 'emptyBody': {
      const { status, headers } = carryOut();
      return { status, ...(headers && { headers }) };
    }
    case 'truncatedJson': {
      const answer = carryOut();
      const text = JSON.stringify(answer.body ?? { value: [] });
      return { ...answer, body: text.slice(0, Math.floor(text.length / 2)) };
    }
    case 'startedThen504':
      carryOut();
      return toErrorAnswer(new GraphError(504, 'UnknownError', ''), trail);
    case 'claimsChallenge':
      return toErrorAnswer(claimsChallenge(fault.claims), trail);
    case 'missingScope':
      return toErrorAnswer(missingScope(['DeviceManagementServiceConfig.ReadWrite.All']), trail);
    case 'foreignNextLink': {
      const answer = carryOut();
      const url = fault.url ?? 'https://graph.example.com/v1.0/deviceAppManagement/vppTokens?$skiptoken=elsewhere';
      return answer.status === 200 ? { ...answer, body: { ...Object(answer.body), '@odata.nextLink': url } } : answer;
    }
    default:
      return carryOut();
  }
}

function statusError(fault: Extract<GraphFault, { kind: 'status' }>, now: number): GraphError {
  const { status, retryAfterS } = fault;
  if (status === 403) return forbiddenByIntune();
  const headers: Record<string, string> = {};
  if (retryAfterS !== undefined) {
    const date = new Date(now + retryAfterS * 1000).toUTCString();
    headers['retry-after'] = fault.retryAfterAs === 'httpDate' ? date : String(retryAfterS);
  }
  const [code, message] = bodies[status];
  if (status === 404) return intuneError(404, code, message);
  return new GraphError(status, code, message, headers);
}

const bodies = {
  400: ['BadRequest', 'The request is not valid.'],
  401: ['InvalidAuthenticationToken', 'Lifetime validation failed, the token is expired.'],
  404: ['ResourceNotFound', 'The resource was not found'],
  409: ['Conflict', 'The request conflicts with the current state.'],
  429: ['TooManyRequests', 'Too many requests.'],
  500: ['InternalServerError', 'An internal server error has occurred.'],
  503: ['CancelledOnServiceTimeout', 'The service did not answer in time.'],
  504: ['UnknownError', ''],
} as const;

function claimsChallenge(claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'): GraphError {
  const encoded = Buffer.from(claims).toString('base64');
  const challenge = `Bearer realm="", error="insufficient_claims", claims="${encoded}"`;
  return new GraphError(401, 'InvalidAuthenticationToken', 'Continuous access evaluation resulted in a challenge.', {
    'www-authenticate': challenge,
  });
}

/** Durations in milliseconds of the context's clock, except where a fault says otherwise. */
export interface GraphControls {
  /** Plans a fault for the next `count` matching requests. Earlier plans come first. */
  failNext(count: number, plan: FaultPlan): void;
  /** Drops all planned faults. */
  failNoMore(): void;
  /** Holds the next matching request until the gate is opened or dropped. */
  holdNext(plan: GatePlan): Gate;
  /** Duration of syncs that begin from now on. */
  setSyncDuration(ms: number): void;
  /** How the next sync ends; only once, then `completed` again. */
  nextSyncEnds(ending: 'completed' | 'failed' | 'stuck'): void;
  /** For this long after a POST, reads show the token as it was before. */
  setLag(ms: number): void;
  /** lastSyncDateTime moves when a sync fails, true by default: Intune's own behaviour is not documented. */
  setDateMovesOnFailure(moves: boolean): void;
  /** Starts a sync outside the bot, such as a colleague's in the admin center. */
  startSync(id: string): void;
  /** Intune syncs valid tokens 24 h after their last sync. Off by default. */
  setAutomaticSync(on: boolean): void;
  expireToken(id: string): void;
  /** Moves its expiry to `ms` from now; an expired token whose date is ahead again is valid again. */
  expireIn(id: string, ms: number): void;
  /** Lets time pass for a tenant: its dates move into the past, no clock is touched. */
  passTime(tenantId: string, ms: number): void;
  /** Tokens, other connectors and apps as at the start, with dates relative to now; all is covered and no fault is left. */
  reset(): void;
  /** Makes it valid for a year; for `lagMs` reads still show the old date and state. */
  renewToken(id: string, options?: { readonly lagMs?: number }): void;
  /** Any word, also one that Graph does not define. */
  setState(id: string, state: string): void;
  deleteToken(id: string): void;
  /** Lists leave this token out, although it can be read by its id; `undefined` ends that. */
  leaveOut(id: string | undefined): void;
  addToken(token: SeedToken, apps?: readonly SeedApp[]): void;
  /** Adds filler tokens to a tenant, or removes its last tokens, until it has `count`. */
  setTokenCount(tenantId: string, count: number): void;
  /** Licences that appear with the token's next completed sync. */
  buyLicenses(appId: string, count: number): void;
  /** Gives out so many of an app's licenses, as far as there are any. */
  useLicenses(appId: string, count: number): void;
  /** Value of the `token` property wherever $select does not exclude it; `undefined` makes it null again. */
  revealTokenSecret(canary: string | undefined): void;
  /** Form of the answer to syncLicenses: documents and schema disagree. `bare` by default. */
  setActionForm(form: 'bare' | 'wrapped' | 'empty'): void;
  /** v1.0 has no state for a duplicate location, and what it sends instead is not documented. `unknown` by default. */
  setDuplicateOnV1(state: 'unknown' | 'duplicateLocationId'): void;
  /** 403 with the names of permissions for those whose consent does not cover this connector. */
  coverConnector(kind: 'push' | 'ade', isCovered: boolean): void;
  setPageSize(size: number): void;
  /** Real milliseconds before each answer; `invented` draws from a distribution that was not measured. None by default. */
  setLatency(latency: number | 'invented' | undefined): void;
  /** Requests per app and tenant in a sliding 20 s; by default Graph's published 1,000, of them 100 writes. */
  setLimits(limits: { readonly any?: number; readonly writes?: number }): void;
}

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

/** Those that name a token or an app throw when there is none. */
export function createGraphControls(parts: ControlParts): GraphControls {
  const { intune, faults, gates, answers, limits, connection, now } = parts;
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
    passTime: intune.passTime,
    reset() {
      const { tokens, apps } = createSeed(now());
      intune.reset(tokens, apps);
      faults.clear();
      answers.notCovered.clear();
      connection.latency = undefined;
    },
    useLicenses: (appId, count) => intune.use(appId, count),
    leaveOut(id) {
      answers.leftOut = id;
    },
    revealTokenSecret(canary) {
      answers.secret = canary ?? null;
    },
    setActionForm(form) {
      answers.actionForm = form;
    },
    setDuplicateOnV1(state) {
      answers.duplicateOnV1 = state;
    },
    coverConnector(kind, isCovered) {
      if (isCovered) answers.notCovered.delete(kind);
      else answers.notCovered.add(kind);
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
  const get = (id: string): IntuneToken => {
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
    expireIn(id: string, ms: number) {
      const { state } = get(id).token;
      // A minute more, so that whole days are left when the bot looks.
      change(id, { expiresAt: now() + ms + minuteMs, ...(state === 'expired' && ms > 0 && { state: 'valid' }) });
    },
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

/** Half under 150 ms, 95 % under 800 ms, then a tail up to 30 s: invented, not measured. `dice` is 0 to 1. */
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

const windowMs = 20_000;

/** Graph's published limits for `vppToken`, per app and tenant in 20 s. */
interface RateLimits {
  any: number;
  writes: number;
}

/** Sliding windows by tenant. Throws 429 for a request over the limit, which does not count. */
export function createRateLimit(limits: RateLimits, now: () => number) {
  const times = new Map<string, number[]>();
  const countRecent = (key: string) => {
    const recent = (times.get(key) ?? []).filter((at) => at > now() - windowMs);
    times.set(key, recent);
    return recent;
  };
  const check = (recent: readonly number[], limit: number) => {
    if (recent.length < limit) return;
    const freeInMs = (recent[recent.length - limit] ?? now()) + windowMs - now();
    const headers = { 'retry-after': String(Math.max(1, Math.ceil(freeInMs / 1000))) };
    throw new GraphError(429, 'TooManyRequests', 'Too many requests.', headers);
  };
  return (tenantId: string, isWrite: boolean) => {
    const any = countRecent(tenantId);
    const writes = countRecent(`${tenantId} writes`);
    check(any, limits.any);
    if (isWrite) check(writes, limits.writes);
    any.push(now());
    if (isWrite) writes.push(now());
  };
}
