import type { Answer } from './answer.ts';
import { type ErrorTrail, forbiddenByIntune, GraphError, intuneError, toErrorAnswer } from './graph-error.ts';
import type { GraphFault } from './graph-fault.ts';
import type { FaultPlan } from './graph-stand-in.ts';

/** Faults waiting for their request, the earliest planned first. */
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
  const isList = method === 'GET' && /\/(vppTokens|mobileApps)$/.test(path);
  if (plan.fault.kind === 'foreignNextLink' && !isList) return false;
  return (plan.method ?? method) === method && path.includes(plan.path ?? '');
}

/** The answer a fault makes of a request; `carryOut` is called where the fault lets the request through. */
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
