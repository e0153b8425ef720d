import { type Config, type Environment, readConfig } from '../../src/config.ts';

export const tenantId = '11111111-2222-4333-8444-555555555555';

/** The least that a production bot can be started with. */
export const leastEnvironment: Environment = {
  PUBLIC_URL: 'https://bot.example.com',
  BOT_ID: 'aaaaaaaa-2222-4333-8444-555555555555',
  BOT_PASSWORD: 'canary-of-the-bot-password',
  BOT_TYPE: 'SingleTenant',
  BOT_TENANT_ID: tenantId,
  AAD_APP_CLIENT_ID: 'bbbbbbbb-2222-4333-8444-555555555555',
  AAD_APP_CLIENT_SECRET: 'canary-of-the-client-secret',
  ALLOWED_TENANTS: tenantId,
};

/** A rehearsal's addresses, complete. */
export const rehearsalAddresses: Environment = {
  AUTHORITY_URL: 'http://127.0.0.1:4000/entra',
  GRAPH_URL: 'http://127.0.0.1:4000/graph',
  BOT_OPENID_METADATA_URL: 'http://127.0.0.1:4000/connector/.well-known/openidconfiguration',
  EXTRA_SERVICE_URLS: 'http://127.0.0.1:4000/connector/',
};

/** The problems of the least environment once it is changed so. */
export function problemsWith(changes: Environment): readonly string[] {
  const read = readConfig({ ...leastEnvironment, ...changes });
  return 'problems' in read ? read.problems : [];
}

export function configWith(changes: Environment): Config {
  const read = readConfig({ ...leastEnvironment, ...changes });
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.config;
}

/** Name of the variable that a problem begins with. */
export const subjectOf = (problem: string) => problem.split(' ')[0] ?? '';
