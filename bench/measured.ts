import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Measurements of one subject by one process. */
export interface Measured {
  readonly startMs: number;
  readonly turnMs: number;
  readonly crowdedTurnMs: number;
  readonly rssMb: number;
}

export const botId = '5c0f1b8e-1f2d-4f6a-9a63-0f6c1f1d2a10';
export const tenantId = '9d3b2c1a-7e4f-4a5b-8c6d-1e2f3a4b5c6d';
const issuer = 'https://api.botframework.com';
const warmUps = 100;
const turns = 500;
const atOnce = 20;

/** Teams in as little as can be: publishes a key, signs messages, takes answers. */
export async function startTeams() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig', endorsements: ['msteams'] };
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    request.resume();
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (url.endsWith('/openidconfiguration')) response.end(JSON.stringify({ issuer, jwks_uri: `${base()}/keys` }));
      else if (url === '/keys') response.end(JSON.stringify({ keys: [jwk] }));
      else response.end('{"id":"1700000000000"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const serviceUrl = `${base()}/connector/`;
  const token = await new SignJWT({ serviceurl: serviceUrl })
    .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
    .setIssuer(issuer)
    .setAudience(botId)
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('1h')
    .sign(privateKey);
  return { baseUrl: base(), serviceUrl, token, issuer };
}

export type Teams = Awaited<ReturnType<typeof startTeams>>;

/** Sends "help" to a bot, one after another and in a crowd, from many people so that nobody is throttled, and reports. */
export async function measureTurns(teams: Teams, botUrl: string, startMs: number): Promise<void> {
  let sent = 0;
  async function turn(): Promise<void> {
    sent += 1;
    const person = `person-${sent % 500}`;
    const response = await fetch(`${botUrl}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${teams.token}` },
      body: JSON.stringify({
        type: 'message',
        id: String(1_700_000_000_000 + sent),
        channelId: 'msteams',
        serviceUrl: teams.serviceUrl,
        text: 'help',
        locale: 'en-US',
        from: { id: `29:${person}`, name: 'Ada', aadObjectId: person },
        recipient: { id: `28:${botId}`, name: 'VPP Sync' },
        conversation: { id: `a:${person}`, conversationType: 'personal', tenantId },
        channelData: { tenant: { id: tenantId } },
      }),
    });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`a turn was answered ${response.status}`);
  }
  const timed = async (work: () => Promise<unknown>) => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };
  for (let each = 0; each < warmUps; each += 1) await turn();
  const inTurn = await timed(async () => {
    for (let each = 0; each < turns; each += 1) await turn();
  });
  // The tenant's own limit is 1,200 in 10 s; what was sent so far stays below it with the crowd.
  const crowd = await timed(() =>
    Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let each = 0; each < turns / atOnce; each += 1) await turn();
      }),
    ),
  );
  const measured: Measured = {
    startMs,
    turnMs: inTurn / turns,
    crowdedTurnMs: crowd / turns,
    rssMb: process.memoryUsage().rss / 1024 / 1024,
  };
  process.send?.(measured);
}
