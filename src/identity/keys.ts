import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  hkdfSync,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Config } from '../config.ts';

type ClientCredential =
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

/**
 * A key of 32 bytes for one purpose, from a secret that the bot has anyway: TOKEN_CACHE_KEY, else the app's client secret, else its
 * certificate's private key. The same in every process that is configured alike; nobody who has one learns another or the secret.
 * It changes when that secret is replaced, which TOKEN_CACHE_KEY need not be for as long as the bot lives.
 */
export type DeriveKey = (purpose: (typeof keyPurposes)[keyof typeof keyPurposes]) => Buffer;

/** What each derived key is for; a new purpose gets a new name. */
export const keyPurposes = { logIds: 'log ids 1', auditSeal: 'audit seal 1', auditExport: 'audit export 1' } as const;

export function createDeriveKey(config: Pick<Config, 'app' | 'tokenCacheKey'>): DeriveKey {
  return deriveFrom(config.tokenCacheKey ?? secretOf(config.app));
}

/**
 * The keys that other secrets at hand give: AUDIT_OTHER_KEY, and beside TOKEN_CACHE_KEY the app's own secret, by which the bot went
 * before it had one. Throws for a file in AUDIT_OTHER_KEY that cannot be used.
 */
export function listOtherDeriveKeys(config: Pick<Config, 'app' | 'tokenCacheKey' | 'auditOtherKey'>): DeriveKey[] {
  const { app, tokenCacheKey, auditOtherKey } = config;
  const given = auditOtherKey === undefined ? [] : secretsIn(auditOtherKey, app);
  return [...given, ...(tokenCacheKey ? findSecretOf(app) : [])].map(deriveFrom);
}

const deriveFrom =
  (secret: string | Buffer): DeriveKey =>
  (purpose) =>
    Buffer.from(hkdfSync('sha256', secret, 'vpp-sync', purpose, 32));

function secretOf(app: Config['app']): string {
  const credential = loadClientCredential(app);
  return 'clientSecret' in credential ? credential.clientSecret : credential.clientCertificate.privateKey;
}

/** None where its file cannot be read, which an operator's shell may not. */
function findSecretOf(app: Config['app']): string[] {
  try {
    return [secretOf(app)];
  } catch {
    return [];
  }
}

/** What it may be: a client secret of old looks like 32 bytes in base64, too. */
function secretsIn(text: string, { clientId, idUri }: Config['app']): (string | Buffer)[] {
  if (isAbsolute(text)) {
    try {
      return [secretOf({ clientId, idUri, certificatePath: text })];
    } catch (error) {
      throw new Error(String((error as Error).message).replace('AAD_APP_CERTIFICATE_PATH', 'AUDIT_OTHER_KEY'));
    }
  }
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? [Buffer.from(text, 'base64'), text] : [text];
}

export interface Seal {
  /** Tells keys apart, and nothing of the key. */
  readonly keyId: string;
  /** `about` says what is sealed and whose it is; what was sealed about one thing does not open about another. */
  seal(text: string, about: string): string;
  /** Undefined for what was sealed with another key, about something else, or changed since. */
  open(sealed: string, about: string): string | undefined;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM with a nonce of its own each time. `key` is TOKEN_CACHE_KEY: 32 bytes. */
export function createSeal(key: Buffer): Seal {
  return {
    keyId: createHash('sha256').update('vpp-sync key id').update(key).digest('base64url').slice(0, 12),
    seal(text, about) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(about))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
