import { createBoundedMap } from '../lib/lru-map.ts';
import { type Actor, actorKey, isSameId } from './actor.ts';
import { earlyMs } from './early.ts';
import type { Session } from './session.ts';

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
