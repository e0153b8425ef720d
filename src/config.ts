import { type Cloud, clouds } from './clouds.ts';
import { isLoopback } from './lib/net.ts';
import { type Environment, readVariables, type Variables } from './variables.ts';

export { type Environment, variableNames } from './variables.ts';

/** The checked configuration of a process. Durations are milliseconds; addresses have no trailing slash. */
export interface Config {
  readonly port: number;
  /** Absent: no metrics are served. */
  readonly metricsPort?: number;
  readonly publicUrl: string;
  /** The SDK that an activity passes on its way to the bot. */
  readonly teamsHost: 'botbuilder' | 'agents';
  readonly cloud: Cloud;
  readonly bot: {
    readonly id: string;
    readonly type: 'SingleTenant' | 'UserAssignedMsi' | 'MultiTenant';
    readonly tenantId?: string;
    readonly password?: string;
  };
  /** The registration that people sign in to; the bot has another one of its own. */
  readonly app: {
    readonly clientId: string;
    readonly idUri: string;
    readonly credential: AppCredential;
  };
  /** Lower case. */
  readonly allowedTenants: readonly string[];
  /** Addresses of Entra, Graph and the channel's keys: the cloud's, or a rehearsal's on loopback. */
  readonly authorityUrl: string;
  readonly graphUrl: string;
  readonly botOpenIdMetadataUrl: string;
  readonly botIssuer: string;
  readonly extraServiceUrls: readonly string[];
  readonly database:
    | { readonly kind: 'sqlite'; readonly path: string }
    /** `identity`: client id of the managed identity whose Entra token is the password. */
    | { readonly kind: 'postgres'; readonly url: string; readonly identity?: string };
  readonly graphBeta: boolean;
  readonly monitor: boolean;
  readonly monitorIntervalMs: number;
  readonly syncFollowDeadlineMs: number;
  readonly syncCooldownMs: number;
  readonly tokenCacheKey?: Buffer;
  /** A former secret of the audit's key, or the next one, while it is replaced. */
  readonly auditOtherKey?: string;
  readonly logLevel: string;
  /** Entra object ids, lower case, of those who see what only an operator can fix. Empty: nobody does. */
  readonly operatorIds: readonly string[];
  /** Shown on the bot's pages, and filled into the app's manifest. */
  readonly operator: {
    readonly name?: string;
    readonly websiteUrl?: string;
    /** An e-mail address or an https address. */
    readonly support?: string;
  };
  readonly otlpEndpoint?: string;
}

/** How the app proves itself to Entra. A token file is of a workload identity, such as Kubernetes writes. */
export type AppCredential =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'certificateFile'; readonly path: string }
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'managedIdentity'; readonly clientId: string }
  | { readonly kind: 'tokenFile'; readonly path: string };

export type ConfigResult = { readonly config: Config } | { readonly problems: readonly string[] };

/**
 * Reads the configuration from the given variables, never from a file.
 * Reports every problem at once, each a line that begins with its variable's name; with any problem there is no configuration.
 */
export function readConfig(env: Environment): ConfigResult {
  const { variables, unreadable, problems } = readVariables(env);
  const all = [...problems, ...problemsAcross(variables, unreadable)];
  return all.length > 0 ? { problems: all } : { config: toConfig(variables as Variables) };
}

function toConfig(v: Variables): Config {
  const cloud = clouds[v.CLOUD];
  const publicUrl = withoutSlash(v.PUBLIC_URL);
  return {
    port: v.PORT,
    ...(v.METRICS_PORT !== undefined && { metricsPort: v.METRICS_PORT }),
    publicUrl,
    teamsHost: v.TEAMS_HOST,
    cloud,
    bot: {
      id: v.BOT_ID,
      type: v.BOT_TYPE,
      ...(v.BOT_TENANT_ID && { tenantId: v.BOT_TENANT_ID }),
      ...(v.BOT_PASSWORD && { password: v.BOT_PASSWORD }),
    },
    app: {
      clientId: v.AAD_APP_CLIENT_ID,
      idUri: v.AAD_APP_ID_URI ?? `api://botid-${v.AAD_APP_CLIENT_ID}`,
      credential: credentialOf(v),
    },
    allowedTenants: v.ALLOWED_TENANTS,
    authorityUrl: withoutSlash(v.AUTHORITY_URL ?? cloud.loginUrl),
    graphUrl: withoutSlash(v.GRAPH_URL ?? cloud.graphRoot),
    botOpenIdMetadataUrl: v.BOT_OPENID_METADATA_URL ?? cloud.botOpenIdMetadataUrl,
    botIssuer: v.BOT_ISSUER ?? cloud.botIssuer,
    extraServiceUrls: v.EXTRA_SERVICE_URLS ?? [],
    database: databaseOf(v),
    graphBeta: v.GRAPH_BETA,
    monitor: v.MONITOR,
    monitorIntervalMs: v.MONITOR_INTERVAL_S * 1000,
    syncFollowDeadlineMs: v.SYNC_FOLLOW_DEADLINE_S * 1000,
    syncCooldownMs: v.SYNC_COOLDOWN_S * 1000,
    ...(v.TOKEN_CACHE_KEY && { tokenCacheKey: v.TOKEN_CACHE_KEY }),
    ...(v.AUDIT_OTHER_KEY && { auditOtherKey: v.AUDIT_OTHER_KEY }),
    logLevel: v.LOG_LEVEL,
    operatorIds: v.OPERATORS ?? [],
    operator: {
      ...(v.DEVELOPER_NAME && { name: v.DEVELOPER_NAME }),
      ...(v.WEBSITE_URL && { websiteUrl: v.WEBSITE_URL }),
      ...(v.SUPPORT_CONTACT && { support: v.SUPPORT_CONTACT }),
    },
    ...(v.OTEL_EXPORTER_OTLP_ENDPOINT && { otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT }),
  };
}

function credentialOf(v: Variables): AppCredential {
  if (v.AAD_APP_CERTIFICATE_PATH) return { kind: 'certificateFile', path: v.AAD_APP_CERTIFICATE_PATH };
  if (v.AAD_APP_CERTIFICATE) return { kind: 'certificate', pem: v.AAD_APP_CERTIFICATE };
  if (v.AAD_APP_FEDERATED_CLIENT_ID) return { kind: 'managedIdentity', clientId: v.AAD_APP_FEDERATED_CLIENT_ID };
  if (v.AZURE_FEDERATED_TOKEN_FILE) return { kind: 'tokenFile', path: v.AZURE_FEDERATED_TOKEN_FILE };
  return { kind: 'secret', secret: v.AAD_APP_CLIENT_SECRET ?? '' };
}

function databaseOf(v: Variables): Config['database'] {
  const identity = findDatabaseIdentity(v);
  return v.DATABASE_URL.kind === 'postgres' && identity ? { ...v.DATABASE_URL, identity } : v.DATABASE_URL;
}

/** An address of PostgreSQL without a password uses the managed identity of the bot's process, if it has one. */
function findDatabaseIdentity(v: Partial<Variables>): string | undefined {
  const database = v.DATABASE_URL;
  if (database?.kind !== 'postgres') return undefined;
  const { password, searchParams } = new URL(database.url);
  if (password !== '' || searchParams.has('password')) return undefined;
  return v.AAD_APP_FEDERATED_CLIENT_ID ?? (v.BOT_TYPE === 'UserAssignedMsi' ? v.BOT_ID : undefined);
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

const overrides = ['AUTHORITY_URL', 'GRAPH_URL', 'BOT_OPENID_METADATA_URL', 'EXTRA_SERVICE_URLS'] as const;

/**
 * Problems of the variables together, each a line that begins with the variable to correct. `unreadable` variables count as set, and
 * get no second line.
 */
function problemsAcross(v: Partial<Variables>, unreadable: ReadonlySet<string>): string[] {
  const problems = [
    ...portProblems(v),
    ...publicUrlProblems(v),
    ...botProblems(v),
    ...appProblems(v, unreadable),
    ...databaseProblems(v),
    ...overrideProblems(v, unreadable),
  ];
  return [...new Set(problems)].filter((problem) => !unreadable.has(problem.slice(0, problem.indexOf(' '))));
}

function portProblems({ PORT, METRICS_PORT }: Partial<Variables>): string[] {
  if (METRICS_PORT === undefined || METRICS_PORT !== PORT) return [];
  return ['METRICS_PORT must not be PORT: metrics are not for the public'];
}

function publicUrlProblems(v: Partial<Variables>): string[] {
  const url = v.PUBLIC_URL;
  if (!url || /^https:/i.test(url) || isLoopback(url)) return [];
  return ['PUBLIC_URL must be https, except on loopback'];
}

function botProblems(v: Partial<Variables>): string[] {
  const problems: string[] = [];
  const type = v.BOT_TYPE;
  if (type === 'UserAssignedMsi') {
    if (v.BOT_PASSWORD) problems.push('BOT_PASSWORD must not be set with BOT_TYPE UserAssignedMsi');
  } else if (!v.BOT_PASSWORD) {
    problems.push('BOT_PASSWORD is missing (only BOT_TYPE UserAssignedMsi goes without)');
  }
  if (type !== 'MultiTenant' && !v.BOT_TENANT_ID) {
    problems.push('BOT_TENANT_ID is missing (only BOT_TYPE MultiTenant goes without)');
  }
  return problems;
}

const credentials = [
  'AAD_APP_CLIENT_SECRET',
  'AAD_APP_CERTIFICATE_PATH',
  'AAD_APP_CERTIFICATE',
  'AAD_APP_FEDERATED_CLIENT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
] as const;

function appProblems(v: Partial<Variables>, unreadable: ReadonlySet<string>): string[] {
  const [given, ...others] = credentials.filter((name) => v[name] !== undefined || unreadable.has(name));
  const [wanted, ...instead] = credentials;
  if (given === undefined) return [`${wanted} is missing (or give one of ${instead.join(', ')})`];
  if (others.length > 0) return [`${given} and ${others.join(', ')} are set; give exactly one`];
  if (given !== 'AAD_APP_FEDERATED_CLIENT_ID' && given !== 'AZURE_FEDERATED_TOKEN_FILE') return [];
  if (v.TOKEN_CACHE_KEY || unreadable.has('TOKEN_CACHE_KEY')) return [];
  return [`TOKEN_CACHE_KEY is missing: with ${given} there is no other secret to seal the audit with`];
}

function databaseProblems(v: Partial<Variables>): string[] {
  const database = v.DATABASE_URL;
  if (database?.kind !== 'postgres' || findDatabaseIdentity(v) === undefined) return [];
  const { searchParams } = new URL(database.url);
  const isOnThisMachine = isLoopback(database.url) && !searchParams.has('host');
  if (isOnThisMachine || ['verify-full', 'verify-ca', 'require'].includes(searchParams.get('sslmode') ?? '')) return [];
  return ['DATABASE_URL must end with ?sslmode=verify-full: without a password it is sent an access token'];
}

/** A rehearsal's addresses must be set all together and be on loopback: a token must never be sent to another machine. */
function overrideProblems(v: Partial<Variables>, unreadable: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const given = overrides.filter((name) => v[name] !== undefined || unreadable.has(name));
  for (const name of given) {
    for (const url of [v[name] ?? []].flat()) {
      if (!isLoopback(url)) problems.push(`${name} is for loopback addresses alone`);
    }
  }
  if (given.length > 0 && given.length < overrides.length) {
    for (const name of overrides) {
      if (!given.includes(name))
        problems.push(`${name} is missing; ${given.join(', ')} can only be set together with it`);
    }
  }
  if (v.BOT_ISSUER !== undefined && given.length === 0)
    problems.push(`BOT_ISSUER is only allowed together with ${overrides.join(', ')}`);
  return problems;
}

/** The configuration for the log: the settings that explain the bot's behavior, and no secret. */
export function describeConfig(config: Config): object {
  return {
    publicUrl: config.publicUrl,
    teamsHost: config.teamsHost,
    cloud: config.cloud.name,
    botType: config.bot.type,
    signInWith: config.app.credential.kind,
    tenants: config.allowedTenants.length,
    database: config.database.kind,
    databaseSignIn: config.database.kind === 'postgres' && config.database.identity ? 'managedIdentity' : undefined,
    graphBeta: config.graphBeta,
    monitor: config.monitor,
    rehearsal: config.extraServiceUrls.length > 0,
  };
}
