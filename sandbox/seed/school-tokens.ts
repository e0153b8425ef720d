import { createToken, dayMs, hourMs, type SeedToken } from './seed-token.ts';
import { bjorkdal } from './tenants.ts';

/** The school group: three schools under one organisation name, two with their own. */
export function schoolTokens(now: number): SeedToken[] {
  const school = { tenantId: bjorkdal.id, vppTokenAccountType: 'education' as const, countryOrRegion: 'se' };
  return [
    {
      id: 'f27d9b14-6a08-4c5e-b3d1-7e9a0c2b4201',
      organizationName: 'Björkdal Schools',
      displayName: 'Björkdal – Ängsskolan',
      locationName: 'Ängsskolan',
      appleId: 'angsskolan@bjorkdal.example.org',
    },
    {
      id: 'f27d9b14-6a08-4c5e-b3d1-7e9a0c2b4202',
      organizationName: 'Björkdal Schools',
      displayName: 'Björkdal – Sjöskolan',
      locationName: 'Sjöskolan',
      appleId: 'sjoskolan@bjorkdal.example.org',
      expiresAt: now + 25 * dayMs,
    },
    {
      id: 'f27d9b14-6a08-4c5e-b3d1-7e9a0c2b4203',
      organizationName: 'Björkdal Schools',
      displayName: null,
      locationName: 'Kulturskolan',
      appleId: 'kultur@bjorkdal.example.org',
      lastSyncStatus: 'failed' as const,
      lastSyncAt: now - 30 * hourMs,
    },
    {
      id: 'f27d9b14-6a08-4c5e-b3d1-7e9a0c2b4204',
      organizationName: 'École des Tilleuls',
      locationName: 'Collège, 2e étage',
      appleId: 'ipad@tilleuls.example.org',
      countryOrRegion: 'fr',
    },
    {
      id: 'f27d9b14-6a08-4c5e-b3d1-7e9a0c2b4205',
      organizationName: 'Lakeside Academy',
      locationName: 'Upper school',
      appleId: 'apps@lakeside.example.org',
      state: 'expired',
      expiresAt: now - 5 * hourMs,
      lastSyncAt: now - 40 * hourMs,
    },
  ].map((row) => createToken(now, { ...school, ...row }));
}
