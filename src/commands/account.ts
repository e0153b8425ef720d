import type { Audit } from '../audit/audit.ts';
import { accountName } from '../cards/style.ts';
import { summaryOfWhoamiCard, type WhoamiCardData, whoamiCard } from '../cards/whoami-card.ts';
import type { Command } from '../dialogs/command.ts';
import { tryListingTokens } from '../doctor/checks.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Person, Turn } from '../domain/turn.ts';
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

export interface SignOutParts {
  readonly forget: (person: Person) => Promise<void>;
  readonly audit: Pick<Audit, 'record'>;
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
      await audit.record(turn, { action: 'signOut', outcome: 'done' });
      return { kind: 'text', text: textsFor(turn.locale).signIn.signedOut };
    },
  };
}

export interface WhoamiCommandParts {
  /** The turn with the session the person has; undefined when they have none. Asks for nothing. */
  readonly findOwn: (turn: Turn) => AuthorizedTurn | undefined;
  /** How long Intune is waited for. */
  readonly deadlineMs: number;
}

/** `whoami`: whom the bot takes the person for, and what they can see in Intune. Never asks to sign in and never tries a write. */
export function createWhoamiCommand({ findOwn, deadlineMs }: WhoamiCommandParts): Command {
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
    const own = findOwn(turn);
    if (!own) return undefined;
    const { tenantId, userName = turn.person.name, expiresAt: until } = own.session;
    return { tenantId, userName, until, reading: await tryListingTokens(own, AbortSignal.timeout(deadlineMs)) };
  }
}
