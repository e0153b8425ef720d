import type { Audit } from '../audit/audit.ts';
import type { AuthorizedTurn } from '../commands/command.ts';
import type { Acted, ActOnAlert } from './act-on-alert.ts';

/** Keeps in the audit what people do about alerts, and what was not done for them and why. */
export function auditedActs(act: ActOnAlert, audit: Pick<Audit, 'note' | 'noteError'>): ActOnAlert {
  async function keep(
    turn: AuthorizedTurn,
    action: 'acknowledge' | 'snooze',
    work: () => Promise<Acted>,
  ): Promise<Acted> {
    try {
      const acted = await work();
      if (acted.kind !== 'done') await audit.note(turn, { action, outcome: 'refused', reason: acted.kind });
      else await audit.note(turn, { action, outcome: 'done', token: { id: acted.alert.tokenId } });
      return acted;
    } catch (error) {
      await audit.noteError(turn, { action }, error);
      throw error;
    }
  }

  return {
    findReadable: act.findReadable,
    acknowledge: (turn, alertId) => keep(turn, 'acknowledge', () => act.acknowledge(turn, alertId)),
    snooze: (turn, alertId, days) => keep(turn, 'snooze', () => act.snooze(turn, alertId, days)),
  };
}
