import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/config.ts';
import { startProcess } from '../support/started-process.ts';

const root = mkdtempSync(join(tmpdir(), 'vpp-sync-register-'));
after(() => rmSync(root, { recursive: true }));

const tenantId = '11111111-2222-4333-8444-555555555555';
const graphAppId = '00000003-0000-0000-c000-000000000000';
const identity = {
  id: '/subscriptions/1/resourceGroups/vpp/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-vpp-sync',
  clientId: '66666666-2222-4333-8444-555555555555',
  principalId: '77777777-2222-4333-8444-555555555555',
  tenantId,
};
const permission = (value: string) => ({ id: `id of ${value}`, value });
const principalOfGraph = {
  appId: graphAppId,
  oauth2PermissionScopes: [
    'DeviceManagementServiceConfig.ReadWrite.All',
    'DeviceManagementApps.Read.All',
    'User.Read',
  ].map(permission),
  appRoles: ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementApps.Read.All'].map(permission),
};

/** A tenant and a subscription behind a stand-in of `az`; what it holds and was asked can be read and changed. */
function createAzure(environmentName = 'AzureCloud') {
  const folder = mkdtempSync(join(root, 'azure-'));
  const [az, state, calls] = [join(folder, 'az'), join(folder, 'state.json'), join(folder, 'calls')];
  copyFileSync(fileURLToPath(new URL('fake-az.mjs', import.meta.url)), az);
  chmodSync(az, 0o755);
  const write = (value: object) => writeFileSync(state, JSON.stringify(value));
  write({ account: { tenantId, environmentName }, identities: [identity], apps: [], principals: [principalOfGraph] });
  writeFileSync(calls, '');
  const read = () => JSON.parse(readFileSync(state, 'utf8'));
  return {
    read,
    write,
    listCalls: (): string[][] =>
      readFileSync(calls, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    async register(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      // A script without a suffix is a module only where Node finds out by itself, so it runs on this Node.
      const path = `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`;
      const script = startProcess(['scripts/register.ts', ...args], {
        PATH: path,
        FAKE_AZ_STATE: state,
        FAKE_AZ_CALLS: calls,
        ...env,
      });
      const { code } = await script.ended;
      return { code, stdout: script.stdout.join('\n'), stderr: script.stderr.join('\n') };
    },
  };
}

type Azure = ReturnType<typeof createAzure>;

const changing = /"(create|update|reset|rest)"/;
const countChanges = (azure: Azure) => azure.listCalls().filter((args) => changing.test(JSON.stringify(args))).length;
const toEnvironment = (printed: string) =>
  Object.fromEntries(printed.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
const publicUrl = ['--public-url', 'https://bot.example.com/'];

suite('npm run register', { concurrency: 2 }, () => {
  test('makes all of a bot without secrets, prints an environment that starts it, and makes nothing twice', async () => {
    const azure = createAzure();
    const args = [...publicUrl, '--identity', identity.id, '--resource-group', 'vpp'];
    const { code, stdout, stderr } = await azure.register(args);
    assert.equal(code, 0, stderr);
    const { apps, principals, bot, channel } = azure.read();
    const [app] = apps;
    assert.equal(apps.length, 1);
    assert.deepEqual(app.identifierUris, [`api://botid-${app.appId}`]);
    assert.equal(app.api.requestedAccessTokenVersion, 2);
    assert.deepEqual(app.web.redirectUris, ['https://bot.example.com/auth/end']);
    const [scope] = app.api.oauth2PermissionScopes;
    assert.deepEqual([scope.value, scope.type, scope.isEnabled], ['access_as_user', 'User', true]);
    const clients = ['1fec8e78-bce4-4aaf-ab1b-5451cc387264', '5e3ce6c0-2b1f-4285-8d4b-75ee78787346'];
    assert.deepEqual(
      app.api.preAuthorizedApplications,
      clients.map((appId) => ({ appId, delegatedPermissionIds: [scope.id] })),
    );
    assert.deepEqual(app.requiredResourceAccess, [
      {
        resourceAppId: graphAppId,
        resourceAccess: [
          { id: 'id of DeviceManagementServiceConfig.ReadWrite.All', type: 'Scope' },
          { id: 'id of DeviceManagementApps.Read.All', type: 'Scope' },
          { id: 'id of DeviceManagementServiceConfig.Read.All', type: 'Role' },
          { id: 'id of DeviceManagementApps.Read.All', type: 'Role' },
        ],
      },
    ]);
    assert.deepEqual(app.federated, [
      {
        name: 'vpp-sync-1',
        issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        subject: identity.principalId,
        audiences: ['api://AzureADTokenExchange'],
      },
    ]);
    assert.ok(principals.some(({ appId }: { appId: string }) => appId === app.appId));
    assert.deepEqual(bot.properties, {
      endpoint: 'https://bot.example.com/api/messages',
      msaAppId: identity.clientId,
      type: 'UserAssignedMSI',
    });
    assert.ok(channel);
    const TOKEN_CACHE_KEY = Buffer.alloc(32, 7).toString('base64');
    const read = readConfig({ ...toEnvironment(stdout), TOKEN_CACHE_KEY });
    assert.ok('config' in read, JSON.stringify(read));
    assert.deepEqual(read.config.app.credential, { kind: 'managedIdentity', clientId: identity.clientId });
    assert.equal(read.config.bot.type, 'UserAssignedMsi');

    const made = countChanges(azure);
    const again = await azure.register(args);
    assert.deepEqual([again.code, again.stdout, countChanges(azure)], [0, stdout, made]);
    assert.equal((await azure.register([...args, '--check'])).code, 0);
  });

  test('makes two registrations with secrets on request, and shows each secret once', async () => {
    const azure = createAzure();
    const args = [...publicUrl, '--multi-tenant'];
    const { stdout, code } = await azure.register([...args, '--secret', '--bot-secret']);
    assert.equal(code, 0);
    const read = readConfig(toEnvironment(stdout));
    assert.ok('config' in read, stdout);
    const { app, bot } = read.config;
    assert.deepEqual(app.credential, { kind: 'secret', secret: `made-secret-of-${app.clientId}` });
    assert.deepEqual([bot.type, bot.password], ['SingleTenant', `made-secret-of-${bot.id}`]);
    const audiences = azure.read().apps.map((each: { signInAudience: string }) => each.signInAudience);
    assert.deepEqual(audiences, ['AzureADMultipleOrgs', 'AzureADMyOrg']);
    const again = await azure.register(args);
    assert.match(again.stdout, /^BOT_PASSWORD=$/m);
    assert.doesNotMatch(again.stdout + again.stderr, /made-secret/);
  });

  test('keeps what a registration has already, and adds what it lacks', async () => {
    const azure = createAzure();
    const own = {
      id: 'object-9',
      appId: '99999999-2222-4333-8444-555555555555',
      displayName: 'Other name',
      identifierUris: ['api://kept'],
      web: { redirectUris: ['https://kept.example.com'] },
      api: { oauth2PermissionScopes: [{ id: 'kept-scope', value: 'kept' }], preAuthorizedApplications: [] },
      requiredResourceAccess: [{ resourceAppId: 'kept', resourceAccess: [] }],
    };
    azure.write({ ...azure.read(), apps: [own] });
    await azure.register([...publicUrl, '--identity', identity.id, '--app-id', own.appId]);
    const [app, ...others] = azure.read().apps;
    assert.deepEqual(others, []);
    assert.deepEqual(app.identifierUris, ['api://kept', `api://botid-${own.appId}`]);
    assert.deepEqual(app.web.redirectUris, ['https://kept.example.com', 'https://bot.example.com/auth/end']);
    assert.deepEqual(
      app.api.oauth2PermissionScopes.map(({ value }: { value: string }) => value),
      ['kept', 'access_as_user'],
    );
    assert.equal(app.requiredResourceAccess[0].resourceAppId, 'kept');
  });

  test('--check changes nothing, names what is missing and counts the days of secrets', async () => {
    const azure = createAzure();
    const empty = await azure.register([...publicUrl, '--check']);
    assert.equal(empty.code, 1);
    for (const what of ['the registration “VPP Sync”', 'the scope access_as_user', 'the registration “VPP Sync bot”'])
      assert.ok(empty.stderr.includes(what), empty.stderr);
    assert.equal(countChanges(azure), 0);

    await azure.register([...publicUrl, '--secret', '--bot-secret']);
    const state = azure.read();
    const [app, bot] = state.apps;
    // The bot's own environment is enough.
    const env = { PUBLIC_URL: 'https://bot.example.com', AAD_APP_CLIENT_ID: app.appId, BOT_ID: bot.appId };
    const good = await azure.register(['--check'], env);
    assert.deepEqual([good.code, good.stdout], [0, ''], good.stderr);
    assert.match(good.stderr, /✓ the app’s secret or certificate “VPP Sync”: 36[45] days left\./);
    bot.passwordCredentials[0].endDateTime = new Date(Date.now() - 3 * 86_400_000).toISOString();
    app.passwordCredentials[0].endDateTime = new Date(Date.now() + 5.5 * 86_400_000).toISOString();
    azure.write(state);
    const old = await azure.register(['--check'], env);
    assert.equal(old.code, 1);
    assert.match(old.stderr, /⚠ the app’s secret or certificate “VPP Sync”: 5 days left\./);
    assert.match(old.stderr, /✕ the bot’s secret or certificate “VPP Sync” expired 3 days ago\./);
    assert.match(old.stderr, /✕ Missing: a secret of the bot that has not expired/);
  });

  test('--dry-run prints the commands and changes nothing', async () => {
    const azure = createAzure();
    const { code, stdout } = await azure.register([...publicUrl, '--secret', '--resource-group', 'vpp', '--dry-run']);
    assert.equal(code, 0);
    assert.match(stdout, /^az ad app create --display-name 'VPP Sync' --sign-in-audience AzureADMyOrg$/m);
    assert.match(stdout, /^az rest --method PATCH --url 'https:.*"requestedAccessTokenVersion":2/m);
    assert.match(stdout, /^az bot msteams create --resource-group vpp --name vpp-sync$/m);
    assert.equal(countChanges(azure), 0);
  });

  test('in the government’s clouds it wants Azure CLI there, and names their addresses', async () => {
    const elsewhere = await createAzure().register([...publicUrl, '--cloud', 'usgov', '--secret']);
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /az cloud set --name AzureUSGovernment/);
    for (const cloud of ['usgov', 'usgovdod']) {
      const azure = createAzure('AzureUSGovernment');
      const { code, stdout } = await azure.register([...publicUrl, '--cloud', cloud, '--identity', identity.id]);
      assert.equal(code, 0);
      const [{ federated }] = azure.read().apps;
      assert.equal(federated[0].issuer, `https://login.microsoftonline.us/${tenantId}/v2.0`);
      assert.deepEqual(federated[0].audiences, ['api://AzureADTokenExchangeUSGov']);
      assert.ok(azure.listCalls().some((args) => args.some((word) => word.startsWith('https://graph.microsoft.us/'))));
      assert.match(stdout, new RegExp(`^CLOUD=${cloud}$`, 'm'));
    }
  });

  test('what it cannot do is said in a sentence', async () => {
    const azure = createAzure();
    const refusal = async (...args: string[]) => (await azure.register(args)).stderr;
    for (const address of ['', 'http://bot.example.com', 'https://bot.example.com/?a=b', 'https://'])
      assert.match(await refusal('--public-url', address), /^--public-url, or PUBLIC_URL, must be an https address/);
    assert.match(
      await refusal(...publicUrl, '--identity', '/nowhere'),
      /^az identity show .*failed: ERROR: Resource not found$/,
    );
    assert.match(await refusal(...publicUrl, '--app-id', tenantId), /^There is no registration/);
    assert.match(await refusal('--unknown'), /Unknown option[\s\S]*npm run register -- --public-url/);
    const { code, stderr } = await azure.register(publicUrl, { PATH: '/nowhere' });
    assert.deepEqual([code, stderr], [1, 'Azure CLI (az) is not installed here. Azure Cloud Shell has it.']);
    const twins = { displayName: 'VPP Sync', identifierUris: [] };
    azure.write({ ...azure.read(), apps: [twins, twins] });
    assert.match(await refusal(...publicUrl, '--secret'), /^Several registrations are called “VPP Sync”/);
  });
});
