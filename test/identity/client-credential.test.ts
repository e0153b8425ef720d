import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { createEntra, createOnBehalfOf } from '../../src/identity/entra.ts';
import { loadClientCredential } from '../../src/identity/keys.ts';
import { entraConfig } from './entra-config.ts';
import { clientId, idUri, startEntra, tenantId } from './entra-double.ts';
import { createSelfSigned } from './self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-certificate-'));
after(() => rmSync(folder, { recursive: true }));

const { certificatePem, keyPem, certificate, publicKey } = createSelfSigned();
function appWith(pem: string) {
  const certificatePath = join(folder, 'app.pem');
  writeFileSync(certificatePath, pem);
  return { clientId, idUri, certificatePath };
}

test('signs in with the certificate that one PEM file holds, key and certificate in either order', async () => {
  const entra = await startEntra();
  try {
    for (const pem of [keyPem + certificatePem, certificatePem + keyPem]) {
      const config = { ...entraConfig(entra.authorityUrl), app: appWith(pem) };
      const exchanger = createOnBehalfOf({ entra: createEntra({ config }), scopes: ['https://graph.microsoft.com/x'] });
      assert.equal((await exchanger.exchange({ assertion: 'a', tenantId })).ok, true);
      const form = entra.tokenRequests.at(-1)?.form ?? new URLSearchParams();
      assert.equal(form.get('client_secret'), null);
      const proof = form.get('client_assertion') ?? '';
      // MSAL rounds nbf up to the next second.
      const { payload } = await jwtVerify(proof, publicKey, { issuer: clientId, subject: clientId, clockTolerance: 2 });
      assert.equal(payload.aud, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
      const thumbprint = createHash('sha256').update(certificate).digest('base64url');
      assert.equal(decodeProtectedHeader(proof)['x5t#S256'], thumbprint);
    }
  } finally {
    await entra.stop();
  }
});

const unusable: Record<string, readonly [string, RegExp]> = {
  'no private key': [certificatePem, /^AAD_APP_CERTIFICATE_PATH holds no readable private key$/],
  'no certificate': [keyPem, /^AAD_APP_CERTIFICATE_PATH holds no readable certificate$/],
  'the key of another certificate': [certificatePem + createSelfSigned().keyPem, /not the one of its certificate/],
  'nothing readable': ['canary-content', /^AAD_APP_CERTIFICATE_PATH holds no readable certificate$/],
};

for (const [name, [pem, message]] of Object.entries(unusable)) {
  test(`refuses a certificate file with ${name}, naming the variable to mend`, () => {
    assert.throws(() => loadClientCredential(appWith(pem)), { message });
  });
}

test('refuses a file that is not there, and a configuration without any credential', () => {
  const certificatePath = join(folder, 'missing.pem');
  const unreadable = { message: 'AAD_APP_CERTIFICATE_PATH cannot be read (ENOENT)' };
  assert.throws(() => loadClientCredential({ clientId, idUri, certificatePath }), unreadable);
  assert.throws(() => loadClientCredential({ clientId, idUri }), /AAD_APP_CLIENT_SECRET or AAD_APP_CERTIFICATE_PATH/);
});
