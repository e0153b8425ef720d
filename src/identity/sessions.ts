import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import type { Person, Session } from '../domain/turn.ts';
import { isSameId } from '../lib/ids.ts';
import { createBoundedMap } from '../lib/limits.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';

/** The owner of a session, an assertion or a code: a person in the conversation's tenant, as the signed activity says. */
export type Actor = Pick<Person, 'tenantId' | 'aadObjectId'>;

/** One key per person and conversation tenant. Entra's ids are GUIDs and mean the same in either case. */
export function actorKey(actor: Actor): string {
  return `${actor.tenantId}:${actor.aadObjectId}`.toLowerCase();
}

export type ExchangeResult =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly failure: ExchangeFailure };

/** No access token is used in its last minutes, so that none expires on the way or in the middle of a command. */
export const earlyMs = 5 * minuteMs;

export interface Sessions {
  /** The person's own session, until 5 minutes before it expires. */
  find(person: Actor): Session | undefined;
  /** Replaces the person's earlier session. Throws for a session that was issued to somebody else. */
  put(person: Actor, session: Session): void;
  /** Signs out: drops the person's sessions in every conversation tenant. */
  forget(person: Actor): void;
}

/** Sessions in memory only; beyond `limit` the least recently used is dropped. */
export function createSessions(runtime: Runtime, limit = 10_000): Sessions {
  const sessions = createBoundedMap<Session>(limit);
  return {
    find(person) {
      const key = actorKey(person);
      const session = sessions.get(key);
      if (!session || !isSameId(session.aadObjectId, person.aadObjectId)) return undefined;
      if (session.expiresAt - earlyMs > runtime.now()) return session;
      sessions.delete(key);
      return undefined;
    },
    put(person, session) {
      if (!isSameId(session.aadObjectId, person.aadObjectId)) {
        throw new Error('A session can only be kept for the person it was issued to');
      }
      sessions.set(actorKey(person), session);
    },
    forget: (person) => sessions.deleteWhere((session) => isSameId(session.aadObjectId, person.aadObjectId)),
  };
}

/** The newest assertion of each person that was exchanged for a session, until it expires. */
export interface Assertions {
  find(person: Actor): string | undefined;
  put(person: Actor, assertion: string, expiresAt: number): void;
  forget(person: Actor): void;
}

interface StoredAssertion {
  readonly assertion: string;
  readonly expiresAt: number;
  readonly aadObjectId: string;
}

/** Assertions in memory only: with one, a session that Graph refuses can be renewed without asking the person. */
export function createAssertions(runtime: Runtime, limit = 10_000): Assertions {
  const assertions = createBoundedMap<StoredAssertion>(limit);
  return {
    find(person) {
      const found = assertions.get(actorKey(person));
      return found && found.expiresAt > runtime.now() ? found.assertion : undefined;
    },
    put: (person, assertion, expiresAt) =>
      void assertions.set(actorKey(person), { assertion, expiresAt, aadObjectId: person.aadObjectId }),
    forget: (person) => assertions.deleteWhere(({ aadObjectId }) => isSameId(aadObjectId, person.aadObjectId)),
  };
}

/** Sign-in names from verified assertions, so that the sign-in page opens with the right account. */
export interface LoginHints {
  find(person: Actor): string | undefined;
  /** Stores only what looks like a sign-in name: a display name is no help on the sign-in page. */
  remember(person: Actor, userName: string | undefined): void;
  forget(person: Actor): void;
}

export function createLoginHints(limit = 10_000): LoginHints {
  const names = createBoundedMap<string>(limit);
  return {
    find: (person) => names.get(actorKey(person)),
    remember(person, userName) {
      if (userName && /^[^\s@]+@[^\s@]+$/.test(userName)) names.set(actorKey(person), userName);
    },
    forget: (person) => void names.delete(actorKey(person)),
  };
}
