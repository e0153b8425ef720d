import { hkdfSync } from 'node:crypto';
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
  const secret = config.tokenCacheKey ?? secretOf(config.app);
  return (purpose) => Buffer.from(hkdfSync('sha256', secret, 'vpp-sync', purpose, 32));
}

function secretOf(app: Config['app']): string {
  const credential = loadClientCredential(app);
  return 'clientSecret' in credential ? credential.clientSecret : credential.clientCertificate.privateKey;
}
