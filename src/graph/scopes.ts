import type { Cloud } from '../clouds.ts';

/** Least permissions in every source read (facts of devx-content permissions.json and Microsoft Learn). */
export const delegatedPermissions = [
  'DeviceManagementServiceConfig.ReadWrite.All',
  'DeviceManagementApps.Read.All',
] as const;

/** Roles the app's own, read-only token needs for monitoring. */
export const monitoringRoles = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementApps.Read.All'] as const;

/** What a person's on-behalf-of token asks for, with the cloud's Graph root whatever address Graph is reached at. */
export function delegatedScopes(cloud: Cloud): string[] {
  return delegatedPermissions.map((permission) => `${cloud.graphRoot}/${permission}`);
}
