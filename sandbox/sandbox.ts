import { botEnvironment } from './bot-process.ts';
import { createBotProxies, createPage } from './client/page-server.ts';
import type { Registration, SandboxContext, SandboxPerson } from './contract.ts';
import { createEntra } from './entra/entra.ts';
import { createGraph } from './graph/graph.ts';
import { createCrowd } from './seed/people.ts';
import { createSeed } from './seed/seed.ts';
import { startServer } from './server.ts';
import { createTeamsClient } from './teams/client.ts';
import { createConnector } from './teams/connector.ts';
import { createConversations } from './teams/conversations.ts';
import { createTimeline } from './teams/timeline.ts';

export interface SandboxOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Epoch milliseconds; the clock of every stand-in. */
  readonly now?: () => number;
  readonly syncDurationMs?: number;
  /** The app's secret; random by default. */
  readonly clientSecret?: string;
  /** Teams posts a message again when it had no answer for so long; 15 s by default. */
  readonly retryAfterMs?: number;
  /** Number of more people at the company, each with a personal chat. */
  readonly crowd?: number;
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/** Starts the whole rehearsal tenant on 127.0.0.1. Start a bot with `env()` and pass its address to `connectBot`. */
export async function startSandbox(options: SandboxOptions = {}) {
  let baseUrl = '';
  const now = options.now ?? Date.now;
  const context: SandboxContext = { baseUrl: () => baseUrl, now };
  const seed = createSeed(now(), options.clientSecret === undefined ? {} : { clientSecret: options.clientSecret });
  const { tenants } = seed;
  const people = [...seed.people, ...createCrowd(options.crowd ?? 0)];
  const registration = (): Registration => ({
    ...seed.registration,
    // The bot's own default.
    idUri: `api://botid-${seed.registration.clientId}`,
    redirectUri: `${baseUrl}/auth/end`,
  });
  const entra = createEntra({ context, registration, people, tenants });
  const { syncDurationMs, retryAfterMs } = options;
  const graph = createGraph({
    context,
    verifyToken: entra.verifyGraphToken,
    seed,
    ...(syncDurationMs !== undefined && { syncDurationMs }),
  });
  const conversations = createConversations(people);
  const timeline = createTimeline(context);
  const connector = createConnector({
    context,
    registration: seed.registration,
    conversations,
    timeline,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
  const client = createTeamsClient({
    context,
    registration: seed.registration,
    conversations,
    timeline,
    connector,
    issueAssertion: (person) => entra.issueAssertion(person),
  });
  const page = createPage({ client, graph, entra, connector, people, tenants });
  const proxies = createBotProxies(['/auth', '/privacy', '/terms'], connector.findBotUrl);
  const server = await startServer(
    [entra, graph, connector, ...proxies, ...page],
    options.port === undefined ? {} : { port: options.port },
  );
  baseUrl = server.baseUrl;

  return {
    baseUrl,
    /** The bot's complete environment; `extra` replaces and adds. */
    env: (extra?: Readonly<Record<string, string>>) =>
      botEnvironment({ baseUrl, registration: registration(), tenants, botIssuer: connector.issuer }, extra),
    /** `url` is the bot's own address, such as `http://127.0.0.1:3978`. */
    connectBot: connector.connectBot,
    entra,
    graph,
    connector,
    client,
    people,
    tenants,
    conversations,
    registration,
    person(key: string): SandboxPerson {
      const found = people.find((each) => each.key === key);
      if (!found) throw new Error(`Nobody is called ${key} in the rehearsal tenant.`);
      return found;
    },
    async stop(): Promise<void> {
      client.stop();
      await server.stop();
    },
  };
}
