import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Registry } from 'prom-client';
import restify, { type Request, type Response, type Server } from 'restify';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { PageAnswer } from '../identity/page.ts';
import type { Log } from '../lib/runtime.ts';
import type { Host } from './bot.ts';
import type { Admission } from './guard.ts';

interface ServerParts {
  readonly admit: (request: Request) => Promise<Admission>;
  /** Handles an admitted activity. */
  readonly receive: Host;
  readonly authPages: AuthPages;
  /** Names of what is not ready yet. */
  readonly listNotReady: () => Promise<readonly string[]>;
  readonly metrics: Registry;
  readonly onInbound: (status: number) => void;
  readonly log: Log;
  readonly limits?: HttpLimits;
}

/** The bot's HTTP side: every route there is, each with what it takes to enter it. */
export function createServer(parts: ServerParts): Server {
  const { log } = parts;
  const server = createHttpServer(parts.limits);

  const quietly =
    (work: (request: Request, response: Response) => Promise<void>) => async (request: Request, response: Response) => {
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
    quietly(async (request, response) => {
      const admission = await parts.admit(request);
      if (!admission.ok) {
        parts.onInbound(admission.status);
        log.info({ status: admission.status, why: admission.why }, 'an activity was refused');
        refuseRequest(response, admission.status);
        request.resume();
        return;
      }
      const { status, body } = await parts.receive(admission.inbound);
      parts.onInbound(status);
      if (body !== undefined) return json(response, status, body);
      response.writeHead(status);
      response.end();
    }),
  );

  const page = (answer: (query: URLSearchParams) => Promise<PageAnswer>) =>
    quietly(async (request, response) => {
      const {
        status,
        headers,
        body,
        detail,
        reference: correlationId,
      } = await answer(new URLSearchParams(request.getQuery()));
      if (detail) log.info({ status, detail, path: request.path(), correlationId }, 'a sign-in page was refused');
      response.writeHead(status, headers);
      response.end(body);
    });
  server.get('/auth/start', page(parts.authPages.start));
  server.get('/auth/end', page(parts.authPages.end));

  for (const name of ['privacy', 'terms'] as const) {
    server.get(
      `/${name}`,
      quietly(async (_, response) => html(response, publicPages[name])),
    );
  }
  server.get(
    '/healthz',
    quietly(async (_, response) => json(response, 200, { status: 'ok' })),
  );
  server.get(
    '/readyz',
    quietly(async (_, response) => {
      const notReady = await parts.listNotReady();
      if (notReady.length === 0) return json(response, 200, { status: 'ready' });
      json(response, 503, { status: 'not ready', notReady });
    }),
  );
  server.get(
    '/metrics',
    quietly(async (_, response) => {
      const text = await parts.metrics.metrics();
      response.writeHead(200, { 'content-type': parts.metrics.contentType });
      response.end(text);
    }),
  );
  return server;
}

function json(response: Response, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function html(response: Response, body: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

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

export interface Listening {
  /** Resolves once the server listens; rejects, naming PORT, when it cannot be had. */
  listening(port: number): Promise<void>;
  address(): AddressInfo;
  /**
   * Takes no new connection, lets what is being answered end, then closes. A connection that asks nothing is not waited for,
   * and a request that has not come whole gets a second: it is sent again to whoever comes next.
   */
  close(): Promise<void>;
}

const lookEveryMs = 50;
const restOfRequestMs = 1_000;

/** A restify server's life, as promises. */
export function createListening(server: Server): Listening {
  const { server: http } = server;
  const connections = watchConnections(http);
  return {
    listening: (port) =>
      new Promise((resolve, reject) => {
        // restify passes its server's errors on, and one that nobody hears there ends the process.
        const refuse = (error: Error) =>
          reject(new Error(`PORT ${port} cannot be had: ${error.message}`, { cause: error }));
        server.once('error', refuse);
        server.listen(port, () => {
          server.off('error', refuse);
          resolve();
        });
      }),
    address: () => http.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        // From here on Node itself no longer sends slow clients away, and one that never asked anything is not idle to it.
        let lookedMs = 0;
        const looking = setInterval(() => {
          lookedMs += lookEveryMs;
          connections.end((request) => request === undefined || (!request.complete && lookedMs > restOfRequestMs));
        }, lookEveryMs);
        http.close(() => {
          clearInterval(looking);
          resolve();
        });
        http.closeIdleConnections();
      }),
  };
}

/** Knows of each connection which request of it is being answered. */
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
    /** Ends the connections of which this holds, once what was written to them is on its way. */
    end(isToEnd: (request: IncomingMessage | undefined) => boolean): void {
      for (const [socket, request] of answering) if (isToEnd(request)) socket.destroySoon();
    },
  };
}

/** Ends a request with a status and nothing else; what is still on its way is not waited for. */
function refuseRequest(response: Response, status: number): void {
  response.writeHead(status, { connection: 'close', 'content-length': '0' });
  response.end();
}

/** Pages that Teams' store rules ask for: readable without signing in. */
const publicPages: Readonly<Record<'privacy' | 'terms', string>> = {
  privacy: page(
    'Privacy',
    `<p>VPP Sync runs on your organisation's own servers. It sends nothing to its makers.</p>
<p>It stores: where it is installed; which people used it (Teams and Entra ids and display names); which Apple VPP tokens they synced,
when, how that ended, and what Intune showed of the token before and after (names, Apple ID, state, dates; never the token itself) and of
its apps (names and numbers of licences; after the sync only those that changed); what a token was when its renewal was asked for; and
commands that wait for a sign-in, a choice or a confirmation, as they were typed. It stores no other message and no password. Sign-ins are
held in memory or, where the operator chose so, encrypted in its store; they end with <b>sign out</b> or after about an hour.</p>
<p>It also keeps an audit of what people asked of it that changes something or could: who (Entra id and name), where, what, of which token,
when, and what came of it, refusals and sign-ins too. The audit cannot be changed afterwards, not even to take a name out. Who can see a
token in Intune sees in <b>history</b> who asked what of it; the operator can export the whole.</p>
<p>Commands that wait are erased once they expire, after 15 minutes at most; what the buttons of a card stand for after 30 days; marks
against repeated messages after a day; syncs and renewals after 180 days; the audit after 400 days. The bot's log holds no names and no
ids of people. Ask the operator of this bot to see what concerns you, or to erase what is not the audit.</p>`,
  ),
  terms: page(
    'Terms of use',
    `<p>VPP Sync asks Microsoft Intune on your behalf, with your own rights. What it starts there, such as a sync, is your action.</p>
<p>It is offered by the operator in your organisation, who can tell you about support and availability.</p>`,
  ),
};

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>VPP Sync: ${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}</style>
</head><body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
}
