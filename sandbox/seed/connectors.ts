import { createToken, dayMs, hourMs, type SeedToken } from './seed-token.ts';
import { bjorkdal, contoso } from './tenants.ts';

/**
 * The other Apple connectors: the company has a push certificate and enrolment tokens in every state; the school group has one
 * enrolment token, and its push certificate is not set up.
 */
export function seedConnectors(now: number): SeedToken[] {
  const ade = { tenantId: contoso.id, kind: 'ade' as const, organizationName: 'Contoso' };
  return [
    {
      id: 'c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e01',
      tenantId: contoso.id,
      kind: 'push' as const,
      organizationName: 'Contoso',
      appleId: 'mdm-push@contoso.example.com',
      lastSyncStatus: 'none' as const,
      expiresAt: now + 45 * dayMs,
    },
    {
      ...ade,
      id: 'c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02',
      displayName: 'Office iPhones',
      appleId: 'enrolment@contoso.example.com',
      roleScopeTagIds: ['0', '7'],
    },
    {
      ...ade,
      id: 'c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e03',
      displayName: 'Warehouse scanners',
      appleId: 'warehouse-enrolment@contoso.example.com',
      lastSyncStatus: 'failed' as const,
      expiresAt: now + 18 * dayMs,
      lastSyncAt: now - 4 * dayMs,
      lastModifiedAt: now - 5 * hourMs,
    },
    {
      ...ade,
      id: 'c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e04',
      displayName: 'Showroom kiosks',
      appleId: 'kiosks@contoso.example.com',
      state: 'expired',
      lastSyncStatus: 'failed' as const,
      expiresAt: now - 3 * dayMs,
      lastSyncAt: now - 3 * dayMs,
      lastModifiedAt: now - 2 * dayMs,
    },
    {
      id: 'f27d9b14-6a08-4c5e-b3d1-7e9a0c2b4211',
      tenantId: bjorkdal.id,
      kind: 'ade' as const,
      organizationName: 'Björkdal Schools',
      displayName: 'Elevplattor',
      appleId: 'mdm@bjorkdal.example.org',
      vppTokenAccountType: 'education' as const,
      countryOrRegion: 'se',
    },
  ].map((row) => createToken(now, row));
}
