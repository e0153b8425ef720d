/**
 * A location token as Graph shows it, without its `token` property, which is never requested, kept or shown.
 * Names are Graph's own. Enum values are open: a value nobody knows is kept as it came.
 * `0001-01-01…` means never and is left out.
 * Source: data/vppToken.v1.0.csdl.xml; displayName and locationName exist in beta only.
 */
export interface VppToken {
  readonly id: string;
  readonly displayName?: string;
  readonly locationName?: string;
  readonly organizationName?: string;
  readonly appleId?: string;
  readonly countryOrRegion?: string;
  /** `business` or `education` so far. */
  readonly vppTokenAccountType?: string;
  /** `unknown`, `valid`, `expired`, `invalid`, `assignedToExternalMDM`; beta adds `duplicateLocationId`. */
  readonly state: string;
  /** `none`, `inProgress`, `completed`, `failed`. */
  readonly lastSyncStatus: string;
  /** ISO 8601 in UTC with up to seven fractional digits, as it came. */
  readonly expirationDateTime?: string;
  readonly lastSyncDateTime?: string;
  readonly lastModifiedDateTime?: string;
  readonly automaticallyUpdateApps?: boolean;
}
