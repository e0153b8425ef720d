import type { Response } from 'restify';

/** Ends a request with a status and nothing else; what is still on its way is not waited for. */
export function refuseRequest(response: Response, status: number): void {
  response.writeHead(status, { connection: 'close', 'content-length': '0' });
  response.end();
}
