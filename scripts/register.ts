// Makes or completes what the bot needs in Entra and Azure, with Azure CLI, and prints the bot's environment: npm run register.
// What is there already is kept. See docs/permissions.md.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { parseArgs, promisify } from 'node:util';
import { clouds } from '../src/clouds.ts';
import { delegatedPermissions, monitoringRoles } from '../src/graph/vpp.ts';
import { daysBetween } from '../src/lib/time.ts';

const usage = `npm run register -- --public-url https://bot.example.com [options]
  --identity RESOURCE_ID   a user-assigned managed identity: the bot's own, and the app's credential instead of a secret
  --issuer URL --subject TEXT   the app's federated credential elsewhere, such as a service account of Kubernetes
  --secret                 a new client secret for the app, for a year
  --bot-secret             a new client secret for the bot's registration, for a year (without --identity)
  --resource-group GROUP   also make the Azure Bot and its Teams channel there (infra/ makes them by itself)
  --bot-name NAME          name of the Azure Bot (vpp-sync)
  --name NAME              display name of the registrations (VPP Sync)
  --app-id ID --bot-id ID  registrations that have another name
  --multi-tenant           people of other tenants sign in too
  --cloud global|usgov|usgovdod
  --id-uri URI             Application ID URI, unless it is api://botid-{client id}
  --check                  change nothing: say what is missing, and the days that secrets have left
  --dry-run                change nothing: print the commands
PUBLIC_URL, AAD_APP_CLIENT_ID, AAD_APP_ID_URI, CLOUD and, with a bot of its own, BOT_ID of the environment take an option’s place.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  'public-url': text,
  identity: text,
  issuer: text,
  subject: text,
  secret: flag,
  'bot-secret': flag,
  'resource-group': text,
  'bot-name': { ...text, default: 'vpp-sync' },
  name: { ...text, default: 'VPP Sync' },
  'app-id': text,
  'bot-id': text,
  'id-uri': text,
  'multi-tenant': flag,
  cloud: text,
  check: flag,
  'dry-run': flag,
  help: flag,
} as const;

type Options = ReturnType<typeof readOptions>;

/** A bot's own environment serves too, so that `--check` needs nothing else. */
function readOptions() {
  const { values } = parseArgs({ options });
  const { PUBLIC_URL, AAD_APP_CLIENT_ID, AAD_APP_ID_URI, BOT_ID, BOT_TYPE, CLOUD } = process.env;
  return {
    ...values,
    cloud: values.cloud ?? (CLOUD || 'global'),
    'public-url': values['public-url'] ?? PUBLIC_URL ?? '',
    'app-id': values['app-id'] ?? AAD_APP_CLIENT_ID,
    'id-uri': values['id-uri'] ?? AAD_APP_ID_URI,
    'bot-id': values['bot-id'] ?? (BOT_TYPE === 'UserAssignedMsi' ? undefined : BOT_ID),
    /** A managed identity is the bot, and its registration is nobody's to make or check. */
    isIdentityBot: BOT_TYPE === 'UserAssignedMsi' || values.identity !== undefined,
  };
}

/** Teams on desktops and phones, and Teams in browsers: they sign people in silently. */
const teamsClients = ['1fec8e78-bce4-4aaf-ab1b-5451cc387264', '5e3ce6c0-2b1f-4285-8d4b-75ee78787346'];
const graphAppId = '00000003-0000-0000-c000-000000000000';
const soonDays = 30;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const run = promisify(execFile);

/** A sentence for the person at the terminal. */
class RefusedError extends Error {}

/** Runs Azure CLI and reads its JSON. */
async function az<T>(...args: readonly string[]): Promise<T> {
  try {
    const { stdout } = await run('az', [...args, '--output', 'json'], { maxBuffer: 64 * 1024 * 1024 });
    return (stdout.trim() === '' ? undefined : JSON.parse(stdout)) as T;
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') throw new RefusedError('Azure CLI (az) is not installed here. Azure Cloud Shell has it.');
    throw new RefusedError(`az ${args.slice(0, 3).join(' ')} failed: ${stderr.trim() || error}`);
  }
}

/** What is missing is made, or only named: the one place that changes anything. */
function createChanges({ check, 'dry-run': isDryRun }: Options) {
  const missing: string[] = [];
  return {
    missing,
    /** Resolves to the command's answer; undefined when nothing may be changed. */
    async make<T>(what: string, ...args: readonly string[]): Promise<T | undefined> {
      missing.push(what);
      if (check) say(`✕ Missing: ${what}`);
      else if (isDryRun) process.stdout.write(`az ${args.map(quoted).join(' ')}\n`);
      else {
        const answer = await az<T>(...args);
        say(`✓ Made: ${what}`);
        return answer;
      }
      return undefined;
    },
  };
}

type Changes = ReturnType<typeof createChanges>;

const quoted = (word: string) => (/^[\w@:/.=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

interface Credential {
  readonly displayName?: string | null;
  readonly endDateTime: string;
}

interface Permission {
  readonly id: string;
  readonly value: string;
}

interface RequiredAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: 'Scope' | 'Role' }[];
}

/** The parts of a registration that matter here, named as in Microsoft Graph (application resource type). */
interface Application {
  readonly id: string;
  readonly appId: string;
  readonly identifierUris: readonly string[];
  readonly web?: { readonly redirectUris?: readonly string[] };
  readonly api?: {
    readonly requestedAccessTokenVersion?: number | null;
    readonly oauth2PermissionScopes?: readonly Permission[];
    readonly preAuthorizedApplications?: readonly PreAuthorized[];
  };
  readonly requiredResourceAccess?: readonly RequiredAccess[];
  readonly passwordCredentials?: readonly Credential[];
  readonly keyCredentials?: readonly Credential[];
}

interface PreAuthorized {
  readonly appId: string;
  readonly delegatedPermissionIds: readonly string[];
}

/** The registration by its id, else by its name; made when there is none. */
async function findOrMake(
  changes: Changes,
  name: string,
  id: string | undefined,
  isMultiTenant: boolean,
): Promise<Application> {
  const filter = id ? `appId eq '${id}'` : `displayName eq '${name.replaceAll("'", "''")}'`;
  const found = await az<readonly Application[]>('ad', 'app', 'list', '--filter', filter);
  if (found.length > 1)
    throw new RefusedError(`Several registrations are called “${name}”. Name one with --app-id or --bot-id.`);
  if (found[0]) return found[0];
  if (id) throw new RefusedError(`There is no registration ${id} in this tenant.`);
  const audience = isMultiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg';
  const words = ['ad', 'app', 'create', '--display-name', name, '--sign-in-audience', audience];
  const made = await changes.make<Application>(`the registration “${name}”`, ...words);
  return made ?? { id: `<object id of ${name}>`, appId: `<client id of ${name}>`, identifierUris: [] };
}

/** Without it nobody can consent, and Entra issues the registration no token in its own tenant (AADSTS7000229). */
async function ensureServicePrincipal(changes: Changes, name: string, { appId }: Application): Promise<void> {
  const found = await az<readonly unknown[]>('ad', 'sp', 'list', '--filter', `appId eq '${appId}'`);
  if (found.length === 0) await changes.make(`the service principal of “${name}”`, 'ad', 'sp', 'create', '--id', appId);
}

interface AppParts {
  readonly changes: Changes;
  readonly app: Application;
  readonly graphUrl: string;
  readonly publicUrl: string;
  readonly idUri: string;
}

/** Address, scope, pre-authorized Teams clients, token version, redirect address and Graph permissions; all else is kept. */
async function completeApp({ changes, app, graphUrl, publicUrl, idUri }: AppParts): Promise<void> {
  const { api = {}, web = {}, identifierUris } = app;
  const scopes = api.oauth2PermissionScopes ?? [];
  const scope = scopes.find(({ value }) => value === 'access_as_user');
  const scopeId = scope?.id ?? randomUUID();
  const redirectUri = `${publicUrl}/auth/end`;
  const required = await addPermissions(app.requiredResourceAccess ?? []);
  const redirectUris = web.redirectUris ?? [];
  const parts: readonly (readonly [what: string, isThere: boolean])[] = [
    [`the Application ID URI ${idUri}`, identifierUris.includes(idUri)],
    ['access tokens of version 2', api.requestedAccessTokenVersion === 2],
    ['the scope access_as_user', scope !== undefined],
    [`the redirect address ${redirectUri}`, redirectUris.includes(redirectUri)],
    [`the Graph permissions ${required.lacking.join(', ')}`, required.lacking.length === 0],
  ];
  const lacking = parts.flatMap(([what, isThere]) => (isThere ? [] : [what]));
  const patch = (what: string, body: object) =>
    changes.make(
      what,
      ...['rest', '--method', 'PATCH', '--url', `${graphUrl}/v1.0/applications/${app.id}`],
      ...['--headers', 'Content-Type=application/json', '--body', JSON.stringify(body)],
    );
  if (lacking.length > 0) {
    await patch(lacking.join('; '), {
      identifierUris: [...new Set([...identifierUris, idUri])],
      web: { redirectUris: [...new Set([...redirectUris, redirectUri])] },
      api: {
        requestedAccessTokenVersion: 2,
        oauth2PermissionScopes: scope ? scopes : [...scopes, accessAsUser(scopeId)],
      },
      requiredResourceAccess: required.all,
    });
  }
  const known = api.preAuthorizedApplications ?? [];
  const others = teamsClients.filter(
    (client) => !known.some(({ appId, delegatedPermissionIds: ids }) => appId === client && ids.includes(scopeId)),
  );
  if (others.length === 0) return;
  // A scope must be there before it can be named.
  await patch('Teams’ clients, pre-authorized for access_as_user', {
    api: {
      preAuthorizedApplications: [
        ...known.filter(({ appId }) => !others.includes(appId)),
        ...others.map((appId) => {
          const ids = known.find((each) => each.appId === appId)?.delegatedPermissionIds ?? [];
          return { appId, delegatedPermissionIds: [...ids, scopeId] };
        }),
      ],
    },
  });
}

const accessAsUser = (id: string) => ({
  id,
  value: 'access_as_user',
  type: 'User',
  isEnabled: true,
  adminConsentDisplayName: 'Use VPP Sync',
  adminConsentDescription: 'Lets Teams sign people in to VPP Sync without asking them.',
  userConsentDisplayName: 'Use VPP Sync',
  userConsentDescription: 'Lets Teams sign you in to VPP Sync without asking you.',
});

/** Graph's permissions by name; their ids are read from the tenant. */
async function addPermissions(present: readonly RequiredAccess[]) {
  const [graph] = await az<
    readonly { oauth2PermissionScopes: readonly Permission[]; appRoles: readonly Permission[] }[]
  >(...['ad', 'sp', 'list', '--filter', `appId eq '${graphAppId}'`]);
  if (!graph) throw new RefusedError('This tenant has no service principal of Microsoft Graph.');
  const of = (list: readonly Permission[], names: readonly string[], type: 'Scope' | 'Role') =>
    names.map((name) => {
      const id = list.find(({ value }) => value === name)?.id;
      if (id === undefined) throw new RefusedError(`Microsoft Graph has no permission ${name} in this cloud.`);
      return { name: `${name} (${type === 'Scope' ? 'delegated' : 'application'})`, access: { id, type } };
    });
  const wanted = [
    ...of(graph.oauth2PermissionScopes, delegatedPermissions, 'Scope'),
    ...of(graph.appRoles, monitoringRoles, 'Role'),
  ];
  const has = present.find(({ resourceAppId }) => resourceAppId === graphAppId)?.resourceAccess ?? [];
  const lacking = wanted.filter(({ access }) => !has.some(({ id, type }) => id === access.id && type === access.type));
  return {
    lacking: lacking.map(({ name }) => name),
    all: [
      ...present.filter(({ resourceAppId }) => resourceAppId !== graphAppId),
      { resourceAppId: graphAppId, resourceAccess: [...has, ...lacking.map(({ access }) => access)] },
    ],
  };
}

interface Federated {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

async function ensureFederated(changes: Changes, { appId }: Application, wanted: Federated): Promise<void> {
  const isNew = appId.startsWith('<');
  const found = isNew ? [] : await az<readonly Federated[]>('ad', 'app', 'federated-credential', 'list', '--id', appId);
  const isThere = found.some(
    ({ issuer, subject, audiences }) =>
      issuer === wanted.issuer && subject === wanted.subject && audiences[0] === wanted.audiences[0],
  );
  if (isThere) return;
  const parameters = JSON.stringify({ name: `vpp-sync-${found.length + 1}`, ...wanted });
  const words = ['ad', 'app', 'federated-credential', 'create', '--id', appId, '--parameters', parameters];
  await changes.make(`the app’s federated credential for ${wanted.subject}`, ...words);
}

/** Resolves to the secret; undefined when nothing may be changed. */
async function makeSecret(changes: Changes, what: string, { appId }: Application): Promise<string | undefined> {
  const words = ['ad', 'app', 'credential', 'reset', '--id', appId, '--append', '--years', '1'];
  return (await changes.make<{ password: string }>(what, ...words, '--display-name', 'VPP Sync'))?.password;
}

/** Days left of secrets and certificates: the newest of each registration counts, because older ones may stay beside it. */
function reportCredentials(whose: string, app: Application, now: number): string[] {
  const all = [...(app.passwordCredentials ?? []), ...(app.keyCredentials ?? [])];
  const left = all.map(({ endDateTime }) => daysBetween(now, Date.parse(endDateTime)));
  const most = Math.max(...left);
  for (const [index, { displayName }] of all.entries()) {
    const days = left[index] ?? 0;
    const which = `${whose}’s secret or certificate ${displayName ? `“${displayName}”` : index + 1}`;
    say(
      days < 0
        ? `✕ ${which} expired ${-days} days ago.`
        : `${days < soonDays ? '⚠' : '✓'} ${which}: ${days} days left.`,
    );
  }
  return all.length > 0 && most < 0 ? [`a secret of ${whose} that has not expired`] : [];
}

interface BotParts {
  readonly changes: Changes;
  readonly options: Options;
  readonly botId: string;
  readonly tenantId: string;
  readonly publicUrl: string;
}

/** The Azure Bot and its Teams channel. */
async function ensureAzureBot({ changes, options, botId, tenantId, publicUrl }: BotParts): Promise<void> {
  const { 'resource-group': group = '', 'bot-name': name, identity } = options;
  const place = ['--resource-group', group, '--name', name];
  const endpoint = `${publicUrl}/api/messages`;
  const found = await az<readonly unknown[]>(
    ...[
      'resource',
      'list',
      '--resource-group',
      group,
      '--resource-type',
      'Microsoft.BotService/botServices',
      '--name',
      name,
    ],
  );
  if (found.length === 0) {
    const own = identity
      ? ['--app-type', 'UserAssignedMSI', '--msi-resource-id', identity]
      : ['--app-type', 'SingleTenant'];
    const words = [
      'bot',
      'create',
      ...place,
      '--appid',
      botId,
      ...own,
      '--tenant-id',
      tenantId,
      '--endpoint',
      endpoint,
    ];
    await changes.make(`the Azure Bot “${name}”`, ...words, '--sku', 'F0');
  } else {
    const { properties } = await az<{ properties: { endpoint?: string; msaAppId?: string } }>('bot', 'show', ...place);
    if (properties.msaAppId?.toLowerCase() !== botId.toLowerCase() && !botId.startsWith('<'))
      throw new RefusedError(
        `The Azure Bot “${name}” belongs to another bot, ${properties.msaAppId}. Give another --bot-name.`,
      );
    if (properties.endpoint !== endpoint)
      await changes.make(`the Azure Bot’s endpoint ${endpoint}`, 'bot', 'update', ...place, '--endpoint', endpoint);
    const isInTeams = await az('bot', 'msteams', 'show', ...place).then(
      () => true,
      (error: Error) => {
        if (/not ?found|does not exist/i.test(error.message)) return false;
        throw error;
      },
    );
    if (isInTeams) return;
  }
  await changes.make('the Azure Bot’s Teams channel', 'bot', 'msteams', 'create', ...place);
}

interface Identity {
  readonly clientId: string;
  readonly principalId: string;
  readonly tenantId: string;
}

/** Resolves to the exit code. */
async function register(given: Options, now: number): Promise<number> {
  const cloud = Object.entries(clouds).find(([name]) => name === given.cloud)?.[1];
  const publicUrl = given['public-url'].replace(/\/+$/, '');
  if (!cloud) throw new RefusedError('--cloud must be global, usgov or usgovdod.');
  if (!/^https:\/\/[^\s\\?#@]+$/i.test(publicUrl) || !URL.canParse(publicUrl))
    throw new RefusedError(
      '--public-url, or PUBLIC_URL, must be an https address without a user name, query or fragment.',
    );
  if (given.identity && (given.issuer || given.secret || given['bot-secret']))
    throw new RefusedError('--identity takes the place of --issuer, --secret and --bot-secret.');
  if (!given.issuer !== !given.subject) throw new RefusedError('--issuer and --subject belong together.');

  const account = await az<{ tenantId: string; environmentName: string }>('account', 'show');
  const wantedAzure = given.cloud === 'global' ? 'AzureCloud' : 'AzureUSGovernment';
  if (account.environmentName !== wantedAzure)
    throw new RefusedError(
      `Azure CLI is signed in to ${account.environmentName}. Run: az cloud set --name ${wantedAzure}, then az login.`,
    );

  const { tenantId } = account;
  const changes = createChanges(given);
  const identity = given.identity ? await az<Identity>('identity', 'show', '--ids', given.identity) : undefined;
  const app = await findOrMake(changes, given.name, given['app-id'] || undefined, given['multi-tenant']);
  await ensureServicePrincipal(changes, given.name, app);
  const standardUri = `api://botid-${app.appId}`;
  const idUri = given['id-uri'] || standardUri;
  // Azure CLI is signed in to this Graph, in DoD too.
  const graphUrl = clouds[given.cloud === 'global' ? 'global' : 'usgov'].graphRoot;
  await completeApp({ changes, app, graphUrl, publicUrl, idUri });

  const issuer = identity ? `${cloud.loginUrl}/${identity.tenantId}/v2.0` : given.issuer;
  const subject = identity?.principalId ?? given.subject;
  if (issuer && subject)
    await ensureFederated(changes, app, { issuer, subject, audiences: [cloud.tokenExchangeAudience] });
  const secret = given.secret ? await makeSecret(changes, 'a client secret of the app', app) : undefined;
  const expired = secret ? [] : reportCredentials('the app', app, now);

  const botName = `${given.name} bot`;
  const bot = given.isIdentityBot ? undefined : await findOrMake(changes, botName, given['bot-id'] || undefined, false);
  if (bot) await ensureServicePrincipal(changes, botName, bot);
  const password =
    bot && given['bot-secret'] ? await makeSecret(changes, 'a client secret of the bot', bot) : undefined;
  if (bot && !password) expired.push(...reportCredentials('the bot', bot, now));
  const botId = identity?.clientId ?? bot?.appId ?? process.env.BOT_ID ?? '';
  if (given['resource-group']) await ensureAzureBot({ changes, options: given, botId, tenantId, publicUrl });

  for (const each of expired) say(`✕ Missing: ${each}`);
  if (given.check) return changes.missing.length + expired.length > 0 ? 1 : 0;
  if (given['dry-run']) return 0;
  const lines = [
    `PUBLIC_URL=${publicUrl}`,
    `BOT_ID=${botId}`,
    `BOT_TYPE=${given.isIdentityBot ? 'UserAssignedMsi' : 'SingleTenant'}`,
    `BOT_TENANT_ID=${identity?.tenantId ?? tenantId}`,
    ...(given.isIdentityBot ? [] : [`BOT_PASSWORD=${password ?? ''}`]),
    `AAD_APP_CLIENT_ID=${app.appId}`,
    ...(idUri === standardUri ? [] : [`AAD_APP_ID_URI=${idUri}`]),
    ...(identity ? [`AAD_APP_FEDERATED_CLIENT_ID=${identity.clientId}`] : []),
    ...(identity || given.issuer ? [] : [`AAD_APP_CLIENT_SECRET=${secret ?? ''}`]),
    `ALLOWED_TENANTS=${tenantId}`,
    `CLOUD=${given.cloud}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (secret || password) say('The secrets are shown this once.');
  say('TOKEN_CACHE_KEY is yours to make, once: openssl rand -base64 32');
  say(`An administrator consents at ${cloud.loginUrl}/${tenantId}/adminconsent?client_id=${app.appId}`);
  return 0;
}

try {
  const given = readOptions();
  if (given.help) process.stdout.write(`${usage}\n`);
  else process.exitCode = await register(given, Date.now());
} catch (error) {
  const isOurs = error instanceof RefusedError;
  say(isOurs ? error.message : `${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = isOurs ? 1 : 2;
}
