import { createHash, randomBytes } from 'node:crypto';

export type RandomBytes = (size: number) => Buffer;

/** Unguessable, in base64url; 16 bytes are 128 bits. */
export function createSecret(bytes: number, random: RandomBytes = randomBytes): string {
  return random(bytes).toString('base64url');
}

/** What is kept in place of a secret, so that whoever reads the store cannot use it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
