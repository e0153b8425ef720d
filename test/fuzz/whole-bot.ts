import { EventEmitter } from 'node:events';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createApp } from '../../src/app.ts';
import { createRuntime } from '../../src/lib/runtime.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { configWith, leastEnvironment, tenantId } from '../support/environment.ts';
import { createHttpLine, type HttpAnswer } from './http-line.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

/** A colleague of the tenant that the bot serves. */
export interface FuzzPerson {
  readonly oid: string;
  readonly name: string;
}

const seconds = (ms: number) => Math.floor(ms / 1000);
const farAway = seconds(Date.UTC(2099, 0));
export const serviceUrl = 'https://smba.trafficmanager.net/emea/';
export const botId = leastEnvironment.BOT_ID ?? '';
export const tenant = tenantId;

/** Whatever of these is seen in a log line, an answer or a message to Teams has leaked. */
export const secrets = {
  graphToken: 'canary-graph-token-',
  botToken: 'canary-bot-token',
  vppToken: 'canary-of-the-vpp-token',
  botPassword: leastEnvironment.BOT_PASSWORD ?? '',
  clientSecret: leastEnvironment.AAD_APP_CLIENT_SECRET ?? '',
  /** Every JWT begins with this. */
  jwt: 'eyJhbGciOi',
} as const;

/**
 * The whole product, configured for production, on a real port of this process. Only what is beyond its edge is made up:
 * `fetch` and `https.request` answer as Microsoft would, from memory. It must be the only bot of its process.
 */
export async function startWholeBot(options: { readonly env?: Readonly<Record<string, string>> } = {}) {
  const channel = await generateKeyPair('RS256', { extractable: true });
  const entra = await generateKeyPair('RS256', { extractable: true });
  const [channelKey, entraKey] = await Promise.all([channel, entra].map(({ publicKey }) => exportJWK(publicKey)));
  const clock = { now: Date.UTC(2026, 10, 23, 9) };
  const lines: string[] = [];
  const graph: Seen[] = [];
  const teams: Seen[] = [];
  const edges = {
    graph: (_seen: Seen): Response => Response.json({ value: [] }),
    connector: (_seen: Seen): Response => Response.json({ id: 'sent' }),
    /** Answers for Entra's token endpoint; undefined for its usual answer. */
    token: (_asked: URLSearchParams): Response | undefined => undefined,
  };
  let going = 0;
  let asked = 0;

  function tokenAnswer(form: URLSearchParams): Response {
    const made = edges.token(form);
    if (made) return made;
    const token = { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600 };
    if (form.get('grant_type') === 'client_credentials')
      return Response.json({ ...token, access_token: secrets.botToken });
    const assertion = form.get('assertion') ?? '';
    const payload = JSON.parse(Buffer.from(assertion.split('.')[1] ?? 'e30', 'base64url').toString()) as {
      oid?: string;
    };
    return Response.json({ ...token, access_token: `${secrets.graphToken}${payload.oid}`, scope: 'x' });
  }

  function answer(url: URL, seen: Seen): Response {
    switch (url.host) {
      case 'graph.microsoft.com':
        graph.push(seen);
        return edges.graph(seen);
      case 'smba.trafficmanager.net':
        teams.push(seen);
        return edges.connector(seen);
      case 'login.botframework.com':
        if (url.pathname.endsWith('/keys'))
          return Response.json({ keys: [{ ...channelKey, kid: 'channel', endorsements: ['msteams'] }] });
        return Response.json({ jwks_uri: 'https://login.botframework.com/v1/.well-known/keys' });
      case 'login.microsoftonline.com':
        if (url.pathname.endsWith('/token')) return tokenAnswer(new URLSearchParams(seen.body));
        if (url.pathname.endsWith('/keys')) return Response.json({ keys: [{ ...entraKey, kid: 'entra' }] });
        return Response.json({
          issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
          jwks_uri: `https://login.microsoftonline.com/${tenant}/keys`,
        });
      default:
        throw new Error(`Nobody is at ${url.host}`);
    }
  }

  async function ask(input: unknown, init: RequestInit | undefined): Promise<Response> {
    going += 1;
    asked += 1;
    try {
      const url = new URL(String(input));
      const headers = new Headers(init?.headers);
      return answer(url, {
        method: init?.method ?? 'GET',
        url: url.href,
        authorization: headers.get('authorization') ?? '',
        body: typeof init?.body === 'string' ? init.body : '',
      });
    } finally {
      going -= 1;
    }
  }

  /** As much of Node's client as is used to call Teams. */
  function request(address: string, { method, headers }: Pick<RequestInit, 'method' | 'headers'>) {
    const call = new EventEmitter();
    const end = async (body?: string) => {
      const init = { ...(method && { method }), ...(headers && { headers }), ...(body !== undefined && { body }) };
      const response = await ask(address, init);
      const bytes = Buffer.from(await response.arrayBuffer());
      const { status: statusCode, headers: fields } = response;
      call.emit('response', Object.assign(Readable.from([bytes]), { statusCode, headers: Object.fromEntries(fields) }));
    };
    return Object.assign(call, {
      end: (body?: string) => void end(body).catch((error: unknown) => call.emit('error', error)),
      destroy: () => call,
    });
  }

  const real = { fetch: globalThis.fetch, request: https.request };
  globalThis.fetch = ask;
  Object.assign(https, { request });
  syncBuiltinESMExports();

  const config = configWith({
    PORT: '0',
    DATABASE_URL: 'sqlite::memory:',
    MONITOR: 'off',
    SYNC_COOLDOWN_S: '0',
    ...options.env,
  });
  const log = createLog('trace', undefined, { write: (line: string) => void lines.push(line) });
  const app = await createApp(config, { ...createRuntime(log), now: () => clock.now });
  const line = createHttpLine(await app.start());
  after(async () => {
    line.close();
    // Time passes while it stops: a clock that stood still would keep it waiting, for example for room among Teams' limits.
    const passing = setInterval(() => {
      clock.now += 10_000;
    }, 10);
    await app.stop().finally(() => clearInterval(passing));
    globalThis.fetch = real.fetch;
    Object.assign(https, { request: real.request });
    syncBuiltinESMExports();
  });

  const sign = (key: CryptoKey, kid: string, claims: Readonly<Record<string, unknown>>) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(key);
  const signed = new Map<string, string>();
  /** The channel's token for an activity with this `serviceUrl`. Signing is slow, so one is used again and again. */
  async function channelToken(about: unknown): Promise<string> {
    // A longer one would not fit into a header.
    const key = typeof about === 'string' && about.length <= 2_000 ? about : serviceUrl;
    const known = signed.get(key);
    if (known) return known;
    const claims = { iss: 'https://api.botframework.com', aud: botId, serviceurl: key, exp: farAway };
    const token = await sign(channel.privateKey, 'channel', claims);
    if (signed.size < 1_000) signed.set(key, token);
    return token;
  }
  const assertions = new Map<string, string>();

  return {
    clock,
    lines,
    graph,
    teams,
    edges,
    config,
    app,
    line,
    channelToken,
    /** The assertion that silent sign-on brings for a person: good for the whole run. */
    async assertionOf({ oid }: FuzzPerson): Promise<string> {
      const known = assertions.get(oid);
      if (known) return known;
      const claims = {
        iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
        aud: config.app.clientId,
        ver: '2.0',
        tid: tenant,
        oid,
        scp: 'access_as_user',
        preferred_username: `${oid}@example.com`,
        exp: farAway,
      };
      const made = await sign(entra.privateKey, 'entra', claims);
      assertions.set(oid, made);
      return made;
    },
    /** Posts a body as the channel does, with its own token for that body's `serviceUrl`. */
    async post(body: string, about: unknown): Promise<HttpAnswer> {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${await channelToken(about)}` };
      return line.ask('POST', '/api/messages', headers, body);
    },
    /** Resolves once the bot asks nobody anything and nothing is about to. What waits for a time of its own goes on waiting. */
    async settle(): Promise<void> {
      for (let quiet = 0; quiet < 4; ) {
        const before = asked;
        await new Promise(setImmediate);
        quiet = going === 0 && asked === before ? quiet + 1 : 0;
      }
    },
  };
}

export type WholeBot = Awaited<ReturnType<typeof startWholeBot>>;
