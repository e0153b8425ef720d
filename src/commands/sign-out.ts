import { textsFor } from '../i18n/texts.ts';
import type { Person } from '../turn.ts';
import type { Command } from './command.ts';

/** `sign out`: forgets everything that was kept of the person's sign-in. */
export function createSignOutCommand({ forget }: { forget: (person: Person) => void }): Command {
  return {
    name: 'signOut',
    words: ['sign out', 'signout', 'logout', 'log out', '退出'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run({ locale, person }) {
      forget(person);
      return { kind: 'text', text: textsFor(locale).signIn.signedOut };
    },
  };
}
