import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StandIn } from './contract.ts';

export interface SandboxServer {
  /** `http://127.0.0.1:{port}` */
  readonly baseUrl: string;
  /** Ends every stand-in, cuts every connection and frees the port. */
  stop(): Promise<void>;
}

/**
 * Serves the stand-ins on 127.0.0.1 and nowhere else, each below its prefix. An unknown prefix is 404.
 * Port 0, the default, takes a free one; the stand-ins learn the address through their context.
 */
export async function startServer(
  standIns: readonly StandIn[],
  options: { readonly port?: number } = {},
): Promise<SandboxServer> {
  const server = createServer((request, response) => {
    handle(standIns, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl,
    async stop() {
      await Promise.all(standIns.map((standIn) => standIn.stop?.()));
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function handle(standIns: readonly StandIn[], request: IncomingMessage, response: ServerResponse) {
  const url = URL.parse(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
  const standIn = standIns.find(({ prefix }) => url?.pathname === prefix || url?.pathname.startsWith(`${prefix}/`));
  if (!url || !standIn) {
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('Nothing stands in for this address.\n');
    return;
  }
  url.pathname = url.pathname.slice(standIn.prefix.length) || '/';
  await standIn.handle(request, response, url);
}
