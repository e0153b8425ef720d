import { createBoundedMap } from '../lib/lru-map.ts';
import { type Actor, actorKey } from './actor.ts';

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
