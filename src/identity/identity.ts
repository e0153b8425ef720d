import type { Config } from '../config.ts';
import {
  type AuthorizedTurn,
  type DelegatedGraph,
  type GraphClients,
  GraphError,
  type ReadOnlyGraph,
} from '../domain/graph.ts';
import type { SealedSecrets, SignInRequests } from '../domain/sign-in-request.ts';
import type { Person, Session, Turn } from '../domain/turn.ts';
import { createBoundedMap } from '../lib/lru-map.ts';
import { createAssertionVerifier } from './assertions.ts';
import { type AuthPagesOptions, createAuthPages } from './auth-pages.ts';
import { createEntra, createOnBehalfOf } from './entra.ts';
import { createKeptSignIns } from './kept-sign-ins.ts';
import { createSeal } from './keys.ts';
import { type Actor, actorKey, createKeptAssertions, createLoginHints, createSessions } from './sessions.ts';
import { createSharedCodes } from './sign-in-codes.ts';
import { createAppTokens, createExchange } from './tokens.ts';

export type Identity = ReturnType<typeof createIdentity>;

/** Who people are and what the app may ask for, joined over one memory. Throws for a credential that cannot be used. */
export function createIdentity({
  config,
  scopes,
  requests,
  secrets,
  onOtherPerson,
  now,
  log,
}: {
  config: Config;
  /** Delegated permissions that people are asked for, as Entra writes them. */
  scopes: readonly string[];
  requests: SignInRequests;
  /** Used with TOKEN_CACHE_KEY alone. */
  secrets: SealedSecrets;
  onOtherPerson?: AuthPagesOptions['onOtherPerson'];
  now: () => number;
  log: { warn(fields: object, message: string): void };
}) {
  const { app, cloud, authorityUrl, allowedTenants } = config;
  const entra = createEntra({ config });
  const sessions = createSessions({ now });
  const assertions = createKeptAssertions({ now });
  const loginHints = createLoginHints();
  const signOuts = createBoundedMap<number>(10_000);
  const { clientId, idUri } = app;
  const verifier = createAssertionVerifier({ authorityUrl, clientId, idUri, allowedTenants, now });
  const onBehalfOf = createOnBehalfOf({ entra, scopes });
  const seal = config.tokenCacheKey && createSeal(config.tokenCacheKey);
  const kept =
    seal && createKeptSignIns({ seal, secrets, sessions, assertions, onEndedElsewhere: forgetHere, now, log });
  const exchange = createExchange({ verifier, onBehalfOf, sessions, loginHints, assertions, kept });
  const sharedCodes = seal && createSharedCodes({ seal, secrets, now });
  const pages = createAuthPages({
    ...{ config, graphScopes: scopes, requests, verifier, entra, loginHints, sharedCodes, onOtherPerson, now },
  });
  const { getAppToken } = createAppTokens({ entra, graphRoot: cloud.graphRoot, allowedTenants, now });

  /** Everything that this process has of a person's sign-in; work that goes on in their name notices. */
  function forgetHere(person: Actor): void {
    for (const each of [sessions, assertions, pages, loginHints]) each.forget(person);
    signOuts.set(person.aadObjectId, (signOuts.get(person.aadObjectId) ?? 0) + 1);
  }

  return {
    sessions: {
      ...sessions,
      /** Ends a session that Graph no longer takes, for other processes, too. */
      forget(person: Actor) {
        sessions.forget(person);
        kept?.forget(person).catch((error: unknown) => log.warn({ err: error }, 'a kept sign-in could not be erased'));
      },
    },
    exchange,
    pages,
    takeCode: pages.takeCode,
    getAppToken,
    /** A new session from the person's own assertion, when Graph took the old one back. */
    async renew(person: Actor) {
      const assertion = assertions.find(person);
      const result = assertion === undefined ? undefined : await exchange(person, assertion);
      return result?.ok ? result.session : undefined;
    },
    /** A question that answers whether the person has signed out since it was made. */
    watchSignOut(person: Actor): () => boolean {
      const then = signOuts.get(person.aadObjectId);
      return () => signOuts.get(person.aadObjectId) !== then;
    },
    /** Looks up a sign-in that another process made or ended; before anything is asked in the person's name. Never rejects. */
    recall: async (person: Actor) => kept?.recall(person),
    /** Everything that is kept of a person's sign-in, here and for other processes. Rejects when the store cannot be asked to. */
    async forget(person: Actor) {
      forgetHere(person);
      await kept?.forget(person);
    },
  };
}

interface GraphsParts {
  readonly identity: Pick<Identity, 'sessions' | 'renew' | 'recall' | 'getAppToken' | 'watchSignOut'>;
  readonly clients: GraphClients;
}

export interface Graphs {
  /** Graph in the name of the person of a turn, with their own session. */
  forPerson(turn: Pick<Turn, 'person'>, session: Session): DelegatedGraph;
  /** The turn with its person's session, where they have one now; nobody is asked to sign in. */
  findAuthorized(turn: Turn): AuthorizedTurn | undefined;
  /** A tenant as the app itself may see it: for looking alone. */
  forApp(tenantId: string): ReadOnlyGraph;
  /** A person's own eyes on a tenant, while their session lives: one that another process had is looked up. */
  findOwnReader(looks: { readonly requester: Person; readonly tenantId: string }): Promise<ReadOnlyGraph | undefined>;
  /**
   * Who may look at a tenant for a person who is away: their own session while it lives here, then the app's read-only token.
   * Asked for before every look, so nothing is looked up: see `recall`.
   */
  listReaders(person: Person, tenantId: string): ReadOnlyGraph[];
  /** Looks up sign-ins that other processes had, for people who have none here. Never rejects. */
  recall(people: readonly Person[]): Promise<void>;
}

/** The only place where a Graph client meets a token: a person's can write, the app's can only look. */
export function createGraphs({ identity, clients }: GraphsParts): Graphs {
  const forPerson: Graphs['forPerson'] = ({ person }, session) => {
    const signedOut = identity.watchSignOut(person);
    let current = session;
    return clients.delegated(async (request) => {
      // They may have signed out in another process.
      await identity.recall(person);
      if (request?.renew) current = (await identity.renew(person)) ?? current;
      // Work that goes on in the background ends with the sign-in it was begun with.
      if (signedOut()) throw new GraphError('tokenRejected', { clientRequestId: 'not sent' });
      return current.accessToken;
    });
  };

  const forApp: Graphs['forApp'] = (tenantId) =>
    clients.readOnly((request) => identity.getAppToken(tenantId, request ?? {}));

  function findReaderHere(person: Person, tenantId: string): ReadOnlyGraph | undefined {
    const session = identity.sessions.find(person);
    return session?.tenantId === tenantId ? forPerson({ person }, session) : undefined;
  }

  /** One that is here is brought in step before each request. */
  async function recall(people: readonly Person[]): Promise<void> {
    const away = people.filter((person) => !identity.sessions.find(person));
    const each = new Map(away.map((person) => [actorKey(person), person]));
    await Promise.all([...each.values()].map(identity.recall));
  }

  return {
    forPerson,
    findAuthorized(turn) {
      const session = identity.sessions.find(turn.person);
      return session && { ...turn, session, graph: forPerson(turn, session) };
    },
    forApp,
    recall,
    async findOwnReader({ requester, tenantId }) {
      await recall([requester]);
      return findReaderHere(requester, tenantId);
    },
    listReaders(person, tenantId) {
      const own = findReaderHere(person, tenantId);
      return [...(own ? [own] : []), forApp(tenantId)];
    },
  };
}
