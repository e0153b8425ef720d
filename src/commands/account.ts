import { accountName } from '../cards/style.ts';
import { summaryOfWhoamiCard, type WhoamiCardData, whoamiCard } from '../cards/whoami-card.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { tryListingTokens } from '../doctor/checks.ts';
import { inTime } from '../doctor/finding.ts';
import type { Turn } from '../domain/turn.ts';
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
      return { kind: 'text', text: textsFor(locale).signIn.signedIn(name) };
    },
  };
}

/** `sign out`: forgets everything that was kept of the person's sign-in, and drops what waits for them, in every conversation. */
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
      return { kind: 'text', text: textsFor(turn.locale).signIn.signedOut };
    },
  };

  /** After signing out, no command, question or plan goes on by itself. */
  async function dropWaiting({ person }: Turn): Promise<void> {
    const { requests, records } = stores;
    const now = runtime.now();
    for (const { id } of await requests.listOpenOf(person, now)) await requests.take(id, now);
    await records.endAllOf(person.aadObjectId, now);
  }
}

/** `whoami`: who the person is to the bot, and what they can see in Intune. Never asks to sign in and never tries a write. */
export function createWhoamiCommand({ graphs, runtime }: CommandServices): Command {
  return {
    name: 'whoami',
    words: ['whoami', 'who am i', '我是谁'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run(turn) {
      const { locale, person, conversation } = turn;
      const signedIn = await findSignedIn(turn);
      const data: WhoamiCardData = {
        locale,
        conversationKind: conversation.kind,
        name: person.name,
        tenantId: signedIn?.tenantId ?? person.tenantId,
        ...(signedIn && { signedIn }),
      };
      return { kind: 'card', card: whoamiCard(data), summary: summaryOfWhoamiCard(data) };
    },
  };

  async function findSignedIn(turn: Turn) {
    const own = graphs.findAuthorized(turn);
    if (!own) return undefined;
    const { tenantId, userName = turn.person.name, expiresAt: until } = own.session;
    const reading = await inTime((signal) => tryListingTokens(own, signal), { kind: 'tooSlow' }, runtime);
    return { tenantId, userName, until, reading };
  }
}
