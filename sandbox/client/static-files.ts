import { createReadStream, existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

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

const pageFolder = new URL('./page/', import.meta.url);
const packageFolder = new URL('../../node_modules/', import.meta.url);

/** Address of a file the page may load: its own folder's, flat, and the two libraries' browser builds. Undefined for all else. */
export function findPageFile(path: string): URL | undefined {
  const [, folder, name = ''] = /^\/(page|vendor)\/([\w.-]+)$/.exec(path) ?? [];
  const library = folder === 'vendor' && Object.hasOwn(packages, name) ? packages[name] : undefined;
  if (library) return new URL(library, packageFolder);
  const file = folder === 'page' && types[extname(name)] ? new URL(name, pageFolder) : undefined;
  return file && existsSync(file) ? file : undefined;
}

export const indexFile = new URL('index.html', pageFolder);

/** The page runs nothing but the sandbox's own scripts and talks to nobody else; cards may show pictures from https. */
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

export async function sendFile(response: ServerResponse, file: URL): Promise<void> {
  response.writeHead(200, {
    'content-type': types[extname(file.pathname)] ?? 'application/octet-stream',
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  await pipeline(createReadStream(fileURLToPath(file)), response);
}
