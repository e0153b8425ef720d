import { type Cloud, clouds } from './clouds.ts';
import { doubtsAbout } from './config-doubts.ts';
import { type Environment, readVariables, type Variables } from './config-variables.ts';

/** Everything the process is told from outside, checked. Durations are milliseconds; addresses have no trailing slash. */
export interface Config {
  readonly port: number;
  readonly publicUrl: string;
  readonly cloud: Cloud;
  readonly bot: {
    readonly id: string;
    readonly type: 'SingleTenant' | 'UserAssignedMsi' | 'MultiTenant';
    readonly tenantId?: string;
    readonly password?: string;
  };
  /** The app people sign in to; the bot's own registration is another one. */
  readonly app: {
    readonly clientId: string;
    readonly idUri: string;
    readonly clientSecret?: string;
    readonly certificatePath?: string;
  };
  /** Lower case. */
  readonly allowedTenants: readonly string[];
  /** Where Entra, Graph and the channel's keys are reached: the cloud's addresses, or a rehearsal's on loopback. */
  readonly authorityUrl: string;
  readonly graphUrl: string;
  readonly botOpenIdMetadataUrl: string;
  readonly botIssuer: string;
  readonly extraServiceUrls: readonly string[];
  readonly database:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'postgres'; readonly url: string };
  readonly graphBeta: boolean;
  readonly monitor: boolean;
  readonly monitorIntervalMs: number;
  readonly syncFollowDeadlineMs: number;
  readonly syncCooldownMs: number;
  readonly tokenCacheKey?: Buffer;
  /** While the audit's key is replaced: the one before, or the one to come. */
  readonly auditOtherKey?: string;
  readonly logLevel: string;
  readonly otlpEndpoint?: string;
}

export type ConfigResult = { readonly config: Config } | { readonly problems: readonly string[] };

/**
 * Reads the configuration from the variables given, never from a file.
 * Reports every problem at once, each a line that names its variable; with any problem there is no configuration.
 */
export function readConfig(env: Environment): ConfigResult {
  const { variables, unreadable, problems } = readVariables(env);
  const doubts = [...problems, ...doubtsAbout(variables, unreadable)];
  return doubts.length > 0 ? { problems: doubts } : { config: toConfig(variables as Variables) };
}

function toConfig(v: Variables): Config {
  const cloud = clouds[v.CLOUD];
  const publicUrl = withoutSlash(v.PUBLIC_URL);
  return {
    port: v.PORT,
    publicUrl,
    cloud,
    bot: {
      id: v.BOT_ID,
      type: v.BOT_TYPE,
      ...(v.BOT_TENANT_ID && { tenantId: v.BOT_TENANT_ID }),
      ...(v.BOT_PASSWORD && { password: v.BOT_PASSWORD }),
    },
    app: {
      clientId: v.AAD_APP_CLIENT_ID,
      idUri: v.AAD_APP_ID_URI ?? `api://${new URL(publicUrl).host}/botid-${v.BOT_ID}`,
      ...(v.AAD_APP_CLIENT_SECRET && { clientSecret: v.AAD_APP_CLIENT_SECRET }),
      ...(v.AAD_APP_CERTIFICATE_PATH && { certificatePath: v.AAD_APP_CERTIFICATE_PATH }),
    },
    allowedTenants: v.ALLOWED_TENANTS,
    authorityUrl: withoutSlash(v.AUTHORITY_URL ?? cloud.loginUrl),
    graphUrl: withoutSlash(v.GRAPH_URL ?? cloud.graphRoot),
    botOpenIdMetadataUrl: v.BOT_OPENID_METADATA_URL ?? cloud.botOpenIdMetadataUrl,
    botIssuer: v.BOT_ISSUER ?? cloud.botIssuer,
    extraServiceUrls: v.EXTRA_SERVICE_URLS ?? [],
    database: v.DATABASE_URL,
    graphBeta: v.GRAPH_BETA,
    monitor: v.MONITOR,
    monitorIntervalMs: v.MONITOR_INTERVAL_S * 1000,
    syncFollowDeadlineMs: v.SYNC_FOLLOW_DEADLINE_S * 1000,
    syncCooldownMs: v.SYNC_COOLDOWN_S * 1000,
    ...(v.TOKEN_CACHE_KEY && { tokenCacheKey: v.TOKEN_CACHE_KEY }),
    ...(v.AUDIT_OTHER_KEY && { auditOtherKey: v.AUDIT_OTHER_KEY }),
    logLevel: v.LOG_LEVEL,
    ...(v.OTEL_EXPORTER_OTLP_ENDPOINT && { otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT }),
  };
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');
