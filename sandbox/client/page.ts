import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../src/lib/net.ts';
import type { StandIn } from '../contract.ts';
import { createPageApi, type PageApiParts } from './page-api.ts';
import { findPageFile, indexFile, sendFile } from './static-files.ts';

/** The Teams-like page at `/`, and below `/client` its files and what it asks for. */
export function createPage(parts: PageApiParts): StandIn[] {
  const api = createPageApi(parts);
  return [
    {
      prefix: '/',
      handle: (_request, response) => sendFile(response, indexFile),
    },
    {
      prefix: '/client',
      async handle(request, response, url) {
        if (!isFromThisMachine(request)) {
          response.writeHead(403, { 'content-type': 'text/plain' });
          response.end('The rehearsal is for this machine alone.\n');
          return;
        }
        const file = request.method === 'GET' ? findPageFile(url.pathname) : undefined;
        await (file ? sendFile(response, file) : api.handle(request, response, url));
      },
    },
  ];
}

/** A page of another site, or a name that only points here, must not steer the rehearsal through somebody's browser. */
function isFromThisMachine({ headers }: IncomingMessage): boolean {
  const own = `http://${headers.host}`;
  return isLoopback(own) && (headers.origin === undefined || headers.origin === own);
}
