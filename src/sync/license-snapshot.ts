import type { AppChange, LicenseCounts, LicensesTold, Uncompared } from '../cards/change.ts';

/** An app of a token with its licences, as far as it is kept. */
export interface LicensedApp extends LicenseCounts {
  readonly id: string;
  readonly name: string;
}

/** A token's apps right before its sync, or why they are not known. */
export type LicensesBefore =
  /** `exact`: each app named its token, so that none of them can be another one's. */
  | { readonly kind: 'read'; readonly exact: boolean; readonly apps: readonly LicensedApp[] }
  | { readonly kind: 'unread'; readonly why: Uncompared };

/** Kept with a run whose process ended before its POST had an answer: nobody knows whether Intune was asked. */
export const stoppedAsking: LicensesBefore = { kind: 'unread', why: 'stopped' };

export const wasStoppedAsking = (before: LicensesBefore | undefined): boolean =>
  before?.kind === 'unread' && before.why === 'stopped';

/** What became of them with the sync, kept in place of the apps themselves. */
export type LicensesCompared =
  | (Extract<LicensesTold, { kind: 'compared' }> & { readonly apps: readonly AppChange[] })
  | Extract<LicensesTold, { kind: 'notCompared' }>;
