import {
  type AuthorizedTurn,
  type DelegatedGraph,
  type GraphClients,
  GraphError,
  type GraphErrorReason,
  type ListOptions,
  type PostOptions,
  type ReadOnlyGraph,
  type ReadOptions,
} from '../domain/graph.ts';
import type { Person, Session, Turn } from '../domain/turn.ts';
import { type Actor, actorKey, type Sessions } from './sessions.ts';
import type { AppTokens } from './tokens.ts';

/** The access tokens that Graph clients use; implemented by createIdentity. */
export interface TokenSource extends Pick<AppTokens, 'getAppToken'> {
  readonly sessions: Sessions;
  /** A new session from the person's own assertion, because Graph refused the present one; undefined when that fails. */
  renew(person: Actor): Promise<Session | undefined>;
  /** Looks up a sign-in that another process made or ended, before Graph is asked in the person's name. Never rejects. */
  recall(person: Actor): Promise<void>;
  /** Returns a function that is true once the person has signed out after this call. */
  watchSignOut(person: Actor): () => boolean;
}

export interface Graphs {
  /** Graph in a person's name, with their own session. */
  forPerson(person: Person, session: Session): DelegatedGraph;
  /** The turn with its person's session, if they have one; nobody is asked to sign in. */
  findAuthorized(turn: Turn): AuthorizedTurn | undefined;
  /** Graph in the app's own name, for reading only. */
  forApp(tenantId: string): ReadOnlyGraph;
  /** Graph in the requester's name while they have a session in the tenant; a session of another process is looked up. */
  findOwnReader(run: { readonly requester: Person; readonly tenantId: string }): Promise<ReadOnlyGraph | undefined>;
  /**
   * Graphs with which a person's sync may be followed, in order of preference: in their name while they have a session here, then in
   * the app's name. Called before every read, so it looks nothing up; see `recall`.
   */
  listReaders(person: Person, tenantId: string): ReadOnlyGraph[];
  /** Looks up sign-ins of other processes, for people who have none here. Never rejects. */
  recall(people: readonly Person[]): Promise<void>;
}

interface GraphsParts {
  readonly identity: TokenSource;
  readonly clients: GraphClients;
}

/** The only place where a Graph client gets a token: with a person's it can write, with the app's it can only read. */
export function createGraphs({ identity, clients }: GraphsParts): Graphs {
  const forPerson: Graphs['forPerson'] = (person, session) => {
    const signedOut = identity.watchSignOut(person);
    let current = session;
    const graph = clients.delegated(async (request) => {
      // They may have signed out in another process.
      await identity.recall(person);
      if (request?.renew) current = (await identity.renew(person)) ?? current;
      // Background work ends with the sign-in under which it began.
      if (signedOut()) throw new GraphError('tokenRejected', { clientRequestId: 'not sent' });
      return current.accessToken;
    });
    return endingSession(graph, () => {
      // A newer sign-in has a token of its own, which Graph did not refuse.
      if (identity.sessions.find(person)?.accessToken === current.accessToken) identity.sessions.forget(person);
    });
  };

  const forApp: Graphs['forApp'] = (tenantId) =>
    clients.readOnly((request) => identity.getAppToken(tenantId, request ?? {}));

  function findReaderHere(person: Person, tenantId: string): ReadOnlyGraph | undefined {
    const session = identity.sessions.find(person);
    return session?.tenantId === tenantId ? forPerson(person, session) : undefined;
  }

  /** People with a session here are left out: theirs is compared with the store before each request. */
  async function recall(people: readonly Person[]): Promise<void> {
    const away = people.filter((person) => !identity.sessions.find(person));
    const each = new Map(away.map((person) => [actorKey(person), person]));
    await Promise.all([...each.values()].map(identity.recall));
  }

  return {
    forPerson,
    forApp,
    recall,
    findAuthorized(turn) {
      const session = identity.sessions.find(turn.person);
      return session && { ...turn, session, graph: forPerson(turn.person, session) };
    },
    async findOwnReader({ requester, tenantId }) {
      await recall([requester]);
      return findReaderHere(requester, tenantId);
    },
    listReaders(person, tenantId) {
      const own = findReaderHere(person, tenantId);
      return own ? [own, forApp(tenantId)] : [forApp(tenantId)];
    },
  };
}

/** Graph's refusals of the token itself, which another token may not meet; `forbidden` is about the person and stays. */
const tokenRefusals: ReadonlySet<GraphErrorReason> = new Set(['missingScope', 'tokenRejected', 'claimsChallenge']);

/** Calls `end` when Graph refuses the token itself, so that whoever asks again gets a new one. The error is passed on. */
export function endingSession(graph: DelegatedGraph, end: () => void): DelegatedGraph {
  const watched = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (error instanceof GraphError && tokenRefusals.has(error.reason)) end();
      throw error;
    });
  return Object.freeze({
    get: (path: string, options?: ReadOptions) => watched(graph.get(path, options)),
    listPages: (path: string, options?: ListOptions) => watched(graph.listPages(path, options)),
    post: (path: string, options?: PostOptions) => watched(graph.post(path, options)),
  });
}
