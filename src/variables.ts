import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Lower case, as Entra writes ids in its tokens. */
const guid = z.guid('must be a GUID, such as 00000000-0000-0000-0000-000000000000').toLowerCase();
const secret = z.string();
const switchOf = (fallback: boolean) =>
  z
    .enum(['on', 'off'], 'must be on or off')
    .transform((value) => value === 'on')
    .default(fallback);
const whole = (unit: string, least: number, fallback: number, most = 31_536_000) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number of ${unit}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most} ${unit}`)
    .default(fallback);

/** Paths are appended to these as they are written, so an address that a parser would have to correct is refused. */
const url = z
  .string()
  .refine(
    (value) => /^https?:\/\/[^\s\\?#@/][^\s\\?#@]*$/i.test(value) && URL.canParse(value),
    'must be an http(s) address without a user name, query or fragment',
  );

const httpsUrl = url.refine((value) => /^https:/i.test(value), 'must be an https address');

const database = z.string().transform((value, context) => {
  if (/^sqlite:.+/.test(value)) return { kind: 'sqlite' as const, path: value.slice('sqlite:'.length) };
  if (/^postgres(ql)?:\/\/[^/\s]/.test(value) && URL.canParse(value)) return { kind: 'postgres' as const, url: value };
  context.addIssue('must be sqlite: and a path, or postgres:// and an address');
  return z.NEVER;
});

const listOf = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).min(1, 'must name at least one'));

/** Every variable by name, with its format and default. Documented in env/.env.example. */
const schemas = {
  PORT: whole('(a port)', 0, 3978, 65_535),
  METRICS_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a whole number (a port)')
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535, 'must be from 1 to 65535 (a port)')
    .optional(),
  PUBLIC_URL: url,
  TEAMS_HOST: z.enum(['botbuilder', 'agents'], 'must be botbuilder or agents').default('botbuilder'),
  BOT_ID: guid,
  BOT_PASSWORD: secret.optional(),
  BOT_TYPE: z.enum(
    ['SingleTenant', 'UserAssignedMsi', 'MultiTenant'],
    'must be SingleTenant, UserAssignedMsi or MultiTenant',
  ),
  BOT_TENANT_ID: guid.optional(),
  AAD_APP_CLIENT_ID: guid,
  AAD_APP_CLIENT_SECRET: secret.optional(),
  AAD_APP_CERTIFICATE_PATH: z.string().optional(),
  // Many places that hold variables hold no line breaks.
  AAD_APP_CERTIFICATE: secret.transform((pem) => pem.replaceAll('\\n', '\n')).optional(),
  AAD_APP_FEDERATED_CLIENT_ID: guid.optional(),
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  AAD_APP_ID_URI: z
    .string()
    .regex(/^(api|https):\/\/\S+$/, 'must begin with api:// or https://')
    .optional(),
  ALLOWED_TENANTS: listOf(guid),
  CLOUD: z
    .string()
    .refine(
      (value) => value !== 'china',
      'must not be china: Teams of 21Vianet shows no Adaptive Cards and no sign-in cards, which this bot needs',
    )
    .pipe(z.enum(['global', 'usgov', 'usgovdod'], 'must be global, usgov or usgovdod'))
    .default('global'),
  DATABASE_URL: database.default({ kind: 'sqlite', path: 'data/vpp-sync.db' }),
  GRAPH_BETA: switchOf(false),
  MONITOR: switchOf(true),
  MONITOR_INTERVAL_S: whole('seconds', 1, 900),
  SYNC_FOLLOW_DEADLINE_S: whole('seconds', 5, 900),
  SYNC_COOLDOWN_S: whole('seconds', 0, 300),
  TOKEN_CACHE_KEY: z
    .string()
    .refine(
      (value) => Buffer.from(value, 'base64').length === 32 && /^[A-Za-z0-9+/]{43}=$/.test(value),
      'must be 32 bytes in base64',
    )
    .transform((value) => Buffer.from(value, 'base64'))
    .optional(),
  AUDIT_OTHER_KEY: secret.optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'must be trace, debug, info, warn, error or fatal')
    .default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OPERATORS: listOf(guid).optional(),
  DEVELOPER_NAME: z.string().max(32, 'must have 32 characters at most, as in the manifest').optional(),
  WEBSITE_URL: httpsUrl.optional(),
  SUPPORT_CONTACT: z.union([z.email(), httpsUrl], 'must be an e-mail address or an https address').optional(),
  AUTHORITY_URL: url.optional(),
  GRAPH_URL: url.optional(),
  BOT_OPENID_METADATA_URL: url.optional(),
  BOT_ISSUER: z.string().optional(),
  EXTRA_SERVICE_URLS: listOf(url).optional(),
} as const;

export type Variables = { readonly [Name in keyof typeof schemas]: z.output<(typeof schemas)[Name]> };
export const variableNames = Object.keys(schemas) as readonly (keyof Variables)[];

interface VariablesRead {
  readonly variables: Partial<Variables>;
  /** Names of variables that are set and cannot be read. */
  readonly unreadable: ReadonlySet<string>;
  /** One line for each variable that is missing or cannot be read; values are never shown. */
  readonly problems: readonly string[];
}

/** Reads each variable on its own; empty counts as unset. Variables that cannot be read are absent from the result. */
export function readVariables(env: Environment): VariablesRead {
  const variables: Record<string, unknown> = {};
  const unreadable = new Set<string>();
  const problems: string[] = [];
  for (const name of variableNames) {
    const given = env[name]?.trim() || undefined;
    const schema: z.ZodType = schemas[name];
    const read = schema.safeParse(given);
    if (read.success) variables[name] = read.data;
    else {
      if (given !== undefined) unreadable.add(name);
      problems.push(
        `${name} ${given === undefined ? 'is missing' : (read.error.issues[0]?.message ?? 'is not valid')}`,
      );
    }
  }
  return { variables: variables as Partial<Variables>, unreadable, problems };
}
