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

/** Paths are put after these as they are written, so nothing is taken that parsing would have to mend. */
const url = z
  .string()
  .refine(
    (value) => /^https?:\/\/[^\s\\?#@/][^\s\\?#@]*$/i.test(value) && URL.canParse(value),
    'must be an http(s) address without a user name, query or fragment',
  );

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

/** Every variable the process knows, by name, with its form and default. Documented for people in env/.env.example. */
const schemas = {
  PORT: whole('(a port)', 0, 3978, 65_535),
  PUBLIC_URL: url,
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
  AAD_APP_ID_URI: z
    .string()
    .regex(/^(api|https):\/\/\S+$/, 'must begin with api:// or https://')
    .optional(),
  ALLOWED_TENANTS: listOf(guid),
  CLOUD: z.enum(['global', 'usgov', 'usgovdod', 'china'], 'must be global, usgov, usgovdod or china').default('global'),
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
  AUTHORITY_URL: url.optional(),
  GRAPH_URL: url.optional(),
  BOT_OPENID_METADATA_URL: url.optional(),
  BOT_ISSUER: z.string().optional(),
  EXTRA_SERVICE_URLS: listOf(url).optional(),
} as const;

export type Variables = { readonly [Name in keyof typeof schemas]: z.output<(typeof schemas)[Name]> };
export const variableNames = Object.keys(schemas) as readonly (keyof Variables)[];

export interface VariablesRead {
  readonly variables: Partial<Variables>;
  /** What stands in the environment and cannot be read. */
  readonly unreadable: ReadonlySet<string>;
  /** One line each, for what cannot be read and for what is missing; values are never shown. */
  readonly problems: readonly string[];
}

/** Reads each variable by itself; unset equals empty. What could not be read is absent. */
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
