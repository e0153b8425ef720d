import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import type { ErrorTrail } from './graph-error.ts';
import { waitWhileOpen } from './latency.ts';

const json = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** Writes an answer with Graph's headers; with `bodyDelayMs` the headers go first. */
export async function sendAnswer(response: ServerResponse, answer: Answer, trail: ErrorTrail, bodyDelayMs: number) {
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    date: new Date(trail.now).toUTCString(),
    'request-id': trail.requestId,
    'client-request-id': trail.clientRequestId,
    'x-ms-ags-diagnostic': JSON.stringify({
      ServerInfo: { DataCenter: 'Rehearsal', Slice: 'E', RoleInstance: 'SB01' },
    }),
    'cache-control': 'no-store',
    ...(body !== undefined && { 'content-type': json, 'content-length': Buffer.byteLength(body) }),
    ...answer.headers,
  });
  if (bodyDelayMs > 0) {
    response.flushHeaders();
    if (!(await waitWhileOpen(response, bodyDelayMs))) return;
  }
  response.end(body);
}
