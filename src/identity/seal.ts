import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

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
