import { randomBytes } from 'node:crypto';
import type { Registration, SandboxPerson, SandboxTenant } from '../contract.ts';
import { contosoTokens } from './contoso-tokens.ts';
import { seedPeople } from './people.ts';
import { schoolTokens } from './school-tokens.ts';
import { appsOf, type SeedApp } from './seed-app.ts';
import type { SeedToken } from './seed-token.ts';
import { seedTenants } from './tenants.ts';

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

export interface SeedOptions {
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
