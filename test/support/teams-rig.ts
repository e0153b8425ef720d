import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { SandboxContext } from '../../sandbox/contract.ts';
import { createSeed } from '../../sandbox/seed/seed.ts';
import { startServer } from '../../sandbox/server.ts';
import type { WireActivity } from '../../sandbox/teams/activities.ts';
import { createTeamsClient } from '../../sandbox/teams/client.ts';
import { createConnector } from '../../sandbox/teams/connector.ts';
import { createConversations } from '../../sandbox/teams/conversations.ts';
import { createTimeline } from '../../sandbox/teams/timeline.ts';

export interface BotAnswer {
  readonly status?: number;
  readonly body?: unknown;
  /** Waited for before the answer. */
  readonly until?: Promise<void>;
}

export interface ReceivedActivity {
  readonly activity: WireActivity;
  /** True when the channel's published key signed it for this bot. */
  readonly isSigned: boolean;
}

/** A Teams of its own on loopback, and a bot that does what the test says and keeps what it received. */
export async function startTeamsRig(t: TestContext, options: { retryAfterMs?: number } = {}) {
  let now = Date.UTC(2026, 10, 23, 9, 0, 0);
  let baseUrl = '';
  const context: SandboxContext = { baseUrl: () => baseUrl, now: () => now };
  const { registration, people } = createSeed(now);
  const conversations = createConversations(people);
  const timeline = createTimeline(context);
  const connector = createConnector({ context, registration, conversations, timeline, ...options });
  const server = await startServer([connector]);
  baseUrl = server.baseUrl;
  const issueAssertion = async (person: { key: string }) => `assertion-of-${person.key}`;
  const client = createTeamsClient({ context, registration, conversations, timeline, connector, issueAssertion });
  const bot = await startBot(registration.botId, () => baseUrl, context.now);
  connector.connectBot(bot.url);
  t.after(async () => {
    client.stop();
    await Promise.all([server.stop(), bot.stop()]);
  });
  const person = (key: string) => {
    const found = people.find((each) => each.key === key);
    if (!found) throw new Error(`Nobody is called ${key}.`);
    return found;
  };

  return {
    registration,
    connector,
    client,
    conversations,
    timeline,
    bot,
    person,
    baseUrl,
    passTime(ms: number) {
      now += ms;
    },
    /** A request to the connector as a bot makes it; `conversationId` is encoded. */
    async send(method: string, path: string, body?: unknown) {
      const response = await fetch(`${baseUrl}/connector/v3/conversations${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
    },
  };
}

async function startBot(botId: string, baseUrl: () => string, now: () => number) {
  const received: ReceivedActivity[] = [];
  let answer: (activity: WireActivity) => BotAnswer | Promise<BotAnswer> = () => ({});
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const activity = JSON.parse(Buffer.concat(chunks).toString('utf8')) as WireActivity;
    const isSigned = await isSignedByChannel(request.headers.authorization, baseUrl(), botId, now());
    received.push({ activity, isSigned });
    const { status = 200, body, until } = await answer(activity);
    await until;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith(next: typeof answer) {
      answer = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Checks as a bot does: from the published document to the key to the token. */
async function isSignedByChannel(authorization: string | undefined, baseUrl: string, botId: string, now: number) {
  const document = await fetch(`${baseUrl}/connector/.well-known/openidconfiguration`);
  const { issuer, jwks_uri } = (await document.json()) as { issuer: string; jwks_uri: string };
  const keys = (await (await fetch(jwks_uri)).json()) as JSONWebKeySet;
  try {
    await jwtVerify(authorization?.replace('Bearer ', '') ?? '', createLocalJWKSet(keys), {
      issuer,
      audience: botId,
      currentDate: new Date(now),
    });
    return true;
  } catch {
    return false;
  }
}
