import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ConfidentialClientApplication, type INetworkModule, InteractionRequiredAuthError } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { graphScopes, redirectUri, startEntra } from './entra-rig.ts';

type Rig = Awaited<ReturnType<typeof startEntra>>;

/** MSAL as in production, with the real authority host; only its network goes to the sandbox. */
function createMsal(rig: Rig) {
  const seen: string[] = [];
  const send = async <T>(
    method: string,
    url: string,
    options?: { headers?: Record<string, string>; body?: string },
  ) => {
    seen.push(new URL(url).pathname);
    const response = await fetch(url.replace('https://login.microsoftonline.com', `${rig.server.baseUrl}/entra`), {
      method,
      ...(options?.headers && { headers: options.headers }),
      ...(options?.body !== undefined && { body: options.body }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as T,
    };
  };
  const networkClient: INetworkModule = {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
  const { clientId, clientSecret } = rig.registration;
  const authority = `https://login.microsoftonline.com/${rig.company.id}`;
  const msal = new ConfidentialClientApplication({
    auth: { clientId, clientSecret, authority },
    system: { networkClient },
  });
  return { msal, seen };
}

test('MSAL exchanges an assertion without discovery, and answers the second from its cache', async (t) => {
  const rig = await startEntra(t);
  rig.clock.now = Date.now();
  const { msal, seen } = createMsal(rig);
  const request = {
    oboAssertion: await rig.entra.issueAssertion(rig.getPerson('ada')),
    scopes: graphScopes.split(' '),
  };
  const first = await msal.acquireTokenOnBehalfOf(request);
  assert.equal(decodeJwt(first?.accessToken ?? '').oid, rig.getPerson('ada').aadObjectId);
  assert.equal(first?.account?.localAccountId, rig.getPerson('ada').aadObjectId);
  const second = await msal.acquireTokenOnBehalfOf(request);
  assert.equal(second?.accessToken, first?.accessToken);
  assert.deepEqual(seen, [`/${rig.company.id}/oauth2/v2.0/token`]);
});

test('MSAL understands consent, step-up and a wrong secret', async (t) => {
  const rig = await startEntra(t);
  rig.clock.now = Date.now();
  const { msal } = createMsal(rig);
  const request = {
    oboAssertion: await rig.entra.issueAssertion(rig.getPerson('ada')),
    scopes: graphScopes.split(' '),
  };
  const failure = async (): Promise<unknown> =>
    msal.acquireTokenOnBehalfOf(request).then(
      () => assert.fail('no refusal'),
      (error: unknown) => error,
    );
  rig.entra.controls.setConsent(rig.company.id, false);
  const consent = await failure();
  assert.ok(consent instanceof InteractionRequiredAuthError);
  assert.deepEqual(
    [consent.errorCode, consent.subError, Number(consent.errorNo)],
    ['invalid_grant', 'consent_required', 65001],
  );
  rig.entra.controls.setConsent(rig.company.id, true);
  rig.entra.controls.requireStepUp('ada', '{"access_token":{}}');
  const stepUp = await failure();
  assert.ok(stepUp instanceof InteractionRequiredAuthError);
  assert.equal(stepUp.claims, '{"access_token":{}}');
  rig.entra.controls.rotateClientSecret();
  const secret = (await failure()) as { errorCode?: string; errorNo?: string | number };
  assert.deepEqual([secret.errorCode, Number(secret.errorNo)], ['invalid_client', 7000215]);
});

test('MSAL gets the app token', async (t) => {
  const rig = await startEntra(t);
  rig.clock.now = Date.now();
  const { msal } = createMsal(rig);
  const result = await msal.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
  assert.deepEqual((await rig.entra.verifyGraphToken(result?.accessToken ?? ''))?.roles, [
    'DeviceManagementServiceConfig.Read.All',
    'DeviceManagementApps.Read.All',
  ]);
});

test('MSAL redeems a code it asked for', async (t) => {
  const rig = await startEntra(t);
  rig.clock.now = Date.now();
  const { msal } = createMsal(rig);
  const scopes = [`${rig.registration.clientId}/access_as_user`];
  const codeVerifier = randomBytes(32).toString('base64url');
  const url = await msal.getAuthCodeUrl({
    scopes,
    redirectUri,
    state: 's',
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    codeChallengeMethod: 'S256',
  });
  const page = url.replace('https://login.microsoftonline.com', `${rig.server.baseUrl}/entra`);
  const body = new URLSearchParams({ person: 'chen', decision: 'continue' });
  const response = await fetch(page, { method: 'POST', body, redirect: 'manual' });
  const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const result = await msal.acquireTokenByCode({ code, codeVerifier, redirectUri, scopes });
  assert.equal(result.account?.name, '陈语安');
  assert.equal(decodeJwt(result.accessToken).aud, rig.registration.clientId);
});
