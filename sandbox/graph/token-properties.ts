import type { SeedToken } from '../seed/seed-token.ts';
import { toGraphDate } from './graph-date.ts';

export type GraphVersion = 'v1.0' | 'beta';

export interface TokenView {
  readonly version: GraphVersion;
  /** `token`; null as real answers have been seen. */
  readonly secret: string | null;
  readonly duplicateOnV1: string;
}

/** A token with every property its API version has. Source: data/vppToken.{v1.0,beta}.csdl.xml. */
export function tokenProperties(token: SeedToken, view: TokenView): Record<string, unknown> {
  const beta = view.version === 'beta';
  return {
    id: token.id,
    organizationName: token.organizationName,
    appleId: token.appleId,
    countryOrRegion: token.countryOrRegion,
    token: view.secret,
    vppTokenAccountType: token.vppTokenAccountType,
    // The v1.0 enum has no such member and no unknownFutureValue; its zero is what a closed enum falls back to.
    state: !beta && token.state === 'duplicateLocationId' ? view.duplicateOnV1 : token.state,
    lastSyncStatus: token.lastSyncStatus,
    expirationDateTime: new Date(token.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    lastSyncDateTime: toGraphDate(token.lastSyncAt),
    lastModifiedDateTime: toGraphDate(token.lastModifiedAt),
    automaticallyUpdateApps: token.automaticallyUpdateApps,
    ...(beta && {
      displayName: token.displayName,
      locationName: token.locationName,
      roleScopeTagIds: token.roleScopeTagIds,
      dataSharingConsentGranted: true,
      claimTokenManagementFromExternalMdm: false,
      tokenActionResults: [],
      appleDeviceAppDeliveryProtocolType: 'unknown',
    }),
  };
}
