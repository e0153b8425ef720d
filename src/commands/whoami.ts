import { summaryOfWhoamiCard, type WhoamiCardData, whoamiCard } from '../cards/whoami-card.ts';
import { tryReading } from '../doctor/checks.ts';
import type { Turn } from '../domain/turn.ts';
import type { AuthorizedTurn, Command } from './command.ts';

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
    return { tenantId, userName, until, reading: await tryReading(own, AbortSignal.timeout(deadlineMs)) };
  }
}
