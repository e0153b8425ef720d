import { hkdfSync } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { Config } from '../config.ts';
import { loadClientCredential } from './client-credential.ts';

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
