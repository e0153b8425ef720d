import type { Registry } from 'prom-client';
import type { Request, Response, Server } from 'restify';
import { textsFor } from '../i18n/texts.ts';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { PageAnswer } from '../identity/page.ts';
import type { Background } from '../lib/async.ts';
import type { Log } from '../telemetry/log.ts';
import { createHttpServer, type HttpLimits } from './http-server.ts';
import { type InboundActivity, localeOf } from './inbound-activity.ts';
import type { Admission } from './inbound-guard.ts';
import { type InvokeAnswer, invokeMessage } from './invoke-answer.ts';
import { publicPages } from './public-pages.ts';
import { refuseRequest } from './refuse-request.ts';
import type { TurnsInHand } from './turns-in-hand.ts';

export interface ServerParts {
  readonly admit: (request: Request) => Promise<Admission>;
  readonly turns: Pick<TurnsInHand, 'claim' | 'answered'>;
  /** Tells who can be told that the store is away, and says what the request is answered with. */
  readonly tellStoreAway: (activity: InboundActivity, error: unknown) => Promise<InvokeAnswer>;
  /** Told of every activity that is let in, before it is answered. Never rejects. */
  readonly note: (activity: InboundActivity) => Promise<void>;
  /** Hands the request to the adapter, which answers it. */
  readonly process: (request: Request, response: Response) => Promise<void>;
  readonly authPages: AuthPages;
  /** Names of what is not ready yet. */
  readonly listNotReady: () => Promise<readonly string[]>;
  readonly metrics: Registry;
  readonly onInbound: (status: number) => void;
  readonly background: Background;
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

  /** What to answer at once: an activity that came before, or of which the store cannot say. */
  async function claim(activity: InboundActivity): Promise<InvokeAnswer | 'new'> {
    try {
      return (await parts.turns.claim(activity)) ? 'new' : repeatAnswer(activity);
    } catch (error) {
      return parts.tellStoreAway(activity, error);
    }
  }

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
      const { activity } = admission;
      const claimed = await claim(activity);
      if (claimed !== 'new') return json(response, claimed.status, claimed.body);
      await parts.note(activity);
      // The SDK would put what it sends into this answer; Teams never asks for that.
      request.body = { ...activity, deliveryMode: undefined };
      try {
        await parts.process(request, response);
      } finally {
        parts.background.run(parts.turns.answered(activity));
      }
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
function repeatAnswer(activity: InboundActivity): InvokeAnswer {
  const isPress = activity.type === 'invoke' && activity.name === 'adaptiveCard/action';
  return isPress ? invokeMessage(textsFor(localeOf(activity)).press.used) : { status: 200, body: {} };
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
