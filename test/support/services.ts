import type { TestContext } from 'node:test';
import type { AlertMessenger } from '../../src/alerts/alert-messenger.ts';
import { createAlerting } from '../../src/alerts/alerting.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { CommandServices } from '../../src/dialogs/dialogs.ts';
import type { Services } from '../../src/dialogs/services.ts';
import { type DelegatedGraph, GraphError, type GraphErrorReason } from '../../src/domain/graph.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { ExchangeFailure } from '../../src/domain/sign-in-request.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { Person } from '../../src/domain/turn.ts';
import { endingSession, type Graphs } from '../../src/identity/graphs.ts';
import { createSessions } from '../../src/identity/sessions.ts';
import { createSignInCodes } from '../../src/identity/sign-in-codes.ts';
import { createStores } from '../../src/store/stores.ts';
import { createSyncs } from '../../src/sync/syncs.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { logOver } from './audit-chain.ts';
import { configWith } from './environment.ts';
import { createLines, createRuntime } from './runtime.ts';
import { openStore, personOf, sessionOf } from './turns.ts';

/** A person's own assertion; Entra takes it from nobody else. */
export const assertionOf = (person: Person) => `assertion of ${person.name}`;

/**
 * All services over the real store, made as the bot makes them. Only what is outside is played: Graph holds what the test puts into
 * its tenant, Entra takes the assertions of Ada and Elif, Teams takes every message, and time does not pass.
 */
export async function startServices(t: TestContext, { startAt = 1_000_000 } = {}) {
  const db = await openStore(t);
  const clock = { now: startAt };
  const now = () => clock.now;
  const { lines, log } = createLines();
  const runtime = createRuntime({ now, wait: untilAborted, log });
  const config = configWith({ SYNC_COOLDOWN_S: '0' });
  const stores = createStores(db, { owner: 'the only process', leaseMs: 60_000, now });
  const entries = logOver(db);
  const onFailure = () => lines.push({ level: 'count', fields: {}, message: 'x' });
  const audit = createAudit({ entries, now, log, onFailure });

  const sessions = createSessions(runtime);
  const codes = createSignInCodes({ requests: stores.requests, runtime });
  const entra = playEntra(sessions);
  const tenant = playTenant();
  const forPerson = (person: Person) => endingSession(tenant.graphOf(person), () => sessions.forget(person));
  const graphs: Graphs = {
    forPerson,
    findAuthorized(turn) {
      const session = sessions.find(turn.person);
      return session && { ...turn, session, graph: forPerson(turn.person) };
    },
    forApp: () => tenant.graphOf(personOf('ada')),
    findOwnReader: async () => undefined,
    listReaders: () => [],
    recall: async () => undefined,
  };

  const begun: (readonly string[])[] = [];
  const syncs = createSyncs({
    config,
    stores: {
      ...stores,
      batches: {
        ...stores.batches,
        async add(batch) {
          begun.push([batch.requester.name, ...batch.items.map(({ tokenId }) => tokenId)]);
          await stores.batches.add(batch);
        },
      },
    },
    graphs,
    messenger: { write: async () => 'card-1', tryWriting: async () => undefined, mention: async () => undefined },
    audit,
    runtime,
    onEnd: () => undefined,
  });
  const alerting = createAlerting({
    runtime,
    config,
    stores,
    audit,
    graphs,
    getAppToken: async () => 'app-token',
    messenger: noMessages,
    registry: createMetrics().registry,
  });
  const woken = { times: 0 };
  /** Lines in people's own chats; nobody has one while `isPossible` is false. */
  const personal = { lines: [] as string[], isPossible: true };
  const services: Services = {
    config,
    runtime,
    stores,
    audit,
    identity: {
      sessions,
      exchange: entra.exchange,
      takeCode: codes.take,
      forget: async (person) => sessions.forget(person),
    },
    graphs,
    syncs,
    alerting: {
      ...alerting,
      wake() {
        woken.times += 1;
      },
    },
    checks: [],
    async postPersonally({ person }, text) {
      if (personal.isPossible) personal.lines.push(`${person.name}: ${text}`);
      return personal.isPossible;
    },
  };
  return { services, db, clock, lines, entries, sessions, codes, entra, tenant, begun, woken, personal };
}

/** Services of which a test gives only those that its command takes; taking another fails. */
export const servicesWith = (given: Partial<CommandServices>): CommandServices =>
  new Proxy(given, {
    get(services, name) {
      if (!(name in services)) throw new Error(`The test gives no ${String(name)}`);
      return services[name as keyof CommandServices];
    },
  }) as CommandServices;

function untilAborted(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

const noMessages: AlertMessenger = {
  post: async () => undefined,
  edit: async () => undefined,
  reply: async () => undefined,
  openPersonal: async (_person, through) => through,
};

/** Takes everybody's own assertion, but for the failures that a test sets. */
function playEntra(sessions: ReturnType<typeof createSessions>) {
  const exchanged: string[] = [];
  const failures = new Map<string, ExchangeFailure>();
  const exchange: Services['identity']['exchange'] = async (person, assertion) => {
    exchanged.push(assertion);
    const failure = failures.get(assertion);
    if (failure) return { ok: false, failure };
    const owner = [personOf('ada'), personOf('elif')].find((each) => assertion === assertionOf(each));
    if (!owner || owner.aadObjectId !== person.aadObjectId) {
      return { ok: false, failure: { reason: 'assertionRejected', detail: 'oid is another person’s' } };
    }
    const session = sessionOf(owner);
    sessions.put(person, session);
    return { ok: true, session };
  };
  return { exchange, exchanged, failures };
}

/** A tenant as each person may see it: `tokens` and `apps` are the test's to change. */
function playTenant() {
  const tenant = {
    tokens: [] as readonly VppToken[],
    apps: [] as readonly VppApp[],
    /** Thrown instead of `apps`. */
    appsFault: undefined as unknown,
    /** Paths that were read, in order. */
    read: [] as string[],
    /** `{person}: {token id}` of every POST. */
    posts: [] as string[],
    /** Scope tags keep these tokens from a person from now on. */
    hide: (person: Person, ids: readonly string[]) => void hidden.set(person.name, ids),
    /** Graph refuses everything to a person from now on; without a reason it no longer does. */
    refuse(person: Person, reason?: GraphErrorReason, facts: { readonly claims?: string } = {}) {
      if (reason) refusals.set(person.name, new GraphError(reason, { clientRequestId: 'c', ...facts }));
      else refusals.delete(person.name);
    },
    graphOf,
  };
  const hidden = new Map<string, readonly string[]>();
  const refusals = new Map<string, GraphError>();

  function graphOf({ name }: Person): DelegatedGraph {
    function listVisible(path: string) {
      const refusal = refusals.get(name);
      if (refusal) throw refusal;
      tenant.read.push(path);
      return tenant.tokens.filter(({ id }) => !hidden.get(name)?.includes(id));
    }
    return {
      async get(path) {
        const found = listVisible(path).find(({ id }) => path.endsWith(`/${id}`));
        if (!found) throw new GraphError('notFound', { clientRequestId: 'c', status: 404 });
        return { ...found };
      },
      async listPages(path, { toItem = (row: unknown) => row } = {}) {
        const visible = listVisible(path);
        if (!path.endsWith('/mobileApps')) return visible.map(toItem);
        if (tenant.appsFault) throw tenant.appsFault;
        return tenant.apps.map(toItem);
      },
      async post(path) {
        listVisible(path);
        tenant.posts.push(`${name}: ${path.split('/').at(-2)}`);
      },
    };
  }

  return tenant;
}
