import { doctorCard, summaryOfDoctorCard } from '../cards/doctor-card.ts';
import { summaryOfWhoamiCard, type WhoamiCardData, whoamiCard } from '../cards/whoami-card.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { tryListingTokens } from '../doctor/checks.ts';
import { type Check, inTime, runCheck } from '../doctor/finding.ts';
import { isTargeted, type Turn } from '../domain/turn.ts';

/** `doctor`: checks every part between the chat and Intune, all at once, and shows what is wrong first, each with the next step. */
export function createDoctorCommand({ checks, config, runtime }: CommandServices): Command {
  const { operatorIds, operator } = config;
  return {
    name: 'doctor',
    words: ['doctor', '诊断'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run(turn) {
      const run = async (check: Check) => ({ name: check.name, finding: await runCheck(check, turn, runtime) });
      const data = {
        locale: turn.locale,
        findings: await Promise.all(checks.map(run)),
        isOperator: isOperator(turn),
        isTargeted: isTargeted(turn.conversation),
        ...(operator.support && { support: operator.support }),
        reference: turn.correlationId,
      };
      return { kind: 'card', card: doctorCard(data), summary: summaryOfDoctorCard(data) };
    },
  };

  /** In a shared chat others read along. */
  function isOperator({ person, conversation }: Turn): boolean {
    return conversation.kind === 'personal' && operatorIds.includes(person.aadObjectId.toLowerCase());
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
