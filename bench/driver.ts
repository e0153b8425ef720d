import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { UnsecuredJWT } from 'jose';
import type { Registration, SandboxContext, StandIn } from '../sandbox/contract.ts';
import { createEntra } from '../sandbox/entra/entra.ts';
import { createGraph } from '../sandbox/graph/graph.ts';
import { startServer } from '../sandbox/server.ts';
import { createChannel } from './connector.ts';
import {
  botId,
  botPassword,
  clientId,
  clientSecret,
  createApps,
  createTokens,
  locationOf,
  people,
  personOf,
  tenants,
} from './world.ts';

/** The commands that are measured, as they are typed. */
const wordings = {
  help: () => 'help',
  status: (turn: number) => `status ${locationOf(turn)}`,
  sync: (turn: number) => `sync vpp ${locationOf(turn)}`,
} as const;

export type Wording = keyof typeof wordings;

/** Addresses of everything that the driver plays. */
export interface Places {
  readonly baseUrl: string;
  readonly issuer: string;
  readonly serviceUrl: string;
}

export interface Load {
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Orders of the bench to its driver, each with what comes back. */
export interface Orders {
  readonly start: { readonly give: undefined; readonly back: Places };
  /** Writes "help" as soon as the bot listens. Back comes the moment of its answer, in epoch milliseconds. */
  readonly firstAnswer: { readonly give: { readonly botUrl: string }; readonly back: number };
  /** Messages go to these processes of the bot in turn, once all of them listen. */
  readonly connect: { readonly give: { readonly botUrls: readonly string[] }; readonly back: undefined };
  /** Signs everybody in through the bot's own silent sign-in. */
  readonly signIn: { readonly give: undefined; readonly back: number };
  readonly load: {
    readonly give: {
      readonly wording: Wording;
      readonly turns: number;
      readonly atOnce: number;
      /** Teams may send a message again: so often at the same moment, each to another process. Once by default. */
      readonly times?: number;
    };
    readonly back: Load;
  };
  /** How many cards the bot has posted. */
  readonly countAnswers: { readonly give: undefined; readonly back: number };
  /** How many syncs Graph has been asked for. */
  readonly countSyncs: { readonly give: undefined; readonly back: number };
}

const listensWithinMs = 30_000;

/** Plays everything around the bot: Teams with its connector and keys, the people who write, Entra and Graph. */
async function createDriver() {
  let baseUrl = '';
  const context: SandboxContext = { baseUrl: () => baseUrl, now: Date.now };
  const registration = (): Registration => ({
    botId,
    botPassword,
    clientId,
    clientSecret,
    idUri: `api://botid-${clientId}`,
    redirectUri: `${baseUrl}/auth/end`,
  });
  const entra = createEntra({ context, registration, people, tenants });
  const tokens = createTokens(Date.now());
  const graph = createGraph({
    context,
    verifyToken: entra.verifyGraphToken,
    seed: { tenants, people, tokens, apps: createApps(tokens) },
    syncDurationMs: 0,
    pageSize: 100,
  });
  // Limits of the real Graph would be measured otherwise.
  graph.controls.setLimits({ any: Number.POSITIVE_INFINITY, writes: Number.POSITIVE_INFINITY });
  const channel = await createChannel({ baseUrl: () => baseUrl });
  const server = await startServer([channel.standIn, entra, graph, managedIdentity]);
  baseUrl = server.baseUrl;
  await channel.signTokens();

  let turns = 0;
  async function takeTurn(wording: Wording, times?: number): Promise<number> {
    const turn = turns;
    turns += 1;
    const from = performance.now();
    await channel.say(personOf(turn), wordings[wording](turn), times);
    return performance.now() - from;
  }

  const orders: { readonly [Name in keyof Orders]: (give: Orders[Name]['give']) => Promise<Orders[Name]['back']> } = {
    start: async () => ({ baseUrl, issuer: channel.issuer(), serviceUrl: channel.serviceUrl() }),
    async firstAnswer({ botUrl }) {
      channel.connectBots([botUrl]);
      await untilListening(Number(new URL(botUrl).port));
      await takeTurn('help');
      return Date.now();
    },
    async connect({ botUrls }) {
      for (const botUrl of botUrls) await untilListening(Number(new URL(botUrl).port));
      channel.connectBots(botUrls);
      return undefined;
    },
    async signIn() {
      await runAtOnce(people.length, 8, async (index) => {
        const person = personOf(index);
        const card = await channel.say(person, `status ${locationOf(index)}`);
        if (!card.content.tokenExchangeResource) throw new Error('the bot asked for no sign-in');
        await channel.exchange(person, card, await entra.issueAssertion(person));
      });
      return people.length;
    },
    async load({ wording, turns: count, atOnce, times }) {
      if (wording === 'sync') turns = Math.ceil(turns / tenants.length) * tenants.length;
      const from = performance.now();
      const took = await runAtOnce(count, atOnce, () => takeTurn(wording, times));
      const seconds = (performance.now() - from) / 1000;
      const sorted = took.toSorted((a, b) => a - b);
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
      return { seconds, p50Ms: at(0.5), p95Ms: at(0.95) };
    },
    countAnswers: async () => channel.countAnswers(),
    countSyncs: async () => graph.requests.filter(({ method }) => method === 'POST').length,
  };
  return orders;
}

/** Runs `work` for 0 to `count - 1` with so many at once. Resolves to the results in the order of their ends. */
async function runAtOnce<T>(count: number, atOnce: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        const index = next;
        next += 1;
        results.push(await work(index));
      }
    }),
  );
  return results;
}

async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + listensWithinMs;
  while (!(await canConnect(port))) {
    if (Date.now() > deadline) throw new Error(`the bot does not listen after ${listensWithinMs} ms`);
    await wait(4);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** App Service's managed identity, from which the frameworks take their tokens for the connector. */
const managedIdentity: StandIn = {
  prefix: '/managed-identity',
  async handle(_request, response) {
    const expiresAtS = Math.floor(Date.now() / 1000) + 86_400;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        access_token: new UnsecuredJWT({ exp: expiresAtS, aud: 'https://api.botframework.com', appid: botId }).encode(),
        expires_on: String(expiresAtS),
        resource: 'https://api.botframework.com',
        token_type: 'Bearer',
        client_id: botId,
      }),
    );
  },
};

export interface Order {
  readonly name: keyof Orders;
  readonly give: unknown;
}

export type Outcome = { readonly back: unknown } | { readonly problem: string };

if (process.send) {
  const orders = await createDriver();
  process.on('message', async ({ name, give }: Order) => {
    const outcome: Outcome = await (orders[name] as (given: unknown) => Promise<unknown>)(give).then(
      (back) => ({ back }),
      (error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }),
    );
    process.send?.(outcome);
  });
  process.on('disconnect', () => process.exit(0));
}
