import { accountName } from '../cards/render.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { type Turn, textReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';

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
      return textReply(textsFor(locale).signIn.signedIn(name));
    },
  };
}

/** `sign out`: forgets the person's sign-in, and drops what waits for them in every conversation. */
export function createSignOutCommand({ identity, stores, audit, runtime }: CommandServices): Command {
  return {
    name: 'signOut',
    words: ['sign out', 'signout', 'logout', 'log out', '退出', '退出登录', '登出', '注销'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run(turn) {
      await identity.forget(turn.person);
      await dropWaiting(turn);
      await audit.record(turn, { action: 'signOut', outcome: 'done' });
      return textReply(textsFor(turn.locale).signIn.signedOut);
    },
  };

  /** After signing out, no command, question or plan goes on by itself. */
  async function dropWaiting({ person }: Turn): Promise<void> {
    const { requests, records, turns } = stores;
    const now = runtime.now();
    for (const { id } of await requests.listOpenOf(person, now)) await requests.take(id, now);
    await records.endAllOf(person.aadObjectId, now);
    await turns.eraseKeptOf(person.aadObjectId);
  }
}
