import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import type { Person, Session } from '../domain/turn.ts';
import { isSameId } from '../lib/ids.ts';
import { createBoundedMap } from '../lib/lru-map.ts';
import { minuteMs } from '../lib/time.ts';

export interface Sessions {
  /** The person's own session, until 5 minutes before its end. */
  find(person: Actor): Session | undefined;
  /** Replaces the person's earlier session. Throws for a session that is somebody else's. */
  put(person: Actor, session: Session): void;
  /** Signs out: drops the person's sessions in every conversation tenant. */
  forget(person: Actor): void;
}

/** Sessions in memory alone, the least recently used going first beyond `limit`. */
export function createSessions({ now = Date.now, limit = 10_000 }: { now?: () => number; limit?: number }): Sessions {
  const kept = createBoundedMap<Session>(limit);
  return {
    find(person) {
      const key = actorKey(person);
      const session = kept.get(key);
      if (!session || !isSameId(session.aadObjectId, person.aadObjectId)) return undefined;
      if (session.expiresAt - earlyMs > now()) return session;
      kept.delete(key);
      return undefined;
    },
    put(person, session) {
      if (!isSameId(session.aadObjectId, person.aadObjectId)) {
        throw new Error('A session can only be kept for the person it was issued to');
      }
      kept.set(actorKey(person), session);
    },
    forget: (person) => kept.deleteWhere((session) => isSameId(session.aadObjectId, person.aadObjectId)),
  };
}

export type ExchangeResult =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly failure: ExchangeFailure };

/** Who a session, an assertion or a code belongs to: the conversation's tenant and the person in it, as the signed activity says. */
export type Actor = Pick<Person, 'tenantId' | 'aadObjectId'>;

/** One key per person and conversation tenant. Ids of Entra are GUIDs and mean the same in either case. */
export function actorKey(actor: Actor): string {
  return `${actor.tenantId}:${actor.aadObjectId}`.toLowerCase();
}

/** A token is not used in its last minutes, so that none ends on the way or in the middle of a command. */
export const earlyMs = 5 * minuteMs;

/** The newest assertion of each person that brought a session, in memory alone, until it expires. */
export interface Assertions {
  find(person: Actor): string | undefined;
  keep(person: Actor, assertion: string, expiresAt: number): void;
  forget(person: Actor): void;
}

interface Kept {
  readonly assertion: string;
  readonly expiresAt: number;
  readonly aadObjectId: string;
}

/** Lets a session that Graph took back be made anew without asking the person. */
export function createAssertions({
  now = Date.now,
  limit = 10_000,
}: {
  now?: () => number;
  limit?: number;
} = {}): Assertions {
  const kept = createBoundedMap<Kept>(limit);
  return {
    find(person) {
      const found = kept.get(actorKey(person));
      return found && found.expiresAt > now() ? found.assertion : undefined;
    },
    keep: (person, assertion, expiresAt) =>
      void kept.set(actorKey(person), { assertion, expiresAt, aadObjectId: person.aadObjectId }),
    forget: (person) => kept.deleteWhere(({ aadObjectId }) => isSameId(aadObjectId, person.aadObjectId)),
  };
}

/** Sign-in names seen in verified assertions, so that the sign-in page opens with the right account. */
export interface LoginHints {
  find(person: Actor): string | undefined;
  /** Keeps what looks like a sign-in name; a display name helps nobody there. */
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
