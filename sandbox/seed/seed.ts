import { randomBytes } from 'node:crypto';
import type { Registration, SandboxPerson, SandboxTenant } from '../contract.ts';
import { seedPeople } from './people.ts';
import { contosoTokens, schoolTokens } from './tokens.ts';

/** The rehearsal tenant's beginning. The same at every start except for the secret; moments hang on `now`. */
export interface Seed {
  /** The first is the company, Contoso; the second a school group; the last the guest's home, without the bot. */
  readonly tenants: readonly SandboxTenant[];
  readonly people: readonly SandboxPerson[];
  /** The rest of a `Registration` depends on where the bot listens. */
  readonly registration: Pick<Registration, 'botId' | 'clientId' | 'clientSecret'>;
  readonly tokens: readonly SeedToken[];
  readonly apps: readonly SeedApp[];
}

interface SeedOptions {
  /** New and random when left out, so that a test can look for it in everything that leaves. */
  readonly clientSecret?: string;
}

/** `now` in epoch milliseconds. */
export function createSeed(now: number, options: SeedOptions = {}): Seed {
  const tokens = [...contosoTokens(now), ...schoolTokens(now)];
  return {
    tenants: seedTenants,
    people: seedPeople,
    registration: {
      botId: '5b7c2f10-4d1e-4a6b-9c35-0d2f6e8a1b01',
      clientId: 'c2a9e4d6-7f38-4b51-8e0a-3f6d5c9b7a02',
      clientSecret: options.clientSecret ?? `rehearsal-secret-${randomBytes(18).toString('base64url')}`,
    },
    tokens,
    apps: tokens.flatMap(appsOf),
  };
}

/** An app bought with one token; the same app appears once per token. Beta alone knows the macOS ones and `tokenId`. */
export interface SeedApp {
  readonly id: string;
  readonly tokenId: string;
  readonly platform: 'ios' | 'macOs';
  readonly displayName: string;
  readonly publisher: string;
  readonly bundleId: string;
  readonly totalLicenseCount: number;
  readonly usedLicenseCount: number;
}

type Row = readonly [name: string, publisher: string, bundle: string, total: number, used: number];

const iosApps: readonly Row[] = [
  ['Meadow Notes', 'Meadow Software', 'com.example.meadow.notes', 250, 181],
  ['Shelf Scanner', 'Shelfware', 'com.example.shelf.scanner', 100, 96],
  ['Safety Rounds', 'Roundhouse', 'com.example.safety.rounds', 40, 40],
  ['Café Timer — Überpünktlich', 'Kleine Werkstatt', 'com.example.cafe.timer', 25, 3],
  ['门店盘点', 'Example Retail', 'com.example.store.count', 60, 12],
];
const macOsApps: readonly Row[] = [['Longhand for Mac', 'Meadow Software', 'com.example.meadow.longhand', 30, 28]];

/** Two to five iOS apps and one for macOS, by the token's place in the seed; none for one that never synced. */
function appsOf(token: SeedToken, index: number): SeedApp[] {
  if (token.lastSyncStatus === 'none') return [];
  const ios = iosApps.slice(0, 2 + (index % (iosApps.length - 1)));
  return [...ios.map((row) => toApp(token, 'ios', row)), ...macOsApps.map((row) => toApp(token, 'macOs', row))];
}

function toApp(token: SeedToken, platform: SeedApp['platform'], row: Row): SeedApp {
  const [displayName, publisher, bundleId, totalLicenseCount, usedLicenseCount] = row;
  const number = platform === 'ios' ? iosApps.indexOf(row) : iosApps.length + macOsApps.indexOf(row);
  return {
    // The token's own id with another last group: fixed, unique, and a GUID.
    id: `${token.id.slice(0, 24)}a${String(number).padStart(3, '0')}${token.id.slice(-8)}`,
    tokenId: token.id,
    platform,
    displayName,
    publisher,
    bundleId,
    totalLicenseCount,
    usedLicenseCount,
  };
}

/** A location token as the rehearsal's Intune keeps it. Moments in epoch milliseconds; a missing `lastSyncAt` is "never". */
export interface SeedToken {
  readonly id: string;
  readonly tenantId: string;
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

/** What a token says where its row is silent: valid, in the default scope, 200 days from its end, synced well six hours ago. */
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

export const contoso: SandboxTenant = {
  id: '3f1a6b52-8c0d-4e7a-9b24-6d5c1e0f7a11',
  name: 'Contoso',
  domain: 'contoso.example.com',
  usesBot: true,
};

export const bjorkdal: SandboxTenant = {
  id: '91d4c7e0-2b6f-4a38-8d15-f0a3b9c6e222',
  name: 'Björkdal Schools',
  domain: 'bjorkdal.example.org',
  usesBot: true,
};

/** Where the guest is at home. */
export const northwind: SandboxTenant = {
  id: 'e8b05d3c-61f7-4c92-a4de-27b8d1f09333',
  name: 'Northwind Partners',
  domain: 'northwind.example.net',
  usesBot: false,
};

export const seedTenants: readonly SandboxTenant[] = [contoso, bjorkdal, northwind];
