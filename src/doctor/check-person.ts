import { accountName } from '../cards/style.ts';
import type { AuthorizedTurn } from '../commands/command.ts';
import type { Turn } from '../domain/turn.ts';
import { delegatedPermissions } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { findGranted } from '../identity/assertions.ts';
import type { SignInPurpose } from '../identity/sign-in-request.ts';
import { attention, type Check, good, warning } from './finding.ts';
import { tryReading } from './try-reading.ts';

export interface PersonParts {
  /** The turn with the session the person has; undefined when they have none. */
  readonly findOwn: (turn: Turn) => AuthorizedTurn | undefined;
  /** What the person's open sign-in here waits for: `consent` and `stepUp` are what Entra answered last. */
  readonly findOpenPurpose: (turn: Turn) => Promise<SignInPurpose | undefined>;
}

/** What can be told of the asker's own sign-in, consent and role; of nobody else's. */
export function personChecks({ findOwn, findOpenPurpose }: PersonParts): readonly Check[] {
  return [
    {
      name: 'signIn',
      async look(turn) {
        const { signIn } = textsFor(turn.locale).doctor;
        const own = findOwn(turn);
        if (own) {
          const { session, person, conversation } = own;
          return good(signIn.good(accountName(conversation.kind, session.userName, person.name)));
        }
        return warning((await findOpenPurpose(turn)) === 'stepUp' ? signIn.stepUp : signIn.missing);
      },
    },
    {
      name: 'consent',
      async look(turn) {
        const { consent } = textsFor(turn.locale).doctor;
        const own = findOwn(turn);
        if (!own) {
          const isMissing = (await findOpenPurpose(turn)) === 'consent';
          return isMissing ? attention(consent.missing) : warning(consent.notKnown);
        }
        const granted = findGranted(own.session.accessToken);
        if (!granted) return good(consent.unreadable);
        const lacking = delegatedPermissions.filter((permission) => !granted.scopes.includes(permission));
        return lacking.length === 0 ? good(consent.good) : attention(consent.lacks(lacking));
      },
    },
    {
      name: 'role',
      async look(turn, signal) {
        const { role } = textsFor(turn.locale).doctor;
        const own = findOwn(turn);
        if (!own) return warning(role.notKnown);
        const reading = await tryReading(own, signal);
        if (reading.kind === 'tooSlow') throw signal.reason;
        if (reading.kind === 'read')
          return reading.count === 0 ? warning(role.nothing) : good(role.good(reading.count));
        const { what, cause, next } = reading.explanation;
        const say = reading.isPassing ? warning : attention;
        return say({ text: role.refused(what, cause), fix: next });
      },
    },
  ];
}
