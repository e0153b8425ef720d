import { textsFor } from '../i18n/texts.ts';
import type { Person } from '../turn.ts';
import type { Command } from './command.ts';

/** `sign out`: forgets everything that was kept of the person's sign-in, and drops what waits for one. */
export function createSignOutCommand({ forget }: { forget: (person: Person) => Promise<void> }): Command {
  return {
    name: 'signOut',
    words: ['sign out', 'signout', 'logout', 'log out', '退出', '退出登录', '登出', '注销'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run({ locale, person }) {
      await forget(person);
      return { kind: 'text', text: textsFor(locale).signIn.signedOut };
    },
  };
}
