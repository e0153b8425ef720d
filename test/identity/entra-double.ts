import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export const tenantId = 'aaaaaaaa-1111-4111-8111-111111111111';
export const otherTenantId = 'bbbbbbbb-2222-4222-8222-222222222222';
export const clientId = 'cccccccc-3333-4333-8333-333333333333';
export const idUri = 'api://bot.example/botid-dddddddd-4444-4444-8444-444444444444';
export const adaId = 'eeeeeeee-5555-4555-8555-555555555555';
export const benId = 'ffffffff-6666-4666-8666-666666666666';
export const clientSecret = 'canary-client-secret';

export interface TokenRequest {
  readonly path: string;
  readonly form: URLSearchParams;
}

export interface TokenReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Cuts the connection instead of answering. */
  readonly cut?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
}

export type TokenScript = (request: TokenRequest) => TokenReply | Promise<TokenReply>;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: Record<string, unknown>;
}

export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } };
}

// One key pair for all tests of a process: making one costs more than a test.
const firstKey = createSigningKey('key-1');

/** Entra on loopback, below a path of its own: OpenID documents, keys and a scripted token endpoint. */
export async function startEntra() {
  const seen: { path: string }[] = [];
  const tokenRequests: TokenRequest[] = [];
  const key = await firstKey;
  const state = {
    keys: [key] as SigningKey[],
    publicKeys: undefined as Record<string, unknown>[] | undefined,
    isDown: false,
    jwksUri: undefined as string | undefined,
    script: (() => ({ body: graphAnswer() })) as TokenScript,
  };

  const server = createServer((request, response) => {
    void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const authorityUrl = `http://127.0.0.1:${port}/entra`;

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', authorityUrl);
    seen.push({ path: url.pathname });
    const json = (reply: TokenReply) => {
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {}));
    };
    if (state.isDown) {
      request.socket.destroy();
      return;
    }
    const [, tenant = '', rest = ''] = /^\/entra\/([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
    if (rest === 'v2.0/.well-known/openid-configuration') {
      const issuer = `${authorityUrl}/${tenant}/v2.0`;
      json({ body: { issuer, jwks_uri: state.jwksUri ?? `${authorityUrl}/${tenant}/discovery/v2.0/keys` } });
    } else if (rest === 'discovery/v2.0/keys') {
      json({ body: { keys: state.publicKeys ?? state.keys.map(({ publicJwk }) => publicJwk) } });
    } else if (rest === 'oauth2/v2.0/token') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = { path: url.pathname, form: new URLSearchParams(Buffer.concat(chunks).toString()) };
      tokenRequests.push(asked);
      const reply = await state.script(asked);
      if (reply.cut) request.socket.destroy();
      else if (!reply.hang) json(reply);
    } else {
      json({ status: 404 });
    }
  }

  /** Claims of an assertion as Entra issues them; `undefined` leaves one out. */
  async function assertion(changes: Record<string, unknown> = {}, by: SigningKey = key, at = Date.now()) {
    const seconds = Math.floor(at / 1000);
    const claims: Record<string, unknown> = {
      aud: clientId,
      iss: `${authorityUrl}/${tenantId}/v2.0`,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3600,
      tid: tenantId,
      oid: adaId,
      scp: 'access_as_user',
      ver: '2.0',
      name: 'Ada',
      preferred_username: 'ada@contoso.example',
      ...changes,
    };
    const jwt = new SignJWT(JSON.parse(JSON.stringify(claims)));
    return jwt.setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: by.kid }).sign(by.privateKey);
  }

  return {
    authorityUrl,
    state,
    seen,
    tokenRequests,
    assertion,
    openIdReads: () => seen.filter(({ path }) => path.endsWith('openid-configuration')).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type EntraDouble = Awaited<ReturnType<typeof startEntra>>;

export function graphAnswer(accessToken = 'graph-token', expiresInS = 3600) {
  return {
    token_type: 'Bearer',
    scope: 'x',
    expires_in: expiresInS,
    ext_expires_in: expiresInS,
    access_token: accessToken,
  };
}

/** An error as Entra words it: numbers in `error_codes`, the text full of what nobody may match on. */
export function entraError(error: string, code: number, more: Record<string, unknown> = {}) {
  return {
    status: 400,
    body: {
      error,
      error_description: `AADSTS${code}: canary-description. Trace ID: 1 Correlation ID: 2 Timestamp: 2026-11-23 10:00:00Z`,
      error_codes: [code],
      timestamp: '2026-11-23 10:00:00Z',
      trace_id: '11111111-1111-4111-8111-111111111111',
      correlation_id: '22222222-2222-4222-8222-222222222222',
      ...more,
    },
  };
}

export const s256 = (text: string) => createHash('sha256').update(text).digest('base64url');
