import { createToken, dayMs, hourMs, minuteMs, type SeedToken } from './seed-token.ts';
import { bjorkdal, contoso } from './tenants.ts';

type Row = Omit<Parameters<typeof createToken>[1], 'tenantId'>;

/**
 * The company: six locations share the name Contoso, which v1.0 cannot distinguish by organisation; Fabrikam Logistics, Adatum
 * and others it can. Scope tag 7 is what the scope-limited person sees.
 */
export function contosoTokens(now: number): SeedToken[] {
  return [...sharedName(now), ...ownNames(now)].map((row) => createToken(now, { ...row, tenantId: contoso.id }));
}

const sharedName = (now: number): Row[] => [
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8101',
    organizationName: 'Contoso',
    displayName: 'Contoso HQ',
    locationName: 'Head office',
    appleId: 'hq@contoso.example.com',
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8102',
    organizationName: 'Contoso',
    displayName: 'Contoso Retail',
    locationName: 'Stores',
    appleId: 'retail@contoso.example.com',
    countryOrRegion: 'de',
    expiresAt: now + 12 * dayMs,
    roleScopeTagIds: ['0', '7'],
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8103',
    organizationName: 'Contoso',
    displayName: 'Contoso Field Service',
    locationName: 'Vans and workshops',
    appleId: 'field@contoso.example.com',
    lastSyncStatus: 'inProgress',
    lastSyncAt: now - 20 * hourMs,
    lastModifiedAt: now - 2 * minuteMs,
    syncEndsAt: now + 5 * minuteMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8104',
    organizationName: 'Contoso',
    displayName: null,
    locationName: 'Warehouse 7',
    appleId: 'warehouse7@contoso.example.com',
    lastSyncStatus: 'none',
    automaticallyUpdateApps: false,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8105',
    organizationName: 'Contoso',
    displayName: 'Contoso Zürich',
    locationName: 'Büro Zürich',
    appleId: 'zuerich@contoso.example.com',
    countryOrRegion: 'ch',
    lastSyncStatus: 'failed',
    expiresAt: now + 90 * dayMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8106',
    organizationName: 'Contoso',
    displayName: 'Contoso Événements',
    locationName: 'Pop-up stores',
    appleId: 'evenements@contoso.example.com',
    countryOrRegion: 'fr',
    state: 'expired',
    lastSyncStatus: 'failed',
    expiresAt: now - 20 * dayMs,
    lastSyncAt: now - 21 * dayMs,
  },
];

const ownNames = (now: number): Row[] => [
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8107',
    organizationName: 'Fabrikam Logistics',
    locationName: 'Rotterdam depot',
    appleId: 'apps@fabrikam.example.com',
    countryOrRegion: 'nl',
    expiresAt: now + 2 * dayMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8108',
    organizationName: 'Adatum',
    locationName: 'Research campus',
    appleId: 'devices@adatum.example.com',
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8109',
    organizationName: 'Adventure Works',
    locationName: 'Mountain shops',
    appleId: 'ipads@adventure-works.example.com',
    lastSyncAt: now - 50 * hourMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8110',
    organizationName: 'Wingtip Toys',
    locationName: 'Showroom',
    appleId: 'former.colleague@wingtip.example.com',
    state: 'invalid',
    lastSyncStatus: 'failed',
    lastSyncAt: now - 3 * dayMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8111',
    organizationName: 'Litware',
    locationName: 'Acquired offices',
    appleId: 'mdm@litware.example.com',
    state: 'assignedToExternalMDM',
    lastSyncAt: now - 9 * dayMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8112',
    organizationName: 'Proseware',
    locationName: 'Print works',
    appleId: 'apple@proseware.example.com',
    state: 'duplicateLocationId',
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8113',
    organizationName: '华东零售有限公司',
    displayName: '华东零售 上海门店',
    locationName: '上海南京东路店',
    appleId: 'shanghai@huadong.example.cn',
    countryOrRegion: 'cn',
    roleScopeTagIds: ['7'],
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8114',
    organizationName: 'Café Ñandú',
    locationName: 'São Paulo',
    appleId: 'cafe@nandu.example.com',
    countryOrRegion: 'br',
    lastSyncStatus: 'inProgress',
    lastSyncAt: now - 27 * hourMs,
    lastModifiedAt: now - 3 * hourMs,
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8115',
    organizationName: '*Project* [Phoenix](https://example.com)',
    locationName: '**Lab** <b>2</b> & `co`',
    appleId: 'phoenix@project.example.com',
    countryOrRegion: 'gb',
  },
  {
    id: 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8116',
    organizationName: 'Tailspin Aviation',
    locationName: 'Hangar 4',
    appleId: 'efb@tailspin.example.com',
    state: 'unknown',
    lastSyncStatus: 'none',
  },
];

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
