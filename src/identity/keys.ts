import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { AppCredential, Config } from '../config.ts';
import { findSecret } from './credential.ts';

/**
 * Derives a key of 32 bytes for one purpose from a secret that the bot has anyway: TOKEN_CACHE_KEY, else the app's client secret, else
 * its certificate's private key. The same in every process with the same configuration; no key reveals another one or the secret.
 * The key changes when that secret is replaced; TOKEN_CACHE_KEY never needs to be. With a federated credential there is only that. Source: RFC 5869 (HKDF).
 */
export type DeriveKey = (purpose: (typeof keyPurposes)[keyof typeof keyPurposes]) => Buffer;

/** Purposes of derived keys; a new purpose gets a new name. */
export const keyPurposes = {
  logIds: 'log ids 1',
  auditSeal: 'audit seal 1',
  auditExport: 'audit export 1',
  keptReplies: 'kept replies 1',
  signInState: 'sign-in state 1',
} as const;

export function createDeriveKey(config: Config): DeriveKey {
  return deriveFrom(config.tokenCacheKey ?? secretOf(config.app.credential));
}

/**
 * Derives from the other configured secrets: AUDIT_OTHER_KEY, and with TOKEN_CACHE_KEY also the app's own secret, which was used before
 * TOKEN_CACHE_KEY was set. Throws for a file in AUDIT_OTHER_KEY that cannot be used.
 */
export function listOtherDeriveKeys(config: Config): DeriveKey[] {
  const { app, tokenCacheKey, auditOtherKey } = config;
  const given = auditOtherKey === undefined ? [] : secretsIn(auditOtherKey);
  return [...given, ...(tokenCacheKey ? listSecretsOf(app.credential) : [])].map(deriveFrom);
}

const deriveFrom =
  (secret: string | Buffer): DeriveKey =>
  (purpose) =>
    Buffer.from(hkdfSync('sha256', secret, 'vpp-sync', purpose, 32));

function secretOf(credential: AppCredential): string {
  const secret = findSecret(credential);
  if (secret === undefined) throw new Error('TOKEN_CACHE_KEY must be set: the app has no secret of its own');
  return secret;
}

/** Empty when its file cannot be read, as by an operator's shell without that right. */
function listSecretsOf(credential: AppCredential): string[] {
  try {
    return [findSecret(credential) ?? []].flat();
  } catch {
    return [];
  }
}

/** All possible meanings of the text: a former client secret may look like 32 bytes in base64 too. */
function secretsIn(text: string): (string | Buffer)[] {
  if (isAbsolute(text)) {
    try {
      return [secretOf({ kind: 'certificateFile', path: text })];
    } catch (error) {
      throw new Error(String((error as Error).message).replace('AAD_APP_CERTIFICATE_PATH', 'AUDIT_OTHER_KEY'));
    }
  }
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? [Buffer.from(text, 'base64'), text] : [text];
}

export interface Seal {
  /** Distinguishes keys and reveals nothing of them. */
  readonly keyId: string;
  /** `about` names the thing sealed and its owner; a text sealed about one thing does not open about another. */
  seal(text: string, about: string): string;
  /** Undefined for a text that was sealed with another key, about something else, or changed since. */
  open(sealed: string, about: string): string | undefined;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM with a new nonce each time. `key`: 32 bytes. */
export function createSeal(key: Buffer): Seal {
  return {
    keyId: createHash('sha256').update('vpp-sync key id').update(key).digest('base64url').slice(0, 12),
    seal(text, about) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
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
