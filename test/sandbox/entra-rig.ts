import type { TestContext } from 'node:test';
import type { Registration, SandboxContext, StandIn } from '../../sandbox/contract.ts';
import { createEntra, type EntraStandIn } from '../../sandbox/entra/entra.ts';
import { createSeed, type Seed } from '../../sandbox/seed/seed.ts';
import { startServer } from '../../sandbox/server.ts';

export const redirectUri = 'http://127.0.0.1:3978/auth/end';
export const graphScopes =
  'https://graph.microsoft.com/DeviceManagementServiceConfig.ReadWrite.All https://graph.microsoft.com/DeviceManagementApps.Read.All';

interface Parts {
  readonly context: SandboxContext;
  readonly seed: Seed;
  readonly entra: EntraStandIn;
}

/** The Entra stand-in, with what `more` makes beside it, on a free port with a clock of its own; gone when the test ends. */
export async function startEntra(t: TestContext, more: (parts: Parts) => StandIn[] = () => []) {
  const clock = { now: Date.parse('2026-11-23T09:00:00Z') };
  const seed = createSeed(clock.now);
  const registration: Registration = {
    ...seed.registration,
    idUri: `api://botid-${seed.registration.clientId}`,
    redirectUri,
  };
  const address = { baseUrl: '' };
  const context = { baseUrl: () => address.baseUrl, now: () => clock.now };
  const entra = createEntra({ context, registration: () => registration, people: seed.people, tenants: seed.tenants });
  const server = await startServer([entra, ...more({ context, seed, entra })]);
  address.baseUrl = server.baseUrl;
  t.after(() => server.stop());
  const [company, school, partner] = seed.tenants;
  if (!company || !school || !partner) throw new Error('The seed lacks tenants');
  const getPerson = (key: string) => {
    const person = seed.people.find((candidate) => candidate.key === key);
    if (!person) throw new Error(`Nobody is called ${key}`);
    return person;
  };
  return {
    clock,
    seed,
    registration,
    entra,
    server,
    company,
    school,
    partner,
    getPerson,
    authority: `${server.baseUrl}/entra/${company.id}`,
    /** Posts a form to a tenant's token endpoint, the bot's credentials filled in. */
    async askToken(form: Readonly<Record<string, string>>, tenantId = company.id) {
      const { clientId, clientSecret } = registration;
      const response = await fetch(`${server.baseUrl}/entra/${tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form }),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as TokenAnswer };
    },
    exchange(assertion: string, more: Readonly<Record<string, string>> = {}) {
      return this.askToken({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        requested_token_use: 'on_behalf_of',
        assertion,
        scope: `${graphScopes} openid profile offline_access`,
        ...more,
      });
    },
  };
}

export interface TokenAnswer {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly client_info?: string;
  readonly scope?: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly error_codes?: readonly number[];
  readonly suberror?: string;
  readonly claims?: string;
  readonly trace_id?: string;
  readonly correlation_id?: string;
  readonly timestamp?: string;
}
