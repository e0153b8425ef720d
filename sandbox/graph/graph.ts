import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphCaller, SandboxContext } from '../contract.ts';
import { createGates } from '../gates.ts';
import { readBody } from '../read-body.ts';
import type { Seed } from '../seed/seed.ts';
import { witness } from '../witness.ts';
import type { Answer } from './answer.ts';
import { applyFault, createFaults } from './faults.ts';
import { type ConnectionSettings, createGraphControls } from './graph-controls.ts';
import { type ErrorTrail, GraphError, toErrorAnswer } from './graph-error.ts';
import type { GraphRequest, GraphStandIn } from './graph-stand-in.ts';
import { createIntune } from './intune.ts';
import { inventLatencyMs, waitWhileOpen } from './latency.ts';
import { createRateLimit } from './rate-limit.ts';
import { type AnswerSettings, createResources } from './resources.ts';
import { readVersion, routeResource } from './route-resource.ts';
import { sendAnswer } from './send-answer.ts';

export interface GraphOptions {
  readonly context: SandboxContext;
  /** The Entra stand-in's `verifyGraphToken`. */
  readonly verifyToken: (token: string) => Promise<GraphCaller | undefined>;
  readonly seed: Pick<Seed, 'tenants' | 'people' | 'tokens' | 'apps'>;
  /** Of syncs, in milliseconds of the context's clock; 8,000 unless told. */
  readonly syncDurationMs?: number;
  /** 20 unless told. */
  readonly pageSize?: number;
}

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
  const resources = createResources({ intune, settings: answers, people, tenants, now });

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
      resources,
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
    witness({ context, kind: 'graph', method, path, personOid, scopes });
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
    listApps: (tokenId) => intune.listApps(tokenId),
    handle,
  };
}

type Recorded = { -readonly [K in keyof GraphRequest]: GraphRequest[K] };

const unauthorized = { 'www-authenticate': 'Bearer realm="", error="invalid_token"' };

function refuseAsAnswer(answer: () => Answer, trail: ErrorTrail): Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof GraphError) return toErrorAnswer(error, trail);
    throw error;
  }
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
