import type { Config } from './config.ts';
import type { Person, Turn } from './domain/turn.ts';
import {
  createDelegatedGraph,
  createReadOnlyGraph,
  type DelegatedGraph,
  type GraphObservation,
  type ReadOnlyGraph,
} from './graph/client.ts';
import { GraphError } from './graph/errors.ts';
import type { GraphOptions } from './graph/options.ts';
import { actorKey } from './identity/actor.ts';
import type { Identity } from './identity/identity.ts';
import type { Session } from './identity/session.ts';
import { isLoopback } from './lib/net.ts';
import type { Log } from './log.ts';

export interface GraphsParts {
  readonly config: Pick<Config, 'graphUrl'>;
  readonly identity: Pick<Identity, 'sessions' | 'renew' | 'recall' | 'getAppToken' | 'watchSignOut'>;
  readonly wait: NonNullable<GraphOptions['wait']>;
  readonly log: Log;
  readonly observe: (observation: GraphObservation) => void;
}

export interface Graphs {
  /** Graph in the name of the person of a turn, with their own session. */
  forPerson(turn: Pick<Turn, 'person'>, session: Session): DelegatedGraph;
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
export function createGraphs({ config, identity, wait, log, observe }: GraphsParts): Graphs {
  /** A sync that Intune is slow to confirm is looked for instead: its card should not wait for the whole of it. */
  const postTimeoutMs = 10_000;
  const common = {
    baseUrl: config.graphUrl,
    wait,
    log,
    onRequest: observe,
    dangerouslyAllowLoopbackHttp: isLoopback(config.graphUrl),
  };

  const forPerson: Graphs['forPerson'] = ({ person }, session) => {
    const signedOut = identity.watchSignOut(person);
    let current = session;
    return createDelegatedGraph({
      ...common,
      postTimeoutMs,
      getToken: async (request) => {
        // They may have signed out in another process.
        await identity.recall(person);
        if (request?.renew) current = (await identity.renew(person)) ?? current;
        // Work that goes on in the background ends with the sign-in it was begun with.
        if (signedOut()) throw new GraphError('tokenRejected', { clientRequestId: 'not sent' });
        return current.accessToken;
      },
    });
  };

  const forApp: Graphs['forApp'] = (tenantId) =>
    createReadOnlyGraph({ ...common, getToken: (request) => identity.getAppToken(tenantId, request ?? {}) });

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
