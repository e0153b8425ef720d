import type { Acted, ActOnAlert } from '../alerts/act-on-alert.ts';
import type { AlertPress, AlertViews } from '../alerts/views.ts';
import type { Audit } from '../audit/audit.ts';
import { daysOf, refuseAct } from '../commands/alert-acts.ts';
import { type AuthorizedTurn, type Command, printCall } from '../commands/command.ts';
import type { AlertSubscriptions } from '../domain/alert-repositories.ts';
import type { AuditAction } from '../domain/audit-note.ts';
import { type Reply, withoutThread } from '../domain/turn.ts';
import type { PressRecord } from '../store/card-records.ts';
import type { PressHandler } from './press.ts';

export interface AlertHandlersParts {
  readonly act: ActOnAlert;
  readonly views: AlertViews;
  readonly subscriptions: Pick<AlertSubscriptions, 'findOf'>;
  readonly audit: Pick<Audit, 'note'>;
}

type GraphCommand = Extract<Command, { needs: 'graph' }>;

/** The buttons of an alert's card, for anybody in its conversation, as themselves. */
export function createAlertHandlers(
  parts: AlertHandlersParts,
  get: (name: string) => GraphCommand,
): Readonly<Record<`alert/${string}`, PressHandler>> {
  const { act } = parts;
  const [acknowledge, snooze] = [get('acknowledgeAlert'), get('snoozeAlert')];

  /** Written on the card for everybody, in the language it is in; the other cards of this alert follow. */
  async function answer(turn: AuthorizedTurn, acted: Acted): Promise<Reply> {
    if (acted.kind !== 'done') return refuseAct(turn, acted);
    const { conversation } = turn;
    const subscription = await parts.subscriptions.findOf(withoutThread(conversation.id));
    const locale = subscription?.locale ?? turn.locale;
    return { kind: 'card', ...(await parts.views.draw({ alert: acted.alert, locale, conversation })) };
  }

  /** What the command itself would keep does not come to it. */
  async function keepRefused(turn: AuthorizedTurn, action: AuditAction, record: PressRecord, reason: string) {
    const token = tokenOf(record);
    await parts.audit.note(turn, { action, outcome: 'refused', reason, ...(token && { token }) });
  }

  /** A command about the alert's token, answered beside the card: that goes on telling of the alert. */
  const beside = (command: GraphCommand): PressHandler => ({
    ...{ kind: 'alert', once: false, where: 'beside' },
    // An alert of monitoring itself is of no token, and its card has no such button.
    resume(record) {
      const { tokenId } = pressOf(record);
      return tokenId === '' ? undefined : printCall({ command, rest: tokenId });
    },
    async run(turn, record) {
      const found = await act.findReadable(turn, pressOf(record).alertId);
      if (found.kind === 'done') return command.run(turn, found.alert.tokenId);
      if (command.audits) await keepRefused(turn, command.audits, record, found.kind);
      return refuseAct(turn, found);
    },
  });

  return {
    'alert/sync': { ...beside(get('sync')), audits: 'sync', tokenOf },
    'alert/renew': beside(get('renew')),
    'alert/acknowledge': {
      ...{ kind: 'alert', once: false, where: 'onCard', audits: 'acknowledge', tokenOf },
      resume: (record) => printCall({ command: acknowledge, rest: pressOf(record).alertId }),
      run: async (turn, record) => answer(turn, await act.acknowledge(turn, pressOf(record).alertId)),
    },
    'alert/snooze': {
      ...{ kind: 'alert', once: false, where: 'onCard', audits: 'snooze', tokenOf },
      resume: (record, { days }) => printCall({ command: snooze, rest: `${pressOf(record).alertId} ${daysOf(days)}` }),
      run: async (turn, record, { days }) =>
        answer(turn, await act.snooze(turn, pressOf(record).alertId, daysOf(days))),
    },
  };
}

/** An alert of monitoring itself is of no token. */
function tokenOf(record: PressRecord) {
  const { tokenId: id } = pressOf(record);
  return id === '' ? undefined : { id };
}

const pressOf = (record: PressRecord) => record.payload as AlertPress;
