import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request; may leave it open. */
export type Answer = (response: ServerResponse, seen: SeenRequest) => void;

export interface LocalServer {
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Answers given in turn; the last one goes on being given. */
  answerWith(...answers: readonly Answer[]): void;
}

/** A real HTTP server on loopback that gives the answers it was given and remembers every request. Closed after the tests. */
export async function startLocalServer(...first: readonly Answer[]): Promise<LocalServer> {
  const seen: SeenRequest[] = [];
  let answers = [...first];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const each = { method, url, headers, body: Buffer.concat(chunks).toString() };
    seen.push(each);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    (answer ?? withJson(500, {}))(response, each);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answerWith(...given) {
      answers = [...given];
      seen.length = 0;
    },
  };
}

export function withJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Cuts the connection without an answer. */
export const withReset: Answer = (response) => void response.destroy();

/** Never answers. */
export const withNothing: Answer = () => undefined;
