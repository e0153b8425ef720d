import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { type CloudName, clouds } from '../../src/clouds.ts';
import type { AppCredential } from '../../src/config.ts';
import {
  createGetDatabasePassword,
  createIdentityTokens,
  loadClientCredential,
} from '../../src/identity/credential.ts';
import { createEntra, createOnBehalfOf } from '../../src/identity/entra.ts';
import { createGetBotToken } from '../../src/identity/tokens.ts';
import { configWith } from '../support/environment.ts';
import { entraConfig } from './entra-config.ts';
import { clientId, type EntraDouble, entraError, idUri, startEntra, tenantId } from './entra-double.ts';
import { startIdentityEndpoint } from './identity-endpoint.ts';
import { createSelfSigned } from './self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-credential-'));
after(() => rmSync(folder, { recursive: true }));

let entra: EntraDouble;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.stop());

/** Exchanges an assertion with this credential: Entra's answer, and the form that Entra was sent. */
async function exchangeWith(credential: AppCredential, cloud: CloudName = 'global') {
  const config = { ...entraConfig(entra.authorityUrl, cloud), app: { clientId, idUri, credential } };
  const exchanger = createOnBehalfOf({ entra: createEntra({ config }), scopes: ['https://graph.microsoft.com/x'] });
  const answer = await exchanger.exchange({ assertion: 'a', tenantId });
  return { answer, form: entra.tokenRequests.at(-1)?.form };
}

suite('a certificate', () => {
  const { certificatePem, keyPem, certificate, publicKey } = createSelfSigned();
  const path = join(folder, 'app.pem');
  const fileOf = (pem: string): AppCredential => {
    writeFileSync(path, pem);
    return { kind: 'certificateFile', path };
  };
  const load = (credential: AppCredential) => loadClientCredential(credential, clouds.global);

  test('signs in from one PEM, key and certificate in either order, be it a file or a text', async () => {
    const pems = [keyPem + certificatePem, certificatePem + keyPem];
    const ofText = configWith({
      AAD_APP_CLIENT_SECRET: '',
      // As a place for variables without line breaks holds it.
      AAD_APP_CERTIFICATE: pems[0]?.replaceAll('\n', '\\n'),
    }).app.credential;
    for (const credential of [() => fileOf(pems[0] ?? ''), () => fileOf(pems[1] ?? ''), () => ofText]) {
      const { answer, form } = await exchangeWith(credential());
      assert.equal(answer.ok, true);
      assert.equal(form?.get('client_secret'), null);
      const proof = form?.get('client_assertion') ?? '';
      // MSAL rounds nbf up to the next second.
      const { payload } = await jwtVerify(proof, publicKey, {
        issuer: clientId,
        subject: clientId,
        clockTolerance: 2,
      });
      assert.equal(payload.aud, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
      const thumbprint = createHash('sha256').update(certificate).digest('base64url');
      assert.equal(decodeProtectedHeader(proof)['x5t#S256'], thumbprint);
    }
  });

  const unusable: Record<string, readonly [string, RegExp]> = {
    'no private key': [certificatePem, /^AAD_APP_CERTIFICATE_PATH holds no readable private key$/],
    'no certificate': [keyPem, /^AAD_APP_CERTIFICATE_PATH holds no readable certificate$/],
    'the key of another certificate': [certificatePem + createSelfSigned().keyPem, /not the one of its certificate/],
    'nothing readable': ['canary-content', /^AAD_APP_CERTIFICATE_PATH holds no readable certificate$/],
  };

  for (const [name, [pem, message]] of Object.entries(unusable)) {
    test(`is refused with ${name}, naming the variable to correct`, () => {
      assert.throws(() => load(fileOf(pem)), { message });
    });
  }

  test('is refused when its file is not there, and as a text by that variable’s name', () => {
    const missing = { kind: 'certificateFile', path: join(folder, 'missing.pem') } as const;
    assert.throws(() => load(missing), { message: 'AAD_APP_CERTIFICATE_PATH cannot be read (ENOENT)' });
    assert.throws(() => load({ kind: 'certificate', pem: 'canary-content' }), {
      message: 'AAD_APP_CERTIFICATE holds no readable certificate',
    });
  });
});

suite('a token file', () => {
  const path = join(folder, 'token');
  const credential = { kind: 'tokenFile', path } as const;

  test('is read again for each request, because it is replaced while the bot runs', async () => {
    for (const token of ['first-token', 'second-token']) {
      writeFileSync(path, `${token}\n`);
      const { answer, form } = await exchangeWith(credential);
      assert.equal(answer.ok, true);
      assert.equal(form?.get('client_assertion'), token);
      assert.equal(form?.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      assert.equal(form?.get('client_secret'), null);
    }
  });

  test('that is not there is the operator’s to correct, by the variable’s name, and Entra is asked nothing', async () => {
    const { answer } = await exchangeWith({ ...credential, path: join(folder, 'nowhere') });
    assert.deepEqual(answer, {
      ok: false,
      failure: { reason: 'wrongClientSecret', code: 'AZURE_FEDERATED_TOKEN_FILE ENOENT' },
    });
    assert.equal(entra.tokenRequests.length, 0);
  });

  test('or an identity that the registration does not trust is a wrong credential', async () => {
    writeFileSync(path, 'token');
    for (const code of [70021, 700211, 700212, 700213, 700024]) {
      entra.state.script = () => ({ ...entraError('invalid_client', code), status: 401 });
      const { answer } = await exchangeWith(credential);
      assert.deepEqual(answer, { ok: false, failure: { reason: 'wrongClientSecret', code: String(code) } });
    }
  });
});

suite('a managed identity', () => {
  let azure: Awaited<ReturnType<typeof startIdentityEndpoint>>;
  const former = { ...process.env };
  before(async () => {
    azure = await startIdentityEndpoint();
    Object.assign(process.env, azure.containerApps);
  });
  beforeEach(() => {
    azure.asked.length = 0;
  });
  after(async () => {
    for (const name of Object.keys(azure.containerApps)) delete process.env[name];
    Object.assign(process.env, former);
    await azure.stop();
  });

  // Not in use by another test: MSAL keeps tokens for the process.
  const newId = () => crypto.randomUUID();

  test('proves the app’s identity with a token for its cloud’s audience, which is asked for once', async () => {
    for (const [cloud, audience] of [
      ['global', 'api://AzureADTokenExchange'],
      ['usgov', 'api://AzureADTokenExchangeUSGov'],
      ['usgovdod', 'api://AzureADTokenExchangeUSGov'],
    ] as const) {
      azure.asked.length = 0;
      const credential = { kind: 'managedIdentity', clientId: newId() } as const;
      for (let times = 0; times < 2; times += 1) {
        const { answer, form } = await exchangeWith(credential, cloud);
        assert.equal(answer.ok, true);
        assert.equal(form?.get('client_assertion'), `token of ${credential.clientId} for ${audience} (1)`);
        assert.equal(form?.get('client_secret'), null);
      }
      assert.equal(azure.asked.length, 1);
      assert.equal(azure.asked[0]?.headers['x-identity-header'], 'canary-identity-header');
    }
  });

  test('is the bot’s own, and the database’s, each with its own tokens', async () => {
    const [bot, app] = [newId(), newId()];
    const env = { BOT_TYPE: 'UserAssignedMsi', BOT_PASSWORD: '', BOT_ID: bot };
    assert.equal(await createGetBotToken(configWith(env))(), `token of ${bot} for https://api.botframework.com (1)`);
    const database = 'postgres://id-vpp-sync@db.example.com/vpp?sslmode=verify-full';
    const config = configWith({
      ...env,
      AAD_APP_CLIENT_SECRET: '',
      AAD_APP_FEDERATED_CLIENT_ID: app,
      TOKEN_CACHE_KEY: Buffer.alloc(32, 7).toString('base64'),
      DATABASE_URL: database,
    });
    const resource = 'https://ossrdbms-aad.database.windows.net';
    assert.equal(await createGetDatabasePassword(config)?.(), `token of ${app} for ${resource} (2)`);
    const gov = { ...configWith({ ...env, DATABASE_URL: database }), cloud: clouds.usgov };
    const govResource = 'https://ossrdbms-aad.database.usgovcloudapi.net';
    assert.equal(await createGetDatabasePassword(gov)?.(), `token of ${bot} for ${govResource} (3)`);
    assert.equal(createGetDatabasePassword(configWith({})), undefined);
  });

  test('that is not assigned here is the operator’s to correct, and Entra is asked nothing', async () => {
    azure.state.status = 400;
    after(() => {
      azure.state.status = 200;
    });
    const { answer } = await exchangeWith({ kind: 'managedIdentity', clientId: newId() });
    assert.deepEqual(answer, {
      ok: false,
      failure: { reason: 'wrongClientSecret', code: 'managed identity 400' },
    });
    assert.equal(entra.tokenRequests.length, 0);
    azure.state.status = 200;
  });

  test('that gives no answer in time is unavailable, as Entra would be', async (t) => {
    azure.state.hangs = true;
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const asked = createIdentityTokens(newId())('https://x.example');
    while (azure.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(8_000);
    await assert.rejects(asked, { name: 'CredentialError', failure: { reason: 'unavailable' } });
    azure.state.hangs = false;
  });
});
