import { botId, measureTurns, startTeams, tenantId } from './measured.ts';

const teams = await startTeams();
const from = performance.now();
const [{ createApp }, { readConfig }, { createRuntime }, { createLog }] = await Promise.all([
  import('../src/app.ts'),
  import('../src/config.ts'),
  import('../src/lib/runtime.ts'),
  import('../src/telemetry/log.ts'),
]);
const read = readConfig({
  PORT: '0',
  PUBLIC_URL: teams.baseUrl,
  BOT_ID: botId,
  BOT_PASSWORD: 'bench',
  BOT_TYPE: 'SingleTenant',
  BOT_TENANT_ID: tenantId,
  AAD_APP_CLIENT_ID: '0b9f0b8e-1f2d-4f6a-9a63-0f6c1f1d2a11',
  AAD_APP_CLIENT_SECRET: 'bench',
  ALLOWED_TENANTS: tenantId,
  DATABASE_URL: 'sqlite::memory:',
  MONITOR: 'off',
  LOG_LEVEL: 'warn',
  AUTHORITY_URL: `${teams.baseUrl}/entra`,
  GRAPH_URL: `${teams.baseUrl}/graph`,
  BOT_OPENID_METADATA_URL: `${teams.baseUrl}/openidconfiguration`,
  EXTRA_SERVICE_URLS: teams.serviceUrl,
});
if ('problems' in read) throw new Error(read.problems.join('\n'));
const app = await createApp(read.config, createRuntime(createLog('warn')));
const port = await app.start();
await measureTurns(teams, `http://127.0.0.1:${port}`, performance.now() - from);
