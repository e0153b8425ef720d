/** A location token as the rehearsal's Intune keeps it. Moments in epoch milliseconds; a missing `lastSyncAt` is "never". */
export interface SeedToken {
  readonly id: string;
  readonly tenantId: string;
  /** Another Apple connector than a location token, kept alike: the MDM push certificate or an enrolment token. */
  readonly kind?: 'push' | 'ade';
  readonly organizationName: string;
  /** Beta only. */
  readonly displayName: string | null;
  /** Beta only. */
  readonly locationName: string | null;
  readonly appleId: string;
  readonly countryOrRegion: string;
  readonly vppTokenAccountType: 'business' | 'education';
  /** `valid` turns to `expired` by itself when `expiresAt` passes. */
  readonly state: string;
  readonly lastSyncStatus: 'none' | 'inProgress' | 'completed' | 'failed';
  readonly expiresAt: number;
  readonly lastSyncAt?: number;
  readonly lastModifiedAt: number;
  /** When a sync seeded as `inProgress` completes; without it that sync is stuck. */
  readonly syncEndsAt?: number;
  readonly automaticallyUpdateApps: boolean;
  readonly roleScopeTagIds: readonly string[];
}

export const minuteMs = 60_000;

export const hourMs = 60 * minuteMs;

export const dayMs = 24 * hourMs;

/** A token with defaults for what its row leaves out: valid for 200 days, in the default scope, synced six hours ago. */
export function createToken(
  now: number,
  row: Pick<SeedToken, 'id' | 'tenantId' | 'organizationName' | 'appleId'> & Partial<SeedToken>,
): SeedToken {
  const lastSyncAt = now - 6 * hourMs;
  return {
    displayName: row.organizationName,
    locationName: row.organizationName,
    countryOrRegion: 'us',
    vppTokenAccountType: 'business',
    state: 'valid',
    lastSyncStatus: 'completed',
    expiresAt: now + 200 * dayMs,
    ...(row.lastSyncStatus === 'none' ? {} : { lastSyncAt }),
    lastModifiedAt: row.lastSyncStatus === 'none' ? now - 2 * dayMs : (row.lastSyncAt ?? lastSyncAt) + 3,
    automaticallyUpdateApps: true,
    roleScopeTagIds: ['0'],
    ...row,
  };
}
