import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

// Read once, when the process starts. `npm run build` puts these exports as they are into the bundle, which reads no file.

const read = (url: URL | string) => readFileSync(new URL(url), 'utf8');
const atRoot = (path: string) => new URL(`../../${path}`, import.meta.url);

/** The package's own version. */
export const version: string = JSON.parse(read(atRoot('package.json'))).version;

/** What `adaptiveCards/` holds, by the names of its files without `.json`. */
export const cardTemplates: Readonly<Record<string, unknown>> = Object.fromEntries(
  readdirSync(atRoot('adaptiveCards/')).map((file) => [
    basename(file, '.json'),
    JSON.parse(read(atRoot(`adaptiveCards/${file}`))),
  ]),
);

/** Microsoft's client library for web pages, as one browser script. */
export const teamsClientScript: string = read(import.meta.resolve('@microsoft/teams-js'));
