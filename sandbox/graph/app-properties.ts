import type { SeedApp } from '../seed/seed-app.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import type { GraphVersion } from './token-properties.ts';

/** Name of an app's type; macOS ones are beta's alone. */
export const typeOf = (app: SeedApp) =>
  app.platform === 'ios' ? 'microsoft.graph.iosVppApp' : 'microsoft.graph.macOsVppApp';

/** Types a version knows below mobileApp, among those the rehearsal has. */
export const listAppTypes = (version: GraphVersion) =>
  version === 'beta' ? ['microsoft.graph.iosVppApp', 'microsoft.graph.macOsVppApp'] : ['microsoft.graph.iosVppApp'];

/** What every mobile app has, and so what $select may name without saying a type. */
export function baseAppProperties(app: SeedApp, version: GraphVersion): Record<string, unknown> {
  return {
    id: app.id,
    displayName: app.displayName,
    description: null,
    publisher: app.publisher,
    largeIcon: null,
    createdDateTime: '2026-01-14T08:30:00Z',
    lastModifiedDateTime: '2026-01-14T08:30:00Z',
    isFeatured: false,
    privacyInformationUrl: null,
    informationUrl: null,
    owner: null,
    developer: null,
    notes: null,
    publishingState: 'published',
    ...(version === 'beta' && { isAssigned: true, roleScopeTagIds: ['0'] }),
  };
}

/** What a VPP app adds. v1.0 tells the token's Apple ID and organisation but not which token it is. */
export function vppAppProperties(app: SeedApp, token: SeedToken, version: GraphVersion): Record<string, unknown> {
  return {
    bundleId: app.bundleId,
    appStoreUrl: `https://apps.example.com/${app.bundleId}`,
    licensingType: { supportsUserLicensing: true, supportsDeviceLicensing: true },
    releaseDateTime: '0001-01-01T00:00:00Z',
    totalLicenseCount: app.totalLicenseCount,
    usedLicenseCount: app.usedLicenseCount,
    vppTokenAccountType: token.vppTokenAccountType,
    vppTokenAppleId: token.appleId,
    vppTokenOrganizationName: token.organizationName,
    ...(app.platform === 'ios' && { applicableDeviceType: { iPad: true, iPhoneAndIPod: true } }),
    ...(version === 'beta' && {
      vppTokenId: token.id,
      vppTokenDisplayName: token.displayName,
      revokeLicenseActionResults: [],
    }),
  };
}
