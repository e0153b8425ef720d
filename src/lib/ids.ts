import { createHash, randomBytes } from 'node:crypto';

/** 144 random bits: cannot be guessed, so knowing it shows that one was given it. */
export const newOpaqueId = (): string => randomBytes(18).toString('base64url');

/** Whether a text has the form of such an id, so that it is worth looking for. */
export const isOpaqueId = (text: string): boolean => /^[\w-]{1,100}$/.test(text);

/** Short enough to read out over the phone; stands in the log and in what the person is told. */
export const newCorrelationId = (): string => randomBytes(5).toString('hex');

export type RandomBytes = (size: number) => Buffer;

/** Unguessable, in base64url; 16 bytes are 128 bits. */
export function createSecret(bytes: number, random: RandomBytes = randomBytes): string {
  return random(bytes).toString('base64url');
}

/** What is kept in place of a secret, so that whoever reads the store cannot use it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
