import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { StandIn } from '../contract.ts';

/**
 * Passes the bot's own pages through, so that the rehearsal has one address and a sign-in window shares its origin.
 * One stand-in for each prefix.
 */
export function createBotProxies(prefixes: readonly string[], findBotUrl: () => string | undefined): StandIn[] {
  return prefixes.map((prefix) => ({
    prefix,
    async handle(request, response) {
      const botUrl = findBotUrl();
      if (!botUrl) return refuse(response, 'No bot is connected to the rehearsal tenant yet.');
      await pass(request, response, new URL(request.url ?? prefix, botUrl));
    },
  }));
}

function pass(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  return new Promise((resolve) => {
    const { connection: _, ...headers } = request.headers;
    const onward = httpRequest(url, { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response).then(resolve, () => resolve());
    });
    onward.on('error', () => {
      if (!response.headersSent) refuse(response, 'The bot could not be reached.');
      resolve();
    });
    request.pipe(onward);
  });
}

function refuse(response: ServerResponse, sentence: string): void {
  response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
}
