import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';

export type ClientCredential =
  | { readonly clientSecret: string }
  | { readonly clientCertificate: { readonly thumbprintSha256: string; readonly privateKey: string } };

/**
 * How the app proves itself to Entra. A certificate is one PEM file with the certificate and its private key; it is read once.
 * Throws when neither is configured, and for a file that cannot be read, lacks a part, or whose parts do not belong together.
 */
export function loadClientCredential(app: Config['app']): ClientCredential {
  if (app.clientSecret) return { clientSecret: app.clientSecret };
  if (!app.certificatePath) throw new Error('AAD_APP_CLIENT_SECRET or AAD_APP_CERTIFICATE_PATH must be set');
  const pem = readPem(app.certificatePath);
  // Errors of node:crypto are not passed on: none of the file's content may reach a log.
  const certificate = parse('certificate', () => new X509Certificate(pem));
  const key = parse('private key', () => createPrivateKey(pem));
  if (!certificate.checkPrivateKey(key)) {
    throw new Error('AAD_APP_CERTIFICATE_PATH holds a private key that is not the one of its certificate');
  }
  return {
    clientCertificate: {
      thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''),
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`AAD_APP_CERTIFICATE_PATH cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function parse<T>(part: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`AAD_APP_CERTIFICATE_PATH holds no readable ${part}`);
  }
}
