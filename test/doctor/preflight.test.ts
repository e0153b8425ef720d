import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { printFindings, runPreflight } from '../../src/doctor/preflight.ts';
import { startIdentityEndpoint } from '../identity/identity-endpoint.ts';
import { createSelfSigned } from '../identity/self-signed.ts';
import { preflightScript } from '../support/bot-code.ts';
import { createRuntime } from '../support/runtime.ts';
import { startProcess } from '../support/started-process.ts';

let sandbox: Sandbox;
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-preflight-'));
before(async () => {
  sandbox = await startSandbox();
});
after(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

type Changes = Readonly<Record<string, string>>;

/** What preflight prints against the rehearsal's stand-ins, and how it ends. */
async function preflight(
  changes: Changes = {},
  { manifestPath, now = Date.now }: { manifestPath?: string; now?: () => number } = {},
) {
  const findings = await runPreflight({ env: sandbox.env(changes), manifestPath, runtime: createRuntime({ now }) });
  return printFindings(findings);
}

function manifestWith(changes: object = {}): string {
  const { botId, clientId, idUri } = sandbox.registration();
  const path = join(folder, 'manifest.json');
  const manifest = {
    bots: [{ botId }],
    validDomains: ['bot.example.com'],
    webApplicationInfo: { id: clientId, resource: idUri },
    ...changes,
  };
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

/** An https server with a certificate of its own for localhost. */
async function startHttps(answer: string) {
  const { certificatePem, keyPem } = createSelfSigned('localhost');
  const server = createServer({ cert: certificatePem, key: keyPem }, (_, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  after(() => server.close());
  const certificate = join(folder, 'authority.pem');
  writeFileSync(certificate, certificatePem);
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, certificate };
}

test('against the rehearsal’s stand-ins everything is well but the address, which only this machine reaches', async () => {
  const printed = await preflight({}, { manifestPath: manifestWith() });
  const [company] = sandbox.tenants;
  for (const line of [
    '✓ Configuration: It is complete.',
    '⚠ Public address: It reaches only this machine: a rehearsal.',
    '✓ Teams’ signing keys: They can be read.',
    '✓ Bot’s token for Teams: Microsoft Entra issues it.',
    `✓ App’s registration: Its Application ID URI is api://botid-${sandbox.registration().clientId}, and it issues version 2 tokens.`,
    `✓ App’s token for ${company?.id}: Microsoft Entra issues it with DeviceManagementServiceConfig.Read.All and DeviceManagementApps.Read.All.`,
    '✓ Microsoft Graph: It answers.',
    '✓ Clock: It agrees with Microsoft’s.',
    '✓ Database: It is new; the first start makes its tables.',
    '✓ Manifest: It names this bot, app and address.',
    'Problems: 0. Warnings: 1.',
  ])
    assert.ok(printed.split('\n').includes(line), `${line}\n${printed}`);
  assert.match(printed, new RegExp(`✓ Intune of ${company?.id}: It lists its VPP tokens: \\d+\\.`));
});

test('every variable that is missing is a problem, and nothing else is looked at', async () => {
  const printed = await preflight({ BOT_ID: '', AAD_APP_CLIENT_SECRET: '' });
  assert.match(printed, /✕ Configuration: BOT_ID is missing\./);
  assert.match(printed, /✕ Configuration: AAD_APP_CLIENT_SECRET is missing/);
  assert.match(printed, /Problems: 2\. Warnings: 0\./);
});

suite('Entra’s refusals are named, each with its fix:', () => {
  const planned = async (code: number, count = 4) => {
    const { controls } = sandbox.entra;
    controls.failNext(count, { kind: 'refused', error: 'invalid_client', code, grant: 'client_credentials' });
    try {
      return await preflight();
    } finally {
      controls.failNoMore();
    }
  };

  test('an expired secret, of the app and of the bot', async () => {
    const printed = await planned(7000222);
    assert.match(
      printed,
      /✕ App’s token for .*AADSTS7000222.*expired\.\n {4}Make a new one: npm run register -- --secret/,
    );
    assert.match(
      printed,
      /✕ Bot’s token.*AADSTS7000222.*\n {4}Make a new secret for BOT_ID: npm run register -- --bot-secret/,
    );
  });

  test('a wrong secret', async () => {
    assert.match(await preflight({ AAD_APP_CLIENT_SECRET: 'wrong' }), /✕ App’s token for .*AADSTS7000215.*not its id/);
    assert.match(await preflight({ BOT_PASSWORD: 'wrong' }), /✕ Bot’s token.*AADSTS7000215/);
  });

  test('a service principal that the tenant lacks, the app’s or Microsoft’s', async () => {
    const { clientId } = sandbox.registration();
    const consent = new RegExp(`AADSTS700016.*\\n {4}An administrator of .*/adminconsent\\?client_id=${clientId}`);
    assert.match(await planned(700016), consent);
    assert.match(
      await planned(650052),
      /AADSTS650052.*service principal of Microsoft Graph or Intune\.\n {4}.*license/,
    );
  });

  test('a token file that is not there', async () => {
    const printed = await preflight({
      AAD_APP_CLIENT_SECRET: '',
      AZURE_FEDERATED_TOKEN_FILE: join(folder, 'nowhere'),
      TOKEN_CACHE_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    assert.match(
      printed,
      /✕ App’s token for .*: The token file can’t be read \(AZURE_FEDERATED_TOKEN_FILE ENOENT\)\.\n {4}See that the cluster/,
    );
  });

  test('a federated credential that the registration lacks', async () => {
    assert.match(await planned(700213), /AADSTS700213.*no federated credential.*\n {4}Run npm run register/);
  });

  test('a registration that issues version 1 tokens', async () => {
    const { controls } = sandbox.entra;
    controls.setAccessTokenVersion(1);
    const printed = await preflight();
    controls.setAccessTokenVersion(2);
    assert.match(printed, /✕ App’s registration: It issues version 1 tokens.*\n {4}.*requestedAccessTokenVersion to 2/);
  });

  test('another Application ID URI than the registration’s', async () => {
    assert.match(
      await preflight({ AAD_APP_ID_URI: 'api://elsewhere' }),
      /✕ App’s registration: .*AADSTS500011.*api:\/\/elsewhere\.\n {4}Set AAD_APP_ID_URI/,
    );
  });

  test('a tenant whose administrator has not consented to the application permissions', async () => {
    const [company] = sandbox.tenants;
    const { controls } = sandbox.entra;
    controls.setConsent(company?.id ?? '', false);
    const lacking = new RegExp(`App’s token for ${company?.id}: .*without the application permissions Device`);
    const printed = await preflight();
    const unwatched = await preflight({ MONITOR: 'off' });
    controls.setConsent(company?.id ?? '', true);
    assert.match(printed, new RegExp(`✕ ${lacking.source}`));
    assert.match(unwatched, new RegExp(`⚠ ${lacking.source}`));
  });
});

test('a host that DNS does not know, and a certificate that clients refuse', async () => {
  const { url } = await startHttps('');
  assert.match(await preflight({ PUBLIC_URL: 'https://bot.invalid' }), /✕ Public address: DNS knows no bot\.invalid\./);
  assert.match(
    await preflight({ PUBLIC_URL: url }),
    /✕ Public address: Its TLS certificate is refused \(DEPTH_ZERO_SELF/,
  );
  assert.match(await preflight({ PUBLIC_URL: 'https://localhost:1' }), /⚠ Public address: Nobody answers on/);
});

test('a clock that is wrong, and a Graph and signing keys that do not answer', async () => {
  const printed = await preflight({}, { now: () => Date.now() + 120_000 });
  assert.match(printed, /✕ Clock: It differs from Microsoft’s by 1(19|20|21) s/);
  const away = 'http://127.0.0.1:1';
  const silent = await preflight({ GRAPH_URL: away, BOT_OPENID_METADATA_URL: `${away}/keys` });
  assert.match(
    silent,
    /✕ Microsoft Graph: It doesn’t answer\.\n {4}Allow outgoing connections to http:\/\/127\.0\.0\.1:1/,
  );
  assert.match(silent, /✕ Teams’ signing keys: They can’t be read.*\n {4}Allow outgoing/);
});

test('a database that cannot be used, and one file that is there', async () => {
  assert.match(await preflight({ DATABASE_URL: 'sqlite:/dev/null/a.db' }), /✕ Database: DATABASE_URL cannot be used: /);
  assert.match(
    await preflight({ DATABASE_URL: 'postgres://u:canary@127.0.0.1:1/x' }),
    /⚠ Configuration: .*TOKEN_CACHE_KEY[\s\S]*✕ Database: DATABASE_URL cannot be used: .*ECONNREFUSED/,
  );
  const path = join(folder, 'bot.db');
  writeFileSync(path, '');
  assert.match(await preflight({ DATABASE_URL: `sqlite:${path}` }), /✓ Database: The bot’s data is there\./);
});

test('a manifest of another bot, app or address, and one that is none', async () => {
  const other = {
    bots: [{ botId: 'other' }],
    validDomains: [],
    webApplicationInfo: { id: 'other', resource: 'api://other' },
  };
  const printed = await preflight({ PUBLIC_URL: 'https://bot.invalid' }, { manifestPath: manifestWith(other) });
  for (const part of ['bots[0].botId', 'webApplicationInfo.id', 'webApplicationInfo.resource'])
    assert.ok(printed.includes(`✕ Manifest: ${part} is not `), printed);
  assert.match(printed, /✕ Manifest: validDomains lacks the host of PUBLIC_URL \(bot\.invalid\)/);
  assert.match(
    await preflight({}, { manifestPath: join(folder, 'nowhere.json') }),
    /✕ Manifest: .*can’t be read as JSON/,
  );
  assert.match(await preflight(), /⚠ Manifest: Not compared\./);
});

suite('npm run preflight', () => {
  test('passes with managed identities of a machine in Azure, and with the bot behind https', async () => {
    const azure = await startIdentityEndpoint();
    after(azure.stop);
    const identity = crypto.randomUUID();
    const prefix = `token of ${identity} for api://AzureADTokenExchange (`;
    sandbox.entra.controls.trustAssertions((assertion) => assertion.startsWith(prefix));
    const { url, certificate } = await startHttps('{"status":"ok"}');
    const { stdout, ended } = startProcess(
      [preflightScript, '--manifest', manifestWith({ validDomains: ['localhost'] })],
      {
        ...sandbox.env({
          PUBLIC_URL: url,
          BOT_TYPE: 'UserAssignedMsi',
          BOT_PASSWORD: '',
          AAD_APP_CLIENT_SECRET: '',
          AAD_APP_FEDERATED_CLIENT_ID: identity,
          TOKEN_CACHE_KEY: Buffer.alloc(32, 7).toString('base64'),
        }),
        ...azure.machine,
        NODE_EXTRA_CA_CERTS: certificate,
      },
    );
    const { code } = await ended;
    const printed = stdout.join('\n');
    assert.match(printed, /✓ Public address: The bot answers there; the TLS certificate is valid for \d+ more days\./);
    assert.match(printed, /Problems: 0\. Warnings: 0\./, printed);
    assert.equal(code, 0);
    assert.ok(azure.asked.every(({ path, headers }) => /^\/metadata\//.test(path) && headers.metadata === 'true'));
    const asked = azure.asked.map(({ clientId, resource }) => `${clientId} ${resource}`);
    assert.ok(asked.includes(`${sandbox.registration().botId} https://api.botframework.com`), asked.join());
  });

  test('ends with 1 when there are problems, and shows no secret', async () => {
    const { stdout, ended } = startProcess([preflightScript], { BOT_PASSWORD: 'canary', PORT: 'x' });
    assert.equal((await ended).code, 1);
    assert.match(stdout.join('\n'), /✕ Configuration: PORT must be/);
    assert.ok(!stdout.join('\n').includes('canary'));
  });
});
