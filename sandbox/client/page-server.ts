import { createReadStream, existsSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { isLoopback } from '../../src/lib/net.ts';
import type { StandIn } from '../contract.ts';
import { createPageApi, type PageApiParts } from './page-api.ts';

const pageFolder = new URL('./page/', import.meta.url);
const packageFolder = new URL('../../node_modules/', import.meta.url);
const indexFile = new URL('index.html', pageFolder);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const packages: Readonly<Record<string, string>> = {
  'adaptivecards.js': 'adaptivecards/dist/adaptivecards.min.js',
  'markdown-it.mjs': 'markdown-it/dist/browser/markdown-it.esm.min.mjs',
};

/** The page that looks like Teams at `/`, and its files and API below `/client`. */
export function createPage(parts: PageApiParts): StandIn[] {
  const api = createPageApi(parts);
  return [
    {
      prefix: '/',
      handle: (_request, response) => sendFile(response, indexFile),
    },
    {
      prefix: '/client',
      async handle(request, response, url) {
        if (!isFromThisMachine(request)) {
          response.writeHead(403, { 'content-type': 'text/plain' });
          response.end('The rehearsal is for this machine alone.\n');
          return;
        }
        const file = request.method === 'GET' ? findPageFile(url.pathname) : undefined;
        await (file ? sendFile(response, file) : api.handle(request, response, url));
      },
    },
  ];
}

/** A page of another site, or a host name that resolves here, must not control the rehearsal through a browser. */
function isFromThisMachine({ headers }: IncomingMessage): boolean {
  const own = `http://${headers.host}`;
  return isLoopback(own) && (headers.origin === undefined || headers.origin === own);
}

/** Address of a file the page may load: its own folder's, flat, and the two libraries' browser builds. Undefined for all else. */
function findPageFile(path: string): URL | undefined {
  const [, folder, name = ''] = /^\/(page|vendor)\/([\w.-]+)$/.exec(path) ?? [];
  const library = folder === 'vendor' && Object.hasOwn(packages, name) ? packages[name] : undefined;
  if (library) return new URL(library, packageFolder);
  const file = folder === 'page' && types[extname(name)] ? new URL(name, pageFolder) : undefined;
  return file && existsSync(file) ? file : undefined;
}

/** The page runs the sandbox's own scripts only and talks to the sandbox only; cards may show pictures from https. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: https:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

async function sendFile(response: ServerResponse, file: URL): Promise<void> {
  response.writeHead(200, {
    'content-type': types[extname(file.pathname)] ?? 'application/octet-stream',
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  await pipeline(createReadStream(fileURLToPath(file)), response);
}

/**
 * Proxies the bot's own pages, so that a sign-in window has the same origin as the page.
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
