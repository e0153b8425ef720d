import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type DeriveKey, keyPurposes } from '../identity/keys.ts';
import type { AuditSeals } from '../store/audit-chain.ts';

export interface AuditKeys {
  /** For the chain in the database. */
  readonly seals: AuditSeals;
  /** For exports: Ed25519, the public half in base64 (SPKI). */
  readonly publicKey: string;
  sign(text: string): string;
}

// PKCS #8 puts this before the 32 bytes of an Ed25519 key (RFC 8410 §7).
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Seals of `others` are verified; they seal and sign nothing. */
export function createAuditKeys(deriveKey: DeriveKey, others: readonly DeriveKey[] = []): AuditKeys {
  const { privateKey, publicKey, seal } = keysFrom(deriveKey);
  return {
    seals: { own: seal, others: others.map((other) => keysFrom(other).seal) },
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
  };
}

function keysFrom(deriveKey: DeriveKey) {
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Head, deriveKey(keyPurposes.auditExport)]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  const sealing = deriveKey(keyPurposes.auditSeal);
  const seal = {
    keyId: fingerprintOf(publicKey),
    sealOf: (text: string) => createHmac('sha256', sealing).update(text).digest('hex'),
  };
  return { privateKey, publicKey, seal };
}

/** Tells one bot's key from another's, and is short enough to read out. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32);

/** False also where `publicKey` is no key, or `signature` no signature. */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  const key = findPublicKey(publicKey);
  return key?.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

function findPublicKey(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
