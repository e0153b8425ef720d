import { randomBytes } from 'node:crypto';
import type { Registration, SandboxPerson, SandboxTenant } from '../contract.ts';
import { seedConnectors } from './connectors.ts';
import { seedPeople } from './people.ts';
import type { SeedToken } from './seed-token.ts';
import { seedTenants } from './tenants.ts';
import { contosoTokens, schoolTokens } from './tokens.ts';

/** How the rehearsal tenant begins: the same at every start except for the secret; all dates are relative to `now`. */
export interface Seed {
  /** The first is the company, Contoso; the second a school group; the last the guest's home, without the bot. */
  readonly tenants: readonly SandboxTenant[];
  readonly people: readonly SandboxPerson[];
  /** The rest of a `Registration` depends on where the bot listens. */
  readonly registration: Pick<Registration, 'botId' | 'botPassword' | 'clientId' | 'clientSecret'>;
  /** The location tokens, and the other Apple connectors. */
  readonly tokens: readonly SeedToken[];
  readonly apps: readonly SeedApp[];
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
  /** So many more are in use a day later. */
  readonly usedPerDay?: number;
}

interface SeedOptions {
  /** Random by default, so that a test can search for it in everything that leaves the bot. */
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
      botPassword: `rehearsal-password-${randomBytes(18).toString('base64url')}`,
      clientId: 'c2a9e4d6-7f38-4b51-8e0a-3f6d5c9b7a02',
      clientSecret: options.clientSecret ?? `rehearsal-secret-${randomBytes(18).toString('base64url')}`,
    },
    tokens: [...tokens, ...seedConnectors(now)],
    apps: tokens.flatMap(appsOf),
  };
}

type Row = readonly [name: string, publisher: string, bundle: string, total: number, used: number];

const iosApps: readonly Row[] = [
  ['Meadow Notes', 'Meadow Software', 'com.example.meadow.notes', 250, 181],
  ['Shelf Scanner', 'Shelfware', 'com.example.shelf.scanner', 100, 96],
  ['Safety Rounds', 'Roundhouse', 'com.example.safety.rounds', 40, 40],
  ['Café Timer — Überpünktlich', 'Kleine Werkstatt', 'com.example.cafe.timer', 25, 3],
  ['门店盘点', 'Example Retail', 'com.example.store.count', 120, 72],
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
    ...(bundleId === 'com.example.store.count' && { usedPerDay: 4 }),
  };
}
