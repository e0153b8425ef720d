import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface AskedToken {
  readonly path: string;
  readonly resource: string;
  readonly clientId: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Azure's two ways to a managed identity's tokens on loopback: IDENTITY_ENDPOINT (App Service, Container Apps) and IMDS (machines). */
export async function startIdentityEndpoint() {
  const asked: AskedToken[] = [];
  const state = { status: 200, hangs: false };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const resource = searchParams.get('resource') ?? '';
    const clientId = searchParams.get('client_id') ?? '';
    asked.push({ path: pathname, resource, clientId, headers: request.headers });
    if (state.hangs) return;
    response.writeHead(state.status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        state.status === 200
          ? {
              access_token: `token of ${clientId} for ${resource} (${asked.length})`,
              expires_on: String(Math.floor(Date.now() / 1000) + 3600),
              resource,
              token_type: 'Bearer',
              client_id: clientId,
            }
          : { error: 'invalid_request', error_description: 'Identity not found' },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    state,
    /** Variables that Azure sets in the process: as Container Apps does, or none but the address that stands for IMDS. */
    containerApps: { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: 'canary-identity-header' },
    machine: { AZURE_POD_IDENTITY_AUTHORITY_HOST: url },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
