import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import restify, { type Request, type Response, type Server } from 'restify';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { PageAnswer } from '../identity/page.ts';
import type { Log } from '../lib/runtime.ts';
import type { Readiness } from '../telemetry/health.ts';
import type { Admission } from './guard.ts';
import type { Inbound } from './inbound.ts';
import type { HttpAnswer } from './invokes.ts';
import type { PublicPage } from './public-pages.ts';

interface ServerParts {
  readonly admit: (request: IncomingMessage) => Promise<Admission>;
  readonly receive: (inbound: Inbound) => Promise<HttpAnswer>;
  readonly authPages: Pick<AuthPages, 'start' | 'end'>;
  /** Texts of the pages that need no sign-in, by their paths. */
  readonly pages: Readonly<Record<PublicPage, string>>;
  readonly getReadiness: () => Promise<Readiness>;
  readonly onInbound: (status: number) => void;
  readonly log: Log;
  readonly limits?: HttpLimits;
}

export interface HttpServer {
  /** Resolves to the port, which is another one for 0; rejects, naming PORT, when it is not to be had. */
  listen(port: number): Promise<number>;
  /**
   * Accepts no connection any more, lets what is being answered end, then closes. An idle connection is not waited for, and a request
   * that is still arriving gets a second: Teams sends it again to whoever comes next.
   */
  close(): Promise<void>;
}

/** Every route there is, and no other way in. */
export function createServer(parts: ServerParts): HttpServer {
  const { admit, receive, authPages, getReadiness, onInbound, log } = parts;
  const server = createHttpServer(parts.limits);

  type Work = (request: Request, response: Response) => Promise<void>;
  const logFailure = (work: Work) => async (request: Request, response: Response) => {
    try {
      await work(request, response);
    } catch (error) {
      log.error({ err: error, path: request.path() }, 'a request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  };

  server.post(
    '/api/messages',
    logFailure(async (request, response) => {
      const admission = await admit(request);
      if (!admission.ok) {
        const { status, why } = admission;
        onInbound(status);
        log.info({ status, why }, 'an activity was refused');
        refuse(response, status);
        request.resume();
        return;
      }
      const { status, body } = await receive(admission.inbound);
      onInbound(status);
      sendJson(response, status, body);
    }),
  );

  const signInPage = (answer: (query: URLSearchParams) => Promise<PageAnswer>) =>
    logFailure(async (request, response) => {
      const { status, headers, body, detail, reference } = await answer(new URLSearchParams(request.getQuery()));
      const fields = { status, detail, path: request.path(), correlationId: reference };
      if (detail) log.info(fields, 'a sign-in page was refused');
      response.writeHead(status, headers);
      response.end(body);
    });
  server.get('/auth/start', signInPage(authPages.start));
  server.get('/auth/end', signInPage(authPages.end));

  for (const [path, text] of Object.entries(parts.pages)) {
    const answer = logFailure(async (_, response) => sendHtml(response, text));
    server.get(path, answer);
    // Node leaves the body out; link checkers and Teams' store ask this way.
    server.head(path, answer);
  }

  server.get(
    '/healthz',
    logFailure(async (_, response) => sendJson(response, 200, { status: 'ok' })),
  );
  server.get(
    '/readyz',
    logFailure(async (_, response) => {
      const { notReady, degraded } = await getReadiness();
      if (notReady.length > 0) return sendJson(response, 503, { status: 'not ready', notReady });
      sendJson(response, 200, { status: 'ready', ...(degraded.length > 0 && { degraded }) });
    }),
  );
  return toHttpServer(server);
}

/** Without a body the answer is empty. */
function sendJson(response: Response, status: number, body: unknown): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, body === undefined ? {} : headers);
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function sendHtml(response: Response, body: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** Ends a request with a status and nothing else, without waiting for the rest of it. */
function refuse(response: Response, status: number): void {
  response.writeHead(status, { connection: 'close', 'content-length': '0' });
  response.end();
}

/** How long a client may take, in milliseconds. A slower connection is closed, within `checkEveryMs` after that. */
export interface HttpLimits {
  /** For a request's headers, and for a connection that sends nothing at all. */
  readonly headersMs: number;
  /** For a request's headers and body. */
  readonly requestMs: number;
  readonly checkEveryMs: number;
}

/** Teams needs a few dozen. A connection over these is closed before anything is read. */
const mostConnections = 4_000;

const usualLimits: HttpLimits = { headersMs: 10_000, requestMs: 15_000, checkEveryMs: 1_000 };

/**
 * restify without what strangers could use against it. By itself an unreadable address or Host header ends the process, an `Upgrade`
 * leaves its connection open for ever, slow requests are checked every 30 s only, and refusals quote the request.
 */
export function createHttpServer(limits: HttpLimits = usualLimits): Server {
  const server = restify.createServer({ name: '', handleUncaughtExceptions: false });
  const { server: http } = server;
  http.headersTimeout = limits.headersMs;
  http.requestTimeout = limits.requestMs;
  http.maxConnections = mostConnections;
  Object.assign(http, { connectionsCheckingInterval: limits.checkEveryMs });
  // Without a listener Node ignores the wish to upgrade and treats the request as any other.
  http.removeAllListeners('upgrade');
  beforeRouting(server, (request, response) => {
    const isReadable = isAddressReadable(request);
    if (!isReadable) refuse(response, 400);
    return isReadable;
  });
  server.on('restifyError', (_request: Request, response: Response, { statusCode }: { statusCode?: number }, done) => {
    if (!response.headersSent) response.sendRaw(statusCode ?? 500, '');
    done();
  });
  return server;
}

/** restify's types do not know `first`. */
function beforeRouting(server: Server, goesOn: (request: Request, response: Response) => boolean): void {
  (server as Server & { first(handler: typeof goesOn): void }).first(goesOn);
}

/**
 * Parses the address as restify will, which throws where nothing catches and puts the Host header in front of the path. `*` and
 * `host:port` are no page's address.
 */
function isAddressReadable({ url = '', headers: { host = '' } }: Request): boolean {
  if (!/^[\w.:[\]-]*$/.test(host)) return false;
  if (!url.startsWith('/')) return /^https?:\/\//i.test(url) && URL.canParse(url);
  return URL.canParse(`http://${host || 'localhost'}${url}`);
}

const closeEveryMs = 50;
const restOfRequestMs = 1_000;

function toHttpServer(server: Server): HttpServer {
  const { server: http } = server;
  const connections = watchConnections(http);
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        // restify passes its server's errors on, and an error without a listener ends the process.
        const fail = (error: Error) =>
          reject(new Error(`PORT ${port} cannot be had: ${error.message}`, { cause: error }));
        server.once('error', fail);
        server.listen(port, () => {
          server.off('error', fail);
          resolve((http.address() as AddressInfo).port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        // A closing server checks no limits any more, and to Node a connection that sent no request yet is not idle.
        let closingMs = 0;
        const timer = setInterval(() => {
          closingMs += closeEveryMs;
          connections.end((request) => request === undefined || (!request.complete && closingMs > restOfRequestMs));
        }, closeEveryMs);
        http.close(() => {
          clearInterval(timer);
          resolve();
        });
        http.closeIdleConnections();
      }),
  };
}

/** Keeps, for each connection, the request that is being answered on it. */
function watchConnections(http: Server['server']) {
  const answering = new Map<Socket, IncomingMessage | undefined>();
  http.on('connection', (socket: Socket) => {
    answering.set(socket, undefined);
    socket.once('close', () => answering.delete(socket));
  });
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    answering.set(socket, request);
    response.once('close', () => answering.get(socket) === request && answering.set(socket, undefined));
  });
  return {
    /** Ends the connections that match, once what was written to them is on its way. */
    end(isToEnd: (request: IncomingMessage | undefined) => boolean): void {
      for (const [socket, request] of answering) if (isToEnd(request)) socket.destroySoon();
    },
  };
}
