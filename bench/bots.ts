import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stateOfBuild } from '../scripts/source-hash.mjs';
import type { Places } from './driver.ts';
import { botId, botPassword, clientId, clientSecret, tenants } from './world.ts';

export const root = fileURLToPath(new URL('../', import.meta.url));

export interface Surroundings {
  readonly places: Places;
  /** An empty folder for this start alone. */
  readonly folder: string;
  /** A file with the card that every peer answers: the help card of ours. */
  readonly cardFile: string;
}

export interface Bot {
  readonly name: string;
  readonly folder: string;
  readonly path: string;
  readonly flags: readonly string[];
  /** It also knows `status` and `sync`, which are measured too. */
  readonly hasGraphCommands: boolean;
  envOf(surroundings: Surroundings): Record<string, string>;
}

const isBuilt = stateOfBuild(root) === 'fresh';

/**
 * Ours as `npm start` runs it: the bundle when it was built from these sources, else the sources. With the file store, and its own
 * defaults otherwise.
 */
export const ours: Bot = {
  name: 'ours',
  folder: root,
  path: join(root, isBuilt ? 'dist/main.js' : 'src/main.ts'),
  flags: ['--max-semi-space-size=16'],
  hasGraphCommands: true,
  envOf: ({ places: { baseUrl, issuer, serviceUrl }, folder }) => ({
    NODE_ENV: 'production',
    // The bundle has compiled code of its own.
    ...(!isBuilt && { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled') }),
    PUBLIC_URL: baseUrl,
    BOT_ID: botId,
    BOT_PASSWORD: botPassword,
    BOT_TYPE: 'SingleTenant',
    BOT_TENANT_ID: tenants[0]?.id ?? '',
    AAD_APP_CLIENT_ID: clientId,
    AAD_APP_CLIENT_SECRET: clientSecret,
    ALLOWED_TENANTS: tenants.map(({ id }) => id).join(','),
    DATABASE_URL: `sqlite:${join(folder, 'vpp-sync.db')}`,
    MONITOR: 'off',
    AUTHORITY_URL: `${baseUrl}/entra`,
    GRAPH_URL: `${baseUrl}/graph`,
    BOT_OPENID_METADATA_URL: `${baseUrl}/connector/.well-known/openidconfiguration`,
    BOT_ISSUER: issuer,
    EXTRA_SERVICE_URLS: serviceUrl,
  }),
};

/** The same with the other host: what leaving Bot Framework would bring. */
export const oursOnAgents: Bot = {
  ...ours,
  name: 'ours, TEAMS_HOST=agents',
  hasGraphCommands: false,
  envOf: (surroundings) => ({ ...ours.envOf(surroundings), TEAMS_HOST: 'agents' }),
};

export const oursRuns = relative(root, ours.path);

export const peerNames = ['botbuilder-restify', 'teams-ai-restify', 'agents-hosting-express', 'teams-apps'] as const;

/** A framework's minimal bot: `bench/peers/{name}/bot.mjs`. Its token for the connector comes from a managed identity on loopback. */
export function peer(name: (typeof peerNames)[number]): Bot {
  const folder = join(root, 'bench', 'peers', name);
  return {
    name,
    folder,
    path: join(folder, 'bot.mjs'),
    flags: [],
    hasGraphCommands: false,
    envOf: ({ places: { baseUrl, issuer }, cardFile }) => ({
      NODE_ENV: 'production',
      BENCH_URL: baseUrl,
      BENCH_ISSUER: issuer,
      BENCH_BOT_ID: botId,
      BENCH_TENANT_ID: tenants[0]?.id ?? '',
      BENCH_CARD: cardFile,
      IDENTITY_ENDPOINT: `${baseUrl}/managed-identity`,
      IDENTITY_HEADER: 'bench',
    }),
  };
}

/** True when exactly what its lock file names was installed. */
export function isInstalled({ folder }: Bot): boolean {
  const [wanted, installed] = lockFiles(folder);
  return existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8');
}

/** Installs a peer's packages in its own folder; none of their scripts is run. Throws when npm fails. */
export function install({ name, folder }: Bot): void {
  process.stderr.write(`Installing ${name} (once) …\n`);
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'];
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci failed in ${folder}`);
  copyFileSync(...lockFiles(folder));
}

const lockFiles = (folder: string): [wanted: string, installed: string] => [
  join(folder, 'package-lock.json'),
  join(folder, 'node_modules', '.installed-lock.json'),
];
