import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphCaller, SandboxContext, StandIn } from '../contract.ts';
import { createGates } from '../gates.ts';
import type { Seed, SeedApp } from '../seed/seed.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import { publishTraffic, readBody } from '../server.ts';
import {
  type Answer,
  badRequest,
  type ErrorTrail,
  GraphError,
  sendAnswer,
  toErrorAnswer,
  waitWhileOpen,
} from './answers.ts';
import { type Connectors, createConnectors } from './connectors.ts';
import {
  applyFault,
  type ConnectionSettings,
  createFaults,
  createGraphControls,
  createRateLimit,
  type GraphControls,
  inventLatencyMs,
} from './faults.ts';
import { createIntune } from './intune.ts';
import {
  type AnswerSettings,
  createResources,
  type GraphVersion,
  type ResourceRequest,
  type Resources,
} from './resources.ts';

export interface GraphOptions {
  readonly context: SandboxContext;
  /** The Entra stand-in's `verifyGraphToken`. */
  readonly verifyToken: (token: string) => Promise<GraphCaller | undefined>;
  readonly seed: Pick<Seed, 'tenants' | 'people' | 'tokens' | 'apps'>;
  /** In milliseconds of the context's clock; 8,000 by default. */
  readonly syncDurationMs?: number;
  /** 20 by default. */
  readonly pageSize?: number;
}

/** Intune's part of Microsoft Graph as the bot uses it, v1.0 and beta. Time passes by the context's clock, only at requests. */
export interface GraphStandIn extends StandIn {
  /** In the order in which they came, without tokens. */
  readonly requests: readonly GraphRequest[];
  readonly controls: GraphControls;
  /** A token as it is now, whatever roles say. */
  findToken(id: string): SeedToken | undefined;
  listTokens(tenantId: string): readonly SeedToken[];
  listConnectors(tenantId: string, kind: 'push' | 'ade'): readonly SeedToken[];
  /** Apps bought with one token, as they are now. */
  listApps(tokenId: string): readonly SeedApp[];
}

interface GraphRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Below the prefix, without the query: `/v1.0/deviceAppManagement/vppTokens`. */
  readonly path: string;
  readonly query: string;
  /** A person's object id, `app` for an app token, `nobody` when no valid token came. */
  readonly personOid: string;
  /** Absent until answered, and when the connection was cut. */
  readonly status?: number;
  readonly hadBody: boolean;
  readonly clientRequestId?: string;
}

type Recorded = { -readonly [K in keyof GraphRequest]: GraphRequest[K] };

/** Stands in for Microsoft Graph's Intune part below `/graph`. */
export function createGraph({ context, verifyToken, seed, ...options }: GraphOptions): GraphStandIn {
  const { now } = context;
  const { people, tenants } = seed;
  const requests: Recorded[] = [];
  const faults = createFaults();
  const gates = createGates();
  const limits = { any: 1000, writes: 100 };
  const checkRate = createRateLimit(limits, now);
  const connection: ConnectionSettings = { latency: undefined };
  const answers: AnswerSettings = {
    secret: null,
    actionForm: 'bare',
    duplicateOnV1: 'unknown',
    pageSize: options.pageSize ?? 20,
    notCovered: new Set(),
  };
  const intune = createIntune({
    now,
    tokens: seed.tokens,
    apps: seed.apps,
    settings: {
      syncDurationMs: options.syncDurationMs ?? 8000,
      lagMs: 0,
      dateMovesOnFailure: true,
      automaticSync: false,
    },
  });
  const kept = { intune, settings: answers, people, tenants, now };
  const resources = createResources(kept);
  const connectors = createConnectors(kept);

  const carryOut = (
    record: Recorded,
    caller: GraphCaller | undefined,
    request: IncomingMessage,
    query: URLSearchParams,
  ) => {
    const read = readVersion(record.path);
    if (!read) throw new GraphError(404, 'ResourceNotFound', 'The API version is not known.');
    if (!caller)
      throw new GraphError(
        401,
        'InvalidAuthenticationToken',
        'The access token is missing or not valid.',
        unauthorized,
      );
    checkRate(caller.tenantId, record.method !== 'GET');
    const root = `${context.baseUrl()}/graph/${read.version}`;
    const hasLength = 'content-length' in request.headers || 'transfer-encoding' in request.headers;
    return routeResource(
      { resources, connectors },
      { method: record.method, path: read.path, hasLength },
      { version: read.version, caller, query, address: `${root}${read.path}`, root },
    );
  };

  const handle = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const body = await readBody(request);
    const trail = startTrail(request, now());
    const caller = await findCaller(request, verifyToken);
    const record = startRecord(request, url, caller, body !== '', trail);
    requests.push(record);
    const { method, path, personOid } = record;
    const scopes = [...(caller?.scopes ?? []), ...(caller?.roles ?? [])];
    publishTraffic({ context, kind: 'graph', method, path, personOid, scopes });
    const fault = faults.take(record.method, record.path);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const latencyMs = connection.latency === 'invented' ? inventLatencyMs(Math.random()) : (connection.latency ?? 0);
    const slowMs = fault?.kind === 'slow' ? fault.ms : 0;
    const beforeHeaders = fault?.kind === 'slow' && fault.after === 'headers' ? latencyMs : latencyMs + slowMs;
    if (!(await waitWhileOpen(response, beforeHeaders))) return;
    const held = { ...record, body };
    if (!(await gates.pass(held, 'before'))) {
      request.socket.destroy();
      return;
    }
    const answer = applyFault(
      fault,
      () => refuseAsAnswer(() => carryOut(record, caller, request, url.searchParams), trail),
      trail,
    );
    if (!(await gates.pass(held, 'after'))) {
      request.socket.destroy();
      return;
    }
    record.status = answer.status;
    await sendAnswer(response, answer, trail, latencyMs + slowMs - beforeHeaders);
  };

  return {
    prefix: '/graph',
    requests,
    controls: createGraphControls({ intune, faults, gates, answers, limits, connection, now }),
    findToken: (id) => intune.find(id)?.token,
    listTokens: (tenantId) => intune.list(tenantId).map(({ token }) => token),
    listConnectors: (tenantId, kind) => intune.listConnectors(tenantId, kind).map(({ token }) => token),
    listApps: (tokenId) => intune.listApps(tokenId),
    handle,
  };
}

function startTrail(request: IncomingMessage, now: number): ErrorTrail {
  const requestId = randomUUID();
  const given = request.headers['client-request-id'];
  return { now, requestId, clientRequestId: typeof given === 'string' ? given : requestId };
}

async function findCaller(request: IncomingMessage, verifyToken: GraphOptions['verifyToken']) {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token === undefined ? undefined : verifyToken(token);
}

function startRecord(
  request: IncomingMessage,
  url: URL,
  caller: GraphCaller | undefined,
  hadBody: boolean,
  trail: ErrorTrail,
): Recorded {
  const given = 'client-request-id' in request.headers ? { clientRequestId: trail.clientRequestId } : {};
  return {
    at: trail.now,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.search.slice(1),
    personOid: caller ? (caller.aadObjectId ?? 'app') : 'nobody',
    hadBody,
    ...given,
  };
}

function refuseAsAnswer(answer: () => Answer, trail: ErrorTrail): Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof GraphError) return toErrorAnswer(error, trail);
    throw error;
  }
}

interface RoutedRequest {
  readonly method: string;
  /** Below the version. */
  readonly path: string;
  /** The request said its length: Graph requires that of a POST. */
  readonly hasLength: boolean;
}

function readVersion(pathname: string): { readonly version: GraphVersion; readonly path: string } | undefined {
  const [, version, path = ''] = /^\/(v1\.0|beta)(\/.*)?$/.exec(pathname) ?? [];
  return version === 'v1.0' || version === 'beta' ? { version, path } : undefined;
}

interface Routes {
  readonly resources: Resources;
  readonly connectors: Connectors;
}

/** Routes a path. Graph accepts segments in any case. */
function routeResource({ resources, connectors }: Routes, routed: RoutedRequest, request: ResourceRequest): Answer {
  const [area = '', collection = '', id, action, ...rest] = routed.path.slice(1).split('/').map(decodeSegment);
  const name = `${area}/${collection}`.toLowerCase();
  const actionName = action?.toLowerCase().replace(/^microsoft\.graph\./, '');
  if (rest.length > 0) throw unknownSegment(rest.join('/'));
  if (name === 'deviceappmanagement/vpptokens') {
    if (id === undefined) return onlyGet(routed, () => resources.listTokens(request));
    if (action === undefined) return onlyGet(routed, () => resources.getToken(request, id));
    if (actionName === 'synclicenses') return onlyPost(routed, () => resources.syncLicenses(request, id));
  }
  if (name === 'deviceappmanagement/mobileapps' && action === undefined) {
    if (id === undefined) return onlyGet(routed, () => resources.listApps(request));
    const [, type] = /^(?:microsoft\.)?graph\.(\w+)$/.exec(id) ?? [];
    if (type !== undefined) return onlyGet(routed, () => resources.listApps(request, `microsoft.graph.${type}`));
  }
  if (name === 'devicemanagement/applepushnotificationcertificate' && id === undefined) {
    return onlyGet(routed, () => connectors.getPushCertificate(request));
  }
  if (name === 'devicemanagement/deponboardingsettings' && request.version === 'beta') {
    if (id === undefined) return onlyGet(routed, () => connectors.listEnrollmentTokens(request));
    if (action === undefined) return onlyGet(routed, () => connectors.getEnrollmentToken(request, id));
    if (actionName === 'syncwithappledeviceenrollmentprogram') {
      return onlyPost(routed, () => connectors.syncEnrollmentToken(request, id));
    }
  }
  throw unknownSegment(action ?? id ?? collection);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`The path segment '${segment}' is not well formed.`);
  }
}

const unknownSegment = (segment: string) => badRequest(`Resource not found for the segment '${segment}'.`);

function onlyGet({ method }: RoutedRequest, answer: () => Answer): Answer {
  if (method === 'GET') return answer();
  throw new GraphError(405, 'Request_BadRequest', `The method ${method} is not allowed here.`, { allow: 'GET' });
}

function onlyPost({ method, hasLength }: RoutedRequest, answer: () => Answer): Answer {
  if (method !== 'POST') {
    throw new GraphError(405, 'Request_BadRequest', `The method ${method} is not allowed here.`, { allow: 'POST' });
  }
  if (!hasLength) throw new GraphError(411, 'LengthRequired', 'A POST must say its Content-Length, also when it is 0.');
  return answer();
}

const unauthorized = { 'www-authenticate': 'Bearer realm="", error="invalid_token"' };
