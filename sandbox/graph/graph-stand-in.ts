import type { StandIn } from '../contract.ts';
import type { Gate, GatePlan } from '../gates.ts';
import type { SeedApp } from '../seed/seed-app.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import type { GraphFault } from './graph-fault.ts';

/** Microsoft Graph's Intune part as the bot meets it, v1.0 and beta. Its time is the context's; nothing runs in between requests. */
export interface GraphStandIn extends StandIn {
  /** Requests in the order they came. Never a token. */
  readonly requests: readonly GraphRequest[];
  readonly controls: GraphControls;
  /** A token as it stands now, whoever may see it. */
  findToken(id: string): SeedToken | undefined;
  listTokens(tenantId: string): readonly SeedToken[];
  /** Apps bought with one token, as they stand now. */
  listApps(tokenId: string): readonly SeedApp[];
}

export interface GraphRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Below the prefix, without the query: `/v1.0/deviceAppManagement/vppTokens`. */
  readonly path: string;
  readonly query: string;
  /** A person's object id, `app` for an app token, `nobody` when no valid token came. */
  readonly personOid: string;
  /** Absent while unanswered, and for good when the connection was cut. */
  readonly status?: number;
  readonly hadBody: boolean;
  readonly clientRequestId?: string;
}

/** Which requests a fault is for. `path` is a part of the path, such as `syncLicenses`. */
export interface FaultPlan {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly fault: GraphFault;
}

/** Durations in milliseconds of the context's clock, except where a fault says otherwise. */
export interface GraphControls {
  /** The next `count` requests that match. Plans made earlier are used up first. */
  failNext(count: number, plan: FaultPlan): void;
  /** Forgets what is left of all planned faults. */
  failNoMore(): void;
  /** Holds the next request that matches. */
  holdNext(plan: GatePlan): Gate;
  /** How long a sync begun from now on takes. */
  setSyncDuration(ms: number): void;
  /** How the next sync that begins ends; `completed` unless told. Once. */
  nextSyncEnds(ending: 'completed' | 'failed' | 'stuck'): void;
  /** Reads go on showing the token as it was for this long after a POST. */
  setLag(ms: number): void;
  /** Whether lastSyncDateTime moves when a sync fails; nobody has seen a real one. True at the start. */
  setDateMovesOnFailure(moves: boolean): void;
  /** A sync that is not the bot's: the daily one, or a colleague's in the admin center. */
  startSync(id: string): void;
  /** Valid tokens sync by themselves 24 h after their last sync. Off at the start. */
  setAutomaticSync(on: boolean): void;
  expireToken(id: string): void;
  /** A year from now and valid; with `lagMs` the old date and state are shown for that long. */
  renewToken(id: string, options?: { readonly lagMs?: number }): void;
  /** Any word, also one Graph does not have. */
  setState(id: string, state: string): void;
  deleteToken(id: string): void;
  addToken(token: SeedToken, apps?: readonly SeedApp[]): void;
  /** Fills a tenant with tokens nobody looks at, or takes away from its end, until it has `count`. */
  setTokenCount(tenantId: string, count: number): void;
  /** Licences that show at the token's next completed sync. */
  buyLicenses(appId: string, count: number): void;
  /** The `token` property holds this wherever $select does not leave it out; null again with undefined. */
  revealTokenSecret(canary: string | undefined): void;
  /** Form of the answer to syncLicenses: documents and schema disagree. `bare` at the start. */
  setActionForm(form: 'bare' | 'wrapped' | 'empty'): void;
  /** v1.0 has no word for a duplicate location, and nobody knows what it sends instead. `unknown` at the start. */
  setDuplicateOnV1(state: 'unknown' | 'duplicateLocationId'): void;
  setPageSize(size: number): void;
  /** Real milliseconds before each answer; `invented` draws from a distribution nobody measured. None at the start. */
  setLatency(latency: number | 'invented' | undefined): void;
  /** Requests per app and tenant in a sliding 20 s: Graph's published 1,000, of them 100 writes, at the start. */
  setLimits(limits: { readonly any?: number; readonly writes?: number }): void;
}
