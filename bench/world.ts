import type { SandboxPerson, SandboxTenant } from '../sandbox/contract.ts';
import type { SeedApp } from '../sandbox/seed/seed.ts';
import { createToken, type SeedToken } from '../sandbox/seed/seed-token.ts';

const tenantCount = 16;
const personCount = 512;
const tokensPerTenant = 30;
const appsPerToken = 4;

export const botId = '5c0f1b8e-1f2d-4f6a-9a63-0f6c1f1d2a10';
export const clientId = '0b9f0b8e-1f2d-4f6a-9a63-0f6c1f1d2a11';
export const botPassword = 'bench-password';
export const clientSecret = 'bench-secret';

const guidOf = (kind: string, number: number) => `9d3b2c1a-7e4f-4a5b-${kind}-${String(number).padStart(12, '0')}`;

export const tenants: readonly SandboxTenant[] = Array.from({ length: tenantCount }, (_, index) => ({
  id: guidOf('8000', index + 1),
  name: `Tenant ${index + 1}`,
  domain: `tenant-${index + 1}.example.com`,
  usesBot: true,
}));

/** The tenant of the turn with this number: turns go through the tenants one by one. */
export const tenantOf = (turn: number) => at(tenants, turn);

/** Endpoint administrators with full rights, spread evenly over the tenants. */
export const people: readonly SandboxPerson[] = Array.from({ length: personCount }, (_, index) => ({
  key: `person-${index}`,
  name: `Person ${index}`,
  title: 'Endpoint administrator',
  tenantId: tenantOf(index).id,
  aadObjectId: guidOf('8001', index),
  teamsId: `29:1bench-${index}`,
  userPrincipalName: `person.${index}@${tenantOf(index).domain}`,
  role: 'full',
  locale: 'en-US',
}));

/** Nobody writes twice before all others have written. */
export const personOf = (turn: number) => at(people, turn);

/** No token comes twice before every token of its tenant has come. */
export const locationOf = (turn: number) => nameOf(Math.floor(turn / tenantCount) % tokensPerTenant);

const nameOf = (index: number) => `Store ${String(index + 1).padStart(2, '0')}`;

export function createTokens(now: number): SeedToken[] {
  return tenants.flatMap(({ id: tenantId }, tenant) =>
    Array.from({ length: tokensPerTenant }, (_, index) =>
      createToken(now, {
        id: guidOf('8002', tenant * 1000 + index),
        tenantId,
        organizationName: nameOf(index),
        appleId: `store-${index + 1}@example.com`,
      }),
    ),
  );
}

export function createApps(tokens: readonly SeedToken[]): SeedApp[] {
  return tokens.flatMap((token, tokenIndex) =>
    Array.from({ length: appsPerToken }, (_, index) => ({
      id: guidOf('8003', tokenIndex * 10 + index),
      tokenId: token.id,
      platform: 'ios' as const,
      displayName: `App ${index + 1}`,
      publisher: 'Example',
      bundleId: `com.example.app${index + 1}`,
      totalLicenseCount: 100,
      usedLicenseCount: 40,
    })),
  );
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}
