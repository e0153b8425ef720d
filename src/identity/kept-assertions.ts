import { createBoundedMap } from '../lib/lru-map.ts';
import { type Actor, actorKey, isSameId } from './actor.ts';

/** The newest assertion of each person that brought a session, in memory alone, until it expires. */
export interface KeptAssertions {
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
export function createKeptAssertions({
  now = Date.now,
  limit = 10_000,
}: {
  now?: () => number;
  limit?: number;
} = {}): KeptAssertions {
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
