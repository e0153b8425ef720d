import type { Registry } from 'prom-client';
import restify, { type Request, type Response, type Server } from 'restify';
import { textsFor } from '../i18n/texts.ts';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { PageAnswer } from '../identity/page.ts';
import type { Log } from '../log.ts';
import type { ProcessedActivities } from '../store/processed-activities.ts';
import { type InboundActivity, localeOf } from './inbound-activity.ts';
import type { Admission } from './inbound-guard.ts';
import { invokeMessage } from './invoke-answer.ts';
import { publicPages } from './public-pages.ts';
import { repeatKey } from './repeat-key.ts';

export interface ServerParts {
  readonly admit: (request: Request) => Promise<Admission>;
  readonly processed: ProcessedActivities;
  /** Hands the request to the adapter, which answers it. */
  readonly process: (request: Request, response: Response) => Promise<void>;
  readonly authPages: AuthPages;
  /** Names of what is not ready yet. */
  readonly listNotReady: () => Promise<readonly string[]>;
  readonly metrics: Registry;
  readonly onInbound: (status: number) => void;
  readonly now: () => number;
  readonly log: Log;
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 15_000;

/** The bot's HTTP side: every route there is, each with what it takes to enter it. */
export function createServer(parts: ServerParts): Server {
  const { log } = parts;
  const server = restify.createServer({ name: 'vpp-sync', handleUncaughtExceptions: false });
  server.server.headersTimeout = headersTimeoutMs;
  server.server.requestTimeout = requestTimeoutMs;

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
        response.writeHead(admission.status, { connection: 'close' });
        response.end();
        request.resume();
        return;
      }
      const { activity } = admission;
      const key = repeatKey(activity);
      if (key !== undefined && !(await parts.processed.claim(key, parts.now())))
        return answerRepeat(response, activity);
      request.body = activity;
      await parts.process(request, response);
      parts.onInbound(response.statusCode);
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

/** Teams sends what it got no answer for again; it is told that all is well, and nothing happens twice. */
function answerRepeat(response: Response, activity: InboundActivity): void {
  const isPress = activity.type === 'invoke' && activity.name === 'adaptiveCard/action';
  json(response, 200, isPress ? invokeMessage(textsFor(localeOf(activity)).press.used).body : {});
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
