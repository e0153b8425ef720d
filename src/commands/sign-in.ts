import { accountName } from '../cards/style.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Command } from './command.ts';

/** `sign in`: the sign-in that any command would ask for, ahead of need. */
export function createSignInCommand(): Command {
  return {
    name: 'signIn',
    words: ['sign in', 'signin', 'login', 'log in', '登录'],
    takes: 'nothing',
    writes: false,
    needs: 'graph',
    async run({ locale, session, person, conversation }) {
      const name = accountName(conversation.kind, session.userName, person.name);
      return { kind: 'text', text: textsFor(locale).signIn.signedIn(name) };
    },
  };
}
