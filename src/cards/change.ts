/** Licences of one app: how many are in use, and how many there are. */
export interface LicenseCounts {
  readonly used: number;
  readonly total: number;
}

/** What a sync changed on its token. Values are Graph's own, as they came; absent means Graph had none. */
export interface TokenChange {
  readonly what: 'state' | 'expiry' | 'organization' | 'appleId' | 'location';
  readonly before?: string;
  readonly after?: string;
}

/** What a sync changed on one app of its token. Without `before` the app is new there, without `after` it is gone. */
export interface AppChange {
  readonly what: 'app';
  readonly id: string;
  readonly name: string;
  readonly before?: LicenseCounts;
  readonly after?: LicenseCounts;
}

export type Change = TokenChange | AppChange;

/** Why the licences before and after a sync were not compared. */
export type Uncompared =
  | 'forbidden'
  | 'missingScope'
  | 'slow'
  | 'unavailable'
  /** The token has no Apple ID by which Graph's apps could be known as its own. */
  | 'noAccount'
  /** Before and after could not be told apart from other tokens' apps in the same way. */
  | 'ambiguous'
  /** The sync ran already when it was asked for. */
  | 'joined'
  /** It ended, or another process had it and kept it for no other, or it is no longer taken. */
  | 'signInEnded'
  /** The process that asked for the sync ended in the midst of it, with what it had read. */
  | 'stopped';

/** What is known of the licences once a sync has ended. `pending`: they are still being read. */
export type LicensesTold =
  | { readonly kind: 'pending' }
  /** `approximate`: some of the apps may be another token's. */
  | { readonly kind: 'compared'; readonly approximate: boolean }
  | { readonly kind: 'notCompared'; readonly why?: Uncompared };
