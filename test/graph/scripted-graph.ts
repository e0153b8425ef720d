import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphOptions } from '../../src/graph/request.ts';
import type { Runtime } from '../../src/lib/runtime.ts';
import { createRuntime } from '../support/runtime.ts';

export interface SeenRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

export interface ScriptedGraph {
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  /** Answers given in turn; the last one goes on being given. */
  script(...answers: Answer[]): void;
  /** Options of a client of this server, with a clock that moves only when it waits. */
  options(more?: Partial<GraphOptions & Runtime>): GraphOptions;
  readonly waits: readonly number[];
  readonly clock: { now: number };
  stop(): Promise<void>;
}

/** A real HTTP server on loopback with scripted answers, which records its requests. */
export async function startScriptedGraph(): Promise<ScriptedGraph> {
  const requests: SeenRequest[] = [];
  const waits: number[] = [];
  const clock = { now: Date.parse('2026-11-23T10:00:00Z') };
  let answers: Answer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
    requests.push(seen);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    (answer ?? status(500))(response, seen);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  async function skip(ms: number): Promise<void> {
    waits.push(ms);
    clock.now += ms;
  }
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl,
    requests,
    waits,
    clock,
    script(...given) {
      answers = given;
      requests.length = 0;
      waits.length = 0;
    },
    options: ({ now = () => clock.now, wait = skip, random = () => 0.5, log, ...more } = {}) => ({
      baseUrl,
      dangerouslyAllowLoopbackHttp: true,
      getToken: async () => 'token-1',
      runtime: createRuntime({ now, wait, random, ...(log && { log }) }),
      ...more,
    }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(body: unknown, code = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function text(body: string, code = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, { 'content-type': 'text/html', ...headers });
    response.end(body);
  };
}

export const status = (code: number, headers: Record<string, string> = {}) => text('', code, headers);

export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy();
};

/** Never answers. */
export const hang: Answer = () => {};

/** Sends the status line and headers, then never ends the body. */
export const hangInBody: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"value":');
};

/** Promises more than it sends, then breaks the connection. */
export const cutOff: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
  response.write('{"value":[', () => response.destroy());
};
