import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { type Config, type Environment, readConfig } from '../config.ts';
import { findGraphDate } from '../graph/client.ts';
import { createGetDatabasePassword, findSecret } from '../identity/credential.ts';
import { createOpenIdKeys } from '../identity/open-id-keys.ts';
import { within } from '../lib/async.ts';
import { isJsonObject, parseJson } from '../lib/json.ts';
import { isLoopback } from '../lib/net.ts';
import type { Runtime } from '../lib/runtime.ts';
import { daysBetween, minuteMs } from '../lib/time.ts';
import { inspectDatabase } from '../store/database.ts';
import { attention, good, type NamedFinding, warning } from './finding.ts';
import { checkEntra } from './preflight-entra.ts';

interface PreflightParts {
  readonly env: Environment;
  /** A filled manifest.json. */
  readonly manifestPath?: string | undefined;
  readonly runtime: Runtime;
}

/** A check that hangs is a finding too. */
const checkWithinMs = 30_000;
const connectWithinMs = 5_000;

/**
 * Checks what the bot needs before its first start and without Teams, with the bot's own configuration and credentials. Changes
 * nothing. Without a complete configuration nothing else is checked.
 */
export async function runPreflight({ env, manifestPath, runtime }: PreflightParts): Promise<NamedFinding[]> {
  const read = readConfig(env);
  if ('problems' in read) {
    return read.problems.map((text) => {
      const fix = 'Set the variable; env/.env.example explains each.';
      return { name: 'Configuration', finding: attention({ text: `${text}.`, fix }) };
    });
  }
  const { config } = read;
  const groups = await Promise.all([
    inTime('Configuration', () => checkConfiguration(config)),
    inTime('Public address', () => checkAddress(config, runtime)),
    inTime('Teams’ signing keys', () => checkInboundKeys(config, runtime)),
    inTime('Microsoft Entra', () => checkEntra(config, runtime)),
    inTime('Microsoft Graph', () => checkGraph(config, runtime)),
    inTime('Database', () => checkDatabase(config)),
    inTime('Manifest', () => checkManifest(config, manifestPath)),
  ]);
  return groups.flat();
}

/** One line for each finding, below it its fix, and the count. */
export function printFindings(findings: readonly NamedFinding[]): string {
  const signs = { good: '✓', warning: '⚠', attention: '✕' } as const;
  const lines = findings.flatMap(({ name, finding }) => {
    const line = `${signs[finding.tone]} ${name}: ${finding.text}`;
    return 'fix' in finding ? [line, `    ${finding.fix}`] : [line];
  });
  const count = (tone: keyof typeof signs) => findings.filter(({ finding }) => finding.tone === tone).length;
  return [...lines, '', `Problems: ${count('attention')}. Warnings: ${count('warning')}.`, ''].join('\n');
}

async function inTime(name: string, check: () => Promise<NamedFinding[]>): Promise<NamedFinding[]> {
  const fix = 'Try again. If it lasts, check the network and Microsoft’s service health.';
  const late = { name, finding: attention({ text: `No answer within ${checkWithinMs / 1000} s.`, fix }) };
  return (await within(checkWithinMs, check())) ?? [late];
}

async function checkConfiguration({ app, database, tokenCacheKey }: Config): Promise<NamedFinding[]> {
  const name = 'Configuration';
  try {
    findSecret(app.credential);
  } catch (error) {
    const fix = 'Give a PEM with the certificate and its private key, readable by the bot’s user.';
    return [{ name, finding: attention({ text: `${(error as Error).message}.`, fix }) }];
  }
  if (database.kind === 'postgres' && !tokenCacheKey) {
    const fix = 'Set TOKEN_CACHE_KEY to the output of: openssl rand -base64 32';
    const text = 'It is complete. Without TOKEN_CACHE_KEY people sign in once per process.';
    return [{ name, finding: warning({ text, fix }) }];
  }
  return [{ name, finding: good('It is complete.') }];
}

async function checkAddress({ publicUrl }: Config, runtime: Runtime): Promise<NamedFinding[]> {
  const name = 'Public address';
  const { hostname, protocol, port } = new URL(publicUrl);
  if (protocol !== 'https:') {
    const fix = 'For real use set PUBLIC_URL to an https address.';
    return [{ name, finding: warning({ text: 'It reaches only this machine: a rehearsal.', fix }) }];
  }
  const host = hostname.replace(/^\[|\]$/g, '');
  const address = await lookup(host).catch(() => undefined);
  if (!address) {
    const fix = 'Add a DNS record for it, or correct PUBLIC_URL.';
    return [{ name, finding: attention({ text: `DNS knows no ${host}.`, fix }) }];
  }
  const certificate = await readCertificate(host, Number(port || 443));
  if (certificate === 'unreachable') {
    const fix = 'Start the bot or what stands before it, and let Teams’ requests in.';
    return [{ name, finding: warning({ text: `Nobody answers on ${publicUrl}.`, fix }) }];
  }
  if (certificate.refusal) {
    const fix =
      'Install a certificate for this name from an authority that Teams’ clients trust, with its whole chain.';
    return [{ name, finding: attention({ text: `Its TLS certificate is refused (${certificate.refusal}).`, fix }) }];
  }
  const days = daysBetween(runtime.now(), certificate.until);
  if (days < 14) {
    const text = `Its TLS certificate ends in ${days} days.`;
    return [{ name, finding: warning({ text, fix: 'Renew it.' }) }];
  }
  const signal = AbortSignal.timeout(connectWithinMs);
  const isBot = await fetch(`${publicUrl}/healthz`, { signal, redirect: 'error' }).then(
    async (response) => parseJson(await response.text()),
    () => undefined,
  );
  if (isJsonObject(isBot) && isBot.status === 'ok') {
    return [{ name, finding: good(`The bot answers there; the TLS certificate is valid for ${days} more days.`) }];
  }
  const fix = 'Start the bot, and send the requests to its PORT.';
  return [{ name, finding: warning({ text: 'DNS and TLS are right. The bot does not answer there yet.', fix }) }];
}

interface Certificate {
  /** Why clients refuse it, as OpenSSL names it. */
  readonly refusal?: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

function readCertificate(host: string, port: number): Promise<Certificate | 'unreachable'> {
  return new Promise((resolve) => {
    // Looked at, and nothing is sent over it.
    const socket = connect({ host, port, servername: /^[\d.:]+$/.test(host) ? '' : host, rejectUnauthorized: false });
    socket.setTimeout(connectWithinMs, () => socket.destroy());
    socket.once('secureConnect', () => {
      const { authorizationError } = socket;
      const until = Date.parse(socket.getPeerCertificate().valid_to);
      socket.destroy();
      // An Error object for a name that does not match, a code for everything else.
      const refusal = (authorizationError as (Error & { code?: string }) | null)?.code ?? authorizationError;
      resolve({ ...(refusal && { refusal: String(refusal) }), until });
    });
    socket.once('error', () => resolve('unreachable'));
    socket.once('close', () => resolve('unreachable'));
  });
}

async function checkInboundKeys(config: Config, runtime: Runtime): Promise<NamedFinding[]> {
  const name = 'Teams’ signing keys';
  if (await createOpenIdKeys({ metadataUrl: config.botOpenIdMetadataUrl, runtime }).isReady()) {
    return [{ name, finding: good('They can be read.') }];
  }
  const fix = `Allow outgoing connections to ${new URL(config.botOpenIdMetadataUrl).origin}.`;
  return [{ name, finding: attention({ text: 'They can’t be read, so no message would be accepted.', fix }) }];
}

async function checkGraph({ graphUrl }: Config, runtime: Runtime): Promise<NamedFinding[]> {
  const at = await findGraphDate(graphUrl, AbortSignal.timeout(connectWithinMs));
  if (at === undefined) {
    const fix = `Allow outgoing connections to ${graphUrl}.`;
    return [{ name: 'Microsoft Graph', finding: attention({ text: 'It doesn’t answer.', fix }) }];
  }
  const offMs = Math.abs(runtime.now() - at);
  const clock =
    offMs <= minuteMs
      ? good('It agrees with Microsoft’s.')
      : attention({
          text: `It differs from Microsoft’s by ${Math.round(offMs / 1000)} s, so valid sign-ins are refused.`,
          fix: 'Synchronize this machine’s clock over the network (NTP).',
        });
  return [
    { name: 'Microsoft Graph', finding: good('It answers.') },
    { name: 'Clock', finding: clock },
  ];
}

async function checkDatabase(config: Config): Promise<NamedFinding[]> {
  const name = 'Database';
  const { database } = config;
  try {
    const state = await inspectDatabase(database, { getPassword: createGetDatabasePassword(config) });
    const words = state === 'new' ? 'It is new; the first start makes its tables.' : 'The bot’s data is there.';
    return [{ name, finding: good(words) }];
  } catch (error) {
    const fix =
      database.kind === 'sqlite'
        ? 'Let the bot’s user read and write the file and its folder.'
        : 'See docs/operate.md, “The database”: the role, its right to create tables, TLS, and the firewall.';
    return [{ name, finding: attention({ text: `${(error as Error).message}.`, fix }) }];
  }
}

async function checkManifest(config: Config, path: string | undefined): Promise<NamedFinding[]> {
  const name = 'Manifest';
  if (path === undefined) {
    const fix = 'Give the filled manifest.json: npm run preflight -- --manifest FILE';
    return [{ name, finding: warning({ text: 'Not compared.', fix }) }];
  }
  let manifest: unknown;
  try {
    manifest = parseJson(readFileSync(path, 'utf8'));
  } catch {
    manifest = undefined;
  }
  if (!isJsonObject(manifest)) {
    const fix = 'Give the filled manifest.json, not the package.';
    return [{ name, finding: attention({ text: `${path} can’t be read as JSON.`, fix }) }];
  }
  const differences = compareManifest(manifest, config);
  if (differences.length === 0) return [{ name, finding: good('It names this bot, app and address.') }];
  const fix = 'Fill and upload the manifest again, with this configuration.';
  return differences.map((text) => ({ name, finding: attention({ text, fix }) }));
}

/** The parts of a manifest without which sign-in or the bot itself fails in Teams, where they differ from the configuration. */
function compareManifest(manifest: Readonly<Record<string, unknown>>, { bot, app, publicUrl }: Config): string[] {
  const objectAt = (value: unknown) => (isJsonObject(value) ? value : {});
  const listAt = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const { id, resource } = objectAt(manifest.webApplicationInfo);
  const { hostname } = new URL(publicUrl);
  const wanted: readonly (readonly [place: string, found: unknown, wanted: string, variable: string])[] = [
    ['bots[0].botId', objectAt(listAt(manifest.bots)[0]).botId, bot.id, 'BOT_ID'],
    ['webApplicationInfo.id', id, app.clientId, 'AAD_APP_CLIENT_ID'],
    ['webApplicationInfo.resource', resource, app.idUri, 'AAD_APP_ID_URI'],
  ];
  const differences = wanted.flatMap(([place, found, value, variable]) =>
    String(found).toLowerCase() === value.toLowerCase() ? [] : [`${place} is not ${variable} (${value}).`],
  );
  if (isLoopback(publicUrl) || listAt(manifest.validDomains).includes(hostname)) return differences;
  return [...differences, `validDomains lacks the host of PUBLIC_URL (${hostname}).`];
}
