import { createHash, randomBytes } from 'node:crypto';

/** 144 random bits: nobody can guess it, so knowing it proves having been given it. */
export const newOpaqueId = (): string => createSecret(18);

/** True for anything shaped like an opaque id: worth looking up. */
export const isOpaqueId = (text: string): boolean => /^[\w-]{1,100}$/.test(text);

/** Ten hexadecimal digits, short enough to read out over the phone. The log and the reply to the person both carry it. */
export const newCorrelationId = (): string => randomBytes(5).toString('hex');

/** Unguessable, in base64url; 16 bytes are 128 bits. */
export function createSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** SHA-256 in base64url. Stored in place of a secret, so that whoever reads the store cannot use it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Ids of Entra and Intune are GUIDs, which mean the same in either case. */
export function isSameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
