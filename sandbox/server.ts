import { channel } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '../src/lib/net.ts';
import type { SandboxContext, StandIn } from './contract.ts';

interface SandboxServer {
  /** `http://127.0.0.1:{port}` */
  readonly baseUrl: string;
  /** Stops every stand-in, cuts every connection and frees the port. */
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
    handle(standIns, request, response).catch((error: unknown) => fail(response, error));
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
  const url = URL.parse(`http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`);
  // A page on another site must not reach the rehearsal by a host name that resolves to this machine.
  if (url && !isLoopback(url.href)) {
    response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Not a loopback address.\n');
    return;
  }
  const standIn = standIns.find(({ prefix }) => url?.pathname === prefix || url?.pathname.startsWith(`${prefix}/`));
  if (!url || !standIn) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('There is no stand-in for this address.\n');
    return;
  }
  url.pathname = url.pathname.slice(standIn.prefix.length) || '/';
  await standIn.handle(request, response, url);
}

/** A fault of the sandbox itself, shown to the developer. */
function fail(response: ServerResponse, error: unknown) {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`The sandbox failed: ${text}\n`);
}

/** The whole body as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export const readForm = async (request: IncomingMessage) => new URLSearchParams(await readBody(request));

/** Requests between the bot and a rehearsal tenant, without tokens. `context` distinguishes rehearsals of one process. */
export type Traffic = { readonly context: SandboxContext } & (
  | {
      /** A properly signed activity that was posted to the bot. */
      readonly kind: 'inbound';
      readonly personOid: string;
      readonly text?: string;
      readonly verb?: string;
    }
  | {
      /** A request to Graph; `personOid` as in GraphRequest, `scopes` those of the token it came with. */
      readonly kind: 'graph';
      readonly method: string;
      readonly path: string;
      readonly personOid: string;
      readonly scopes: readonly string[];
    }
  | { readonly kind: 'tokenRequest'; readonly grant: string; readonly scope: string }
);

/** The recorder of a test run listens here. */
export const trafficChannel = channel('vpp-sync.rehearsal');

export const publishTraffic = (seen: Traffic): void => trafficChannel.publish(seen);
