import type { Registration, SandboxTenant } from './contract.ts';

/** A rehearsal in which the bot may take part, as the bot's own configuration sees it. */
export interface BotEnvironmentParts {
  readonly baseUrl: string;
  readonly registration: Registration;
  readonly botPassword: string;
  readonly tenants: readonly SandboxTenant[];
  readonly botIssuer: string;
}

/**
 * Every variable of the bot's configuration: those that follow from the rehearsal's addresses and registrations, and the
 * product's own defaults for the rest, which `extra` may replace. Without a DATABASE_URL the store lives in memory.
 */
export function botEnvironment(
  { baseUrl, registration, botPassword, tenants, botIssuer }: BotEnvironmentParts,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const allowed = tenants.filter(({ usesBot }) => usesBot).map(({ id }) => id);
  return {
    PORT: '0',
    PUBLIC_URL: baseUrl,
    BOT_ID: registration.botId,
    BOT_PASSWORD: botPassword,
    BOT_TYPE: 'SingleTenant',
    BOT_TENANT_ID: allowed[0] ?? '',
    AAD_APP_CLIENT_ID: registration.clientId,
    AAD_APP_CLIENT_SECRET: registration.clientSecret,
    AAD_APP_CERTIFICATE_PATH: '',
    AAD_APP_ID_URI: registration.idUri,
    ALLOWED_TENANTS: allowed.join(','),
    CLOUD: 'global',
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
    AUTHORITY_URL: `${baseUrl}/entra`,
    GRAPH_URL: `${baseUrl}/graph`,
    BOT_OPENID_METADATA_URL: `${baseUrl}/connector/.well-known/openidconfiguration`,
    BOT_ISSUER: botIssuer,
    EXTRA_SERVICE_URLS: `${baseUrl}/connector/`,
    ...extra,
  };
}
