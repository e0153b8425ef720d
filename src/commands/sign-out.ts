import type { Audit } from '../audit/audit.ts';
import type { Person } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Command } from './command.ts';

export interface SignOutParts {
  readonly forget: (person: Person) => Promise<void>;
  readonly audit: Pick<Audit, 'note'>;
}

/** `sign out`: forgets everything that was kept of the person's sign-in, and drops what waits for one. */
export function createSignOutCommand({ forget, audit }: SignOutParts): Command {
  return {
    name: 'signOut',
    words: ['sign out', 'signout', 'logout', 'log out', '退出', '退出登录', '登出', '注销'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run(turn) {
      await forget(turn.person);
      await audit.note(turn, { action: 'signOut', outcome: 'done' });
      return { kind: 'text', text: textsFor(turn.locale).signIn.signedOut };
    },
  };
}
