import { readdirSync, readFileSync } from 'node:fs';

// Read once, when the process starts. `npm run build` puts these exports as they are into the bundle, which reads no file.

const read = (url: URL | string) => readFileSync(new URL(url), 'utf8');
const atRoot = (path: string) => new URL(`../../${path}`, import.meta.url);

const ownPackage = JSON.parse(read(atRoot('package.json')));

/** The package's own version. */
export const version: string = ownPackage.version;

/** Only `TEAMS_HOST=agents` needs it, and whoever chooses that installs it. */
export const agentsHostingVersion: string = ownPackage.devDependencies['@microsoft/agents-hosting'];

/** What `adaptiveCards/` holds, by the names of its files without `.json`, such as `list-card` and `parts/header`. */
export const cardTemplates: Readonly<Record<string, unknown>> = Object.fromEntries(
  readdirSync(atRoot('adaptiveCards/'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => [
      file.slice(0, -'.json'.length).replaceAll('\\', '/'),
      JSON.parse(read(atRoot(`adaptiveCards/${file}`))),
    ]),
);

/** Microsoft's client library for web pages, as one browser script. */
export const teamsClientScript: string = read(import.meta.resolve('@microsoft/teams-js'));
