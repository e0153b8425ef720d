import type { SealedSecrets } from '../domain/sign-in-request.ts';
import type { Session } from '../domain/turn.ts';
import { parseJson } from '../lib/json.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Seal } from './keys.ts';
import { type Actor, type Assertions, actorKey, type Sessions } from './sessions.ts';

export interface SharedSignIns {
  /** Stores a person's sign-in for every process of the bot. Never rejects: this process has it in memory anyway. */
  put(person: Actor, signIn: SignIn): Promise<void>;
  /**
   * Updates memory from the store at the beginning of a turn: takes a sign-in that another process made, and ends one that ended
   * there. Never rejects; with the database down, memory alone counts.
   */
  recall(person: Actor): Promise<void>;
  /** Ends the person's sign-ins in all processes. Rejects when the store cannot be written. */
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
  /** Called when the person signed out in another process: everything this process has of them must end too. */
  readonly onEndedElsewhere: (person: Actor) => void;
  readonly runtime: Runtime;
}

/**
 * Sign-ins that outlive a process and are shared by all of them, sealed with TOKEN_CACHE_KEY. After a change of the key people sign
 * in again, silently where Teams can; during a rolling update each process uses its own key.
 */
export function createSharedSignIns(parts: SharedSignInsParts): SharedSignIns {
  const { seal, secrets, sessions, assertions, onEndedElsewhere, runtime } = parts;
  /** Sign-ins in memory only, because the database was down: what the store has of these people is older. */
  const unsaved = new Set<string>();
  const nameOf = (person: Actor) => `session ${actorKey(person)}`;
  const ownerOf = (person: Actor) => person.aadObjectId.toLowerCase();

  /** Binds a sign-in to its generation, so that a row put back after `sign out`, as from a backup, does not open. */
  const aboutOf = async (person: Actor) => `${nameOf(person)} ${await secrets.findGeneration(ownerOf(person))}`;

  function adopt(person: Actor, { session, assertion, assertionExpiresAt }: SignIn): void {
    if (sessions.find(person)?.accessToken === session.accessToken || unsaved.has(nameOf(person))) return;
    sessions.put(person, session);
    assertions.put(person, assertion, assertionExpiresAt);
  }

  return {
    async put(person, signIn) {
      const name = nameOf(person);
      const { expiresAt } = signIn.session;
      unsaved.add(name);
      try {
        const sealed = seal.seal(JSON.stringify(signIn), await aboutOf(person));
        await secrets.put({ name, keyId: seal.keyId, ownerId: ownerOf(person), sealed, expiresAt });
        unsaved.delete(name);
      } catch (error) {
        runtime.log.warn({ err: error }, 'a sign-in could not be stored; only this process has it');
      }
    },
    async recall(person) {
      const name = nameOf(person);
      const mine = sessions.find(person);
      if (unsaved.has(name) && mine) return;
      try {
        const sealed = await secrets.find(name, seal.keyId, runtime.now());
        const text = sealed === undefined ? undefined : seal.open(sealed, await aboutOf(person));
        if (text !== undefined) adopt(person, parseJson(text) as SignIn);
        // A sign-in made while the store was asked makes the store's answer out of date.
        else if (mine && sessions.find(person) === mine) onEndedElsewhere(person);
      } catch (error) {
        runtime.log.warn({ err: error }, 'a stored sign-in could not be looked up');
      }
    },
    async forget(person) {
      unsaved.delete(nameOf(person));
      await secrets.signOut(ownerOf(person), runtime.now());
    },
  };
}
