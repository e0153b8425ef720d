import type { Audit } from '../audit/audit.ts';
import type { AuthorizedTurn } from '../commands/command.ts';
import type { Alerts } from '../domain/alert-repositories.ts';
import type { Acted, ActOnAlert } from './act-on-alert.ts';

/** Keeps in the audit what people do about alerts, and what was not done for them and why, with the token that the alert is of. */
export function auditedActs(
  act: ActOnAlert,
  audit: Pick<Audit, 'note' | 'noteError'>,
  alerts: Pick<Alerts, 'find'>,
): ActOnAlert {
  async function aboutToken(alertId: string) {
    const alert = await alerts.find(alertId).catch(() => undefined);
    // An alert of monitoring itself is of no token.
    return alert && alert.tokenId !== '' ? { token: { id: alert.tokenId } } : {};
  }

  async function keep(
    turn: AuthorizedTurn,
    { action, alertId }: { readonly action: 'acknowledge' | 'snooze'; readonly alertId: string },
    work: () => Promise<Acted>,
  ): Promise<Acted> {
    try {
      const acted = await work();
      const outcome = acted.kind === 'done' ? { outcome: 'done' as const } : refusedFor(acted.kind);
      await audit.note(turn, { action, ...outcome, ...(await aboutToken(alertId)) });
      return acted;
    } catch (error) {
      await audit.noteError(turn, { action, ...(await aboutToken(alertId)) }, error);
      throw error;
    }
  }

  return {
    findReadable: act.findReadable,
    acknowledge: (turn, alertId) =>
      keep(turn, { action: 'acknowledge', alertId }, () => act.acknowledge(turn, alertId)),
    snooze: (turn, alertId, days) => keep(turn, { action: 'snooze', alertId }, () => act.snooze(turn, alertId, days)),
  };
}

const refusedFor = (reason: Exclude<Acted['kind'], 'done'>) => ({ outcome: 'refused' as const, reason });
