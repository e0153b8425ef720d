import type { SealedSecrets } from '../domain/sign-in-request.ts';
import type { Session } from '../domain/turn.ts';
import type { Seal } from './keys.ts';
import { type Actor, type Assertions, actorKey, type Sessions } from './sessions.ts';

export interface SharedSignIns {
  /** Keeps a person's sign-in for every process of the bot. Never rejects: memory has it all the same. */
  keep(person: Actor, signIn: SignIn): Promise<void>;
  /**
   * Brings memory in step with what is kept, at the beginning of a turn: a sign-in made in another process is found, one that ended
   * there ends here. Never rejects; while the store is away memory counts.
   */
  recall(person: Actor): Promise<void>;
  /** Ends the person's sign-ins everywhere. Rejects when the store cannot be asked to. */
  forget(person: Actor): Promise<void>;
}

interface SignIn {
  readonly session: Session;
  readonly assertion: string;
  /** Epoch milliseconds. */
  readonly assertionExpiresAt: number;
}

interface SharedSignInsParts {
  readonly seal: Seal;
  readonly secrets: SealedSecrets;
  readonly sessions: Sessions;
  readonly assertions: Assertions;
  /** The person signed out in another process: what this one has of them ends, too. */
  readonly onEndedElsewhere: (person: Actor) => void;
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Sign-ins that outlive a process and are shared by all of them, sealed with TOKEN_CACHE_KEY. After a change of the key people sign
 * in anew, silently where Teams can; during a rolling change each process goes by its own key.
 */
export function createSharedSignIns({
  seal,
  secrets,
  sessions,
  assertions,
  onEndedElsewhere,
  now,
  log,
}: SharedSignInsParts): SharedSignIns {
  /** Sign-ins that memory alone has, because the store was away: what the store has of the person is older. */
  const unsaved = new Set<string>();
  const nameOf = (person: Actor) => `session ${actorKey(person)}`;

  function adopt(person: Actor, text: string): void {
    const { session, assertion, assertionExpiresAt } = JSON.parse(text) as SignIn;
    if (sessions.find(person)?.accessToken === session.accessToken || unsaved.has(nameOf(person))) return;
    sessions.put(person, session);
    assertions.keep(person, assertion, assertionExpiresAt);
  }

  return {
    async keep(person, signIn) {
      const name = nameOf(person);
      const { expiresAt } = signIn.session;
      const sealed = seal.seal(JSON.stringify(signIn), name);
      const ownerId = person.aadObjectId.toLowerCase();
      unsaved.add(name);
      try {
        await secrets.put({ name, keyId: seal.keyId, ownerId, sealed, expiresAt });
        unsaved.delete(name);
      } catch (error) {
        log.warn({ err: error }, 'a sign-in could not be kept; it serves this process alone');
      }
    },
    async recall(person) {
      const name = nameOf(person);
      const mine = sessions.find(person);
      if (unsaved.has(name) && mine) return;
      try {
        const sealed = await secrets.find(name, seal.keyId, now());
        const text = sealed === undefined ? undefined : seal.open(sealed, name);
        if (text !== undefined) adopt(person, text);
        else if (mine && sessions.find(person) === mine) onEndedElsewhere(person);
      } catch (error) {
        log.warn({ err: error }, 'a kept sign-in could not be looked up');
      }
    },
    async forget(person) {
      unsaved.delete(nameOf(person));
      await secrets.eraseAllOf(person.aadObjectId.toLowerCase());
    },
  };
}
