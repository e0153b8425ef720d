import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Cloud } from '../clouds.ts';
import type { AppCredential, Config } from '../config.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import { within } from '../lib/async.ts';

/** MSAL is large, and the bot listens before it needs it. */
export const loadMsal = () => import('@azure/msal-node');

/** The part of MSAL's `auth` that proves the app's identity to Entra. */
type ClientCredential =
  | { readonly clientSecret: string }
  | { readonly clientCertificate: { readonly thumbprintSha256: string; readonly privateKey: string } }
  /** Called for each request to Entra. Rejects with a CredentialError. */
  | { readonly clientAssertion: () => Promise<string> };

/** No proof could be had of the app's own identity, so Entra was not asked. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly failure: ExchangeFailure;

  constructor(failure: ExchangeFailure) {
    super(`no proof of the app’s identity: ${'code' in failure ? failure.code : failure.reason}`);
    this.failure = failure;
  }
}

/**
 * The app's credential for Entra. A certificate is a PEM text with the certificate and its private key, and is read once; a token that
 * stands for a secret is asked for, or read, each time it is needed. Throws for a certificate that cannot be used.
 */
export function loadClientCredential(credential: AppCredential, cloud: Cloud): ClientCredential {
  switch (credential.kind) {
    case 'secret':
      return { clientSecret: credential.secret };
    case 'certificateFile':
    case 'certificate':
      return { clientCertificate: readCertificate(credential) };
    case 'managedIdentity': {
      const getToken = createIdentityTokens(credential.clientId);
      return { clientAssertion: () => getToken(cloud.tokenExchangeAudience) };
    }
    case 'tokenFile':
      return { clientAssertion: () => readTokenFile(credential.path) };
  }
}

/** The secret that a credential is, if it is one: the text itself, or the certificate's private key. */
export function findSecret(credential: AppCredential): string | undefined {
  if (credential.kind === 'secret') return credential.secret;
  if (credential.kind === 'managedIdentity' || credential.kind === 'tokenFile') return undefined;
  return readCertificate(credential).privateKey;
}

type Certificate = Extract<AppCredential, { readonly kind: 'certificateFile' | 'certificate' }>;

function readCertificate(credential: Certificate) {
  const name = credential.kind === 'certificate' ? 'AAD_APP_CERTIFICATE' : 'AAD_APP_CERTIFICATE_PATH';
  const pem = credential.kind === 'certificate' ? credential.pem : readPem(credential.path);
  // Errors of node:crypto are not passed on: they could carry the file's content into a log.
  const certificate = parse(`${name} holds no readable certificate`, () => new X509Certificate(pem));
  const key = parse(`${name} holds no readable private key`, () => createPrivateKey(pem));
  if (!certificate.checkPrivateKey(key)) {
    throw new Error(`${name} holds a private key that is not the one of its certificate`);
  }
  return {
    thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`AAD_APP_CERTIFICATE_PATH cannot be read (${errorCode(error)})`);
  }
}

function parse<T>(problem: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(problem);
  }
}

/** Kubernetes replaces the file about once an hour. */
async function readTokenFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CredentialError({ reason: 'wrongClientSecret', code: `AZURE_FEDERATED_TOKEN_FILE ${errorCode(error)}` });
  }
}

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unreadable';

/** Gets the managed identity's token for a resource, such as the bot's channel or a database. Rejects with a CredentialError. */
export type GetIdentityToken = (resource: string) => Promise<string>;

/** MSAL tries again for up to a minute, which is longer than a person waits; what it gets later serves the next request. */
const identityWithinMs = 8_000;

/**
 * Tokens of a user-assigned managed identity, from wherever Azure offers them on this machine (IDENTITY_ENDPOINT, else IMDS). MSAL keeps
 * them until they expire.
 */
export function createIdentityTokens(clientId: string): GetIdentityToken {
  let application: Promise<{ acquireToken(asked: { resource: string }): Promise<{ accessToken: string }> }> | undefined;
  const load = async () => {
    const { ManagedIdentityApplication } = await loadMsal();
    return new ManagedIdentityApplication({ managedIdentityIdParams: { userAssignedClientId: clientId } });
  };

  return async (resource) => {
    application ??= load();
    const asked = (await application).acquireToken({ resource }).catch((error: unknown) => {
      throw new CredentialError(failureOfIdentity(error));
    });
    const answer = await within(identityWithinMs, asked);
    if (!answer) throw new CredentialError({ reason: 'unavailable' });
    return answer.accessToken;
  };
}

/** Azure answers 400 or 404 for an identity that is not assigned here; without any answer MSAL gives no status. */
function failureOfIdentity(error: unknown): ExchangeFailure {
  const { status = 0 } = error as { readonly status?: number };
  if (status >= 400 && status < 500 && status !== 429) {
    return { reason: 'wrongClientSecret', code: `managed identity ${status}` };
  }
  return { reason: 'unavailable' };
}

/**
 * The password for PostgreSQL: an Entra token of the configured managed identity. Undefined for a database that is signed in to
 * otherwise.
 */
export function createGetDatabasePassword({ database, cloud }: Config): (() => Promise<string>) | undefined {
  if (database.kind !== 'postgres' || database.identity === undefined) return undefined;
  const getToken = createIdentityTokens(database.identity);
  return () => getToken(cloud.databaseResource);
}
