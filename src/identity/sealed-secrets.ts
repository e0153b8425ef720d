export interface SealedSecret {
  readonly name: string;
  readonly keyId: string;
  /** `aadObjectId` in lower case. */
  readonly ownerId: string;
  readonly sealed: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Where sealed secrets are kept for every process of the bot. Secrets sealed with another key stand beside each other. */
export interface SealedSecrets {
  put(secret: SealedSecret): Promise<void>;
  /** Undefined once it has expired. */
  find(name: string, keyId: string, now: number): Promise<string | undefined>;
  /** Erases it. True for exactly one caller. */
  take(name: string, keyId: string): Promise<boolean>;
  /** Whatever key they were sealed with. */
  eraseAllOf(ownerId: string): Promise<void>;
}
