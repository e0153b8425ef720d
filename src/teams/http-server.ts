import restify, { type Request, type Response, type Server } from 'restify';
import { refuseRequest } from './refuse-request.ts';

/** How long a client may take, in milliseconds. A connection that is slower is closed, at the latest `checkEveryMs` after. */
export interface HttpLimits {
  /** For a request's headers, and for a connection that says nothing at all. */
  readonly headersMs: number;
  /** For a request's headers and body. */
  readonly requestMs: number;
  readonly checkEveryMs: number;
}

const usualLimits: HttpLimits = { headersMs: 10_000, requestMs: 15_000, checkEveryMs: 1_000 };

/**
 * restify without what a stranger could use against it: an address or Host header that is no address would end the process,
 * an `Upgrade` would leave its connection open for ever, slow requests would be looked at every 30 s only, and its own
 * refusals would say in a body what was asked.
 */
export function createHttpServer(limits: HttpLimits = usualLimits): Server {
  const server = restify.createServer({ name: '', handleUncaughtExceptions: false });
  const { server: http } = server;
  http.headersTimeout = limits.headersMs;
  http.requestTimeout = limits.requestMs;
  Object.assign(http, { connectionsCheckingInterval: limits.checkEveryMs });
  // Nobody answers upgrades here. Without a listener Node takes such a request for the one it is besides.
  http.removeAllListeners('upgrade');
  takeFirst(server, (request, response) => {
    const isReadable = isAddress(request);
    if (!isReadable) refuseRequest(response, 400);
    return isReadable;
  });
  server.on('restifyError', (_request: Request, response: Response, { statusCode }: { statusCode?: number }, done) => {
    if (!response.headersSent) response.sendRaw(statusCode ?? 500, '');
    done();
  });
  return server;
}

/**
 * What restify will make of it, made here first: it throws where nobody catches, and puts a path out of the Host header before
 * the one asked for. `*` and `host:port` are addresses of no page.
 */
function isAddress({ url = '', headers: { host = '' } }: Request): boolean {
  if (!/^[\w.:[\]-]*$/.test(host)) return false;
  if (!url.startsWith('/')) return /^https?:\/\//i.test(url) && URL.canParse(url);
  return URL.canParse(`http://${host || 'localhost'}${url}`);
}

/** Before everything else restify does; its types do not know it. */
function takeFirst(server: Server, isToGoOn: (request: Request, response: Response) => boolean): void {
  (server as Server & { first(handler: typeof isToGoOn): void }).first(isToGoOn);
}
