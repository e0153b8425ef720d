import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import type { Registration, SandboxTenant } from './contract.ts';
import { seedPeople } from './seed/people.ts';

export interface BotProcess {
  /** Resolves with how the process ended. */
  readonly ended: Promise<string>;
  /** SIGTERM, and SIGKILL after ten seconds. Resolves when the process has ended. */
  stop(): Promise<void>;
}

interface BotProcessOptions {
  /** The bot's main file. */
  readonly path: string;
  /** The whole environment of the process, apart from PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

const patienceMs = 10_000;

/** Runs the bot on this Node in a process of its own. `onLine` gets each line that it writes. */
export function startBotProcess({ path, env, onLine }: BotProcessOptions): BotProcess {
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C at a terminal signals the whole process group, but the bot is to be stopped by `stop` alone.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', onLine);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
  });
  return {
    ended,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** True once the bot answers /healthz; false after `withinMs`, or when `signal` aborts. */
export async function isHealthyWithin(url: string, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([AbortSignal.timeout(withinMs), signal]);
  while (!deadline.aborted) {
    try {
      if ((await fetch(`${url}/healthz`, { signal: deadline })).ok) return true;
    } catch {
      // Not listening yet.
    }
    await wait(50);
  }
  return false;
}

/** The bot's own defaults for what a rehearsal may be tried with; everything else follows from its addresses and registrations. */
const rehearsalSettings: Readonly<Record<string, string>> = {
  PORT: '0',
  METRICS_PORT: '',
  TEAMS_HOST: 'botbuilder',
  DATABASE_URL: 'sqlite::memory:',
  GRAPH_BETA: 'off',
  MONITOR: 'on',
  MONITOR_INTERVAL_S: '900',
  SYNC_FOLLOW_DEADLINE_S: '900',
  SYNC_COOLDOWN_S: '300',
  TOKEN_CACHE_KEY: '',
  AUDIT_OTHER_KEY: '',
  LOG_LEVEL: 'info',
  OTEL_EXPORTER_OTLP_ENDPOINT: '',
  OPERATORS: seedPeople.find(({ key }) => key === 'ada')?.aadObjectId ?? '',
  DEVELOPER_NAME: '',
  WEBSITE_URL: '',
  SUPPORT_CONTACT: '',
};

/**
 * Reads the text of env/.env.rehearsal. A variable of the shell that the file has as well wins, so that one run can differ. Only known
 * settings reach the bot: with another BOT_ID it would refuse every message of the rehearsal's Teams, in silence.
 */
export function readSettings(file: string, shell: Readonly<Record<string, string | undefined>>) {
  const settings: Record<string, string> = {};
  const leftOut: string[] = [];
  for (const [name, value = ''] of Object.entries(parseEnv(file))) {
    if (name === 'SANDBOX_PORT' || Object.hasOwn(rehearsalSettings, name)) settings[name] = shell[name] ?? value;
    else leftOut.push(name);
  }
  return { settings, leftOut };
}

/** The rehearsal's part of the bot's configuration. */
interface BotEnvironmentParts {
  readonly baseUrl: string;
  readonly registration: Registration;
  readonly tenants: readonly SandboxTenant[];
  readonly botIssuer: string;
}

/**
 * Every variable of the bot's configuration: the rehearsal's addresses and registrations, and the bot's own defaults for the
 * rest. `extra` replaces any of them. Without a DATABASE_URL the store is in memory.
 */
export function botEnvironment(
  { baseUrl, registration, tenants, botIssuer }: BotEnvironmentParts,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const allowed = tenants.filter(({ usesBot }) => usesBot).map(({ id }) => id);
  return {
    ...rehearsalSettings,
    PUBLIC_URL: baseUrl,
    BOT_ID: registration.botId,
    BOT_PASSWORD: registration.botPassword,
    BOT_TYPE: 'SingleTenant',
    BOT_TENANT_ID: allowed[0] ?? '',
    AAD_APP_CLIENT_ID: registration.clientId,
    AAD_APP_CLIENT_SECRET: registration.clientSecret,
    AAD_APP_CERTIFICATE_PATH: '',
    AAD_APP_CERTIFICATE: '',
    AAD_APP_FEDERATED_CLIENT_ID: '',
    AZURE_FEDERATED_TOKEN_FILE: '',
    AAD_APP_ID_URI: registration.idUri,
    ALLOWED_TENANTS: allowed.join(','),
    CLOUD: 'global',
    AUTHORITY_URL: `${baseUrl}/entra`,
    GRAPH_URL: `${baseUrl}/graph`,
    BOT_OPENID_METADATA_URL: `${baseUrl}/connector/.well-known/openidconfiguration`,
    BOT_ISSUER: botIssuer,
    EXTRA_SERVICE_URLS: `${baseUrl}/connector/`,
    ...extra,
  };
}

/** The wished port if it is free on 127.0.0.1, or else another one. */
export async function findFreePort(wished: number): Promise<number> {
  return (await tryPort(wished)) ?? (await tryPort(0)) ?? wished;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

const levels: readonly (readonly [least: number, name: string])[] = [
  [60, 'FATAL'],
  [50, 'ERROR'],
  [40, 'WARN '],
  [30, 'info '],
  [20, 'debug'],
  [0, 'trace'],
];

/** Left out: the same in every line, or of no use at a terminal. */
const leftOut = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'v', 'err', 'stack']);
const mostCharacters = 60;

/** One of the bot's JSON log lines, shortened for a terminal. Any other line is returned unchanged. */
export function readableLog(line: string): string {
  const entry = parsed(line);
  if (!entry || typeof entry.msg !== 'string') return line;
  const level = levels.find(([least]) => Number(entry.level ?? 30) >= least)?.[1] ?? 'info ';
  const at = new Date(typeof entry.time === 'number' || typeof entry.time === 'string' ? entry.time : Date.now());
  const clock = Number.isNaN(at.getTime()) ? '--:--:--' : at.toTimeString().slice(0, 8);
  const details = Object.entries(entry)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${name}=${shortened(value)}`);
  const error = isRecord(entry.err) ? [`(${String(entry.err.message ?? entry.err.type ?? 'error')})`] : [];
  return [clock, level, entry.msg, ...error, ...details].join(' ');
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
