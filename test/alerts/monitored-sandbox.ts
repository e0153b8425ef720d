import assert from 'node:assert/strict';
import { after } from 'node:test';
import { type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { createReadTenant, type ReadTenantParts, type ReadTenantRequest } from '../../src/alerts/read-tenant.ts';
import { readConfig } from '../../src/config.ts';
import { createReadOnlyGraph } from '../../src/graph/client.ts';
import type { GraphOptions } from '../../src/graph/request.ts';
import { createEntra } from '../../src/identity/entra.ts';
import { createAppTokens } from '../../src/identity/tokens.ts';
import { createLines, createRuntime } from '../support/runtime.ts';

/**
 * A rehearsal tenant and what reads it in production, over real HTTP; only the waits between attempts take no time. After the tests
 * it shows that the app's token was never seen on anything but a GET.
 */
export async function startMonitoredSandbox(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  after(async () => {
    await sandbox.stop();
    const byApp = sandbox.graph.requests.filter(({ personOid }) => personOid === 'app');
    assert.deepEqual(
      byApp.filter(({ method, hadBody }) => method !== 'GET' || hadBody),
      [],
    );
  });
  const read = readConfig(sandbox.env());
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const { config } = read;
  const { graphUrl } = config;
  const now = options.now ?? Date.now;
  const appTokens = createAppTokens({ entra: createEntra({ config }), config, runtime: createRuntime({ now }) });
  const { lines, log } = createLines();
  const waits: number[] = [];

  const forApp = (tenantId: string, more: Partial<GraphOptions> = {}) =>
    createReadOnlyGraph({
      baseUrl: graphUrl,
      getToken: (request) => appTokens.getAppToken(tenantId, request ?? {}),
      dangerouslyAllowLoopbackHttp: true,
      runtime: createRuntime({
        now: Date.now,
        async wait(ms) {
          waits.push(ms);
        },
      }),
      ...more,
    });
  const createReadTenantWith = (parts: Partial<ReadTenantParts> = {}) =>
    createReadTenant({
      forApp,
      renewAppToken: (tenantId) => appTokens.getAppToken(tenantId, { renew: true }),
      beta: false,
      readWithinMs: 20_000,
      runtime: createRuntime({ log }),
      ...parts,
    });
  const readTenant = createReadTenantWith();
  const [company, school] = sandbox.tenants;
  assert.ok(company && school);
  return {
    sandbox,
    config,
    createReadTenantWith,
    forApp,
    lines,
    waits,
    graph: sandbox.graph,
    controls: sandbox.graph.controls,
    entra: sandbox.entra.controls,
    company: company.id,
    school: school.id,
    /** The company's tokens alone, unless given others. */
    read: (asked: Partial<ReadTenantRequest> = {}) =>
      readTenant({ tenantId: company.id, licenses: false, signal: new AbortController().signal, ...asked }),
  };
}
