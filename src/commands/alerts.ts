import type { AlertSubscriptions, Alerts, TokenSnapshots } from '../domain/alert-repositories.ts';
import { withoutThread } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { drawSubscription } from './alerts-answer.ts';
import type { Command } from './command.ts';

export interface AlertsCommandParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'findOf'>;
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
  readonly alerts: Pick<Alerts, 'listOpen'>;
  /** False with MONITOR=off: then nothing will ever be told. */
  readonly isMonitoring: boolean;
}

/** `alerts`: what this conversation is subscribed to, and how much of it is open. It tells nothing that is not told here anyway. */
export function createAlertsCommand({ subscriptions, snapshots, alerts, isMonitoring }: AlertsCommandParts): Command {
  return {
    name: 'alerts',
    words: ['alerts', 'alert', '提醒'],
    takes: 'words',
    writes: false,
    needs: 'nothing',
    async run(turn, words) {
      const texts = textsFor(turn.locale).alerts;
      if (/[\p{L}\p{N}]/u.test(words)) return { kind: 'text', text: texts.unknown(plain(words)) };
      const subscription = await subscriptions.findOf(withoutThread(turn.conversation.id));
      if (!subscription || subscription.removedAt !== undefined) return { kind: 'text', text: texts.none };
      const { tenantId } = subscription;
      return drawSubscription(turn, {
        subscription,
        snapshots: await snapshots.listOfTenant(tenantId),
        open: await alerts.listOpen(tenantId),
        heading: 'shown',
        notices: isMonitoring ? [] : [{ tone: 'attention', text: texts.monitorOff }],
        zoneFrom: 'kept',
      });
    },
  };
}
