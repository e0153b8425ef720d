import type { Acted, ActOnAlert } from '../alerts/act-on-alert.ts';
import { alertTitle, alertWhat } from '../cards/alert-text.ts';
import { personName } from '../cards/style.ts';
import { withReference } from '../dialogs/with-reference.ts';
import type { Alert } from '../domain/alert.ts';
import type { Locale, TextReply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Command } from './command.ts';

export interface AlertActsParts {
  readonly act: ActOnAlert;
}

/** `alerts acknowledge <id>`: what Acknowledge on an alert's card stands for, when a sign-in ends away from that card. */
export function createAcknowledgeCommand({ act }: AlertActsParts): Command {
  return {
    name: 'acknowledgeAlert',
    words: ['alerts acknowledge', '提醒 确认'],
    takes: 'words',
    isOfCards: true,
    writes: false,
    audits: 'acknowledge',
    needs: 'graph',
    async run(turn, alertId) {
      const acted = await act.acknowledge(turn, alertId);
      return acted.kind === 'done' ? tell(sayAcknowledged(turn, acted.alert)) : refuseAct(turn, acted);
    },
  };
}

/** `alerts snooze <id> 3`: the same for Snooze. */
export function createSnoozeCommand({ act }: AlertActsParts): Command {
  return {
    name: 'snoozeAlert',
    words: ['alerts snooze', '提醒 推迟'],
    takes: 'words',
    isOfCards: true,
    writes: false,
    audits: 'snooze',
    needs: 'graph',
    async run(turn, words) {
      const [alertId = '', days] = words.split(' ');
      const acted = await act.snooze(turn, alertId, daysOf(days));
      if (acted.kind !== 'done') return refuseAct(turn, acted);
      const { told } = textsFor(turn.locale).alert;
      return tell(told.snoozed(alertTitle(acted.alert, turn.locale), daysOf(days)));
    },
  };
}

/** One day unless three were chosen. */
export const daysOf = (chosen: unknown): 1 | 3 => (chosen === '3' ? 3 : 1);

function sayAcknowledged({ locale, at }: Turn, alert: Alert): string {
  return textsFor(locale).alert.told.acknowledged(alertTitle(alert, locale), alertWhat(alert, at, locale));
}

/** Why nothing was done about an alert. */
export function refuseAct(
  turn: Pick<Turn, 'locale' | 'correlationId'>,
  acted: Exclude<Acted, { kind: 'done' }>,
): TextReply {
  return tell(withReference(turn, whyNot(turn.locale, acted)));
}

function whyNot(locale: Locale, acted: Exclude<Acted, { kind: 'done' }>): string {
  const { alert, resolve } = textsFor(locale);
  switch (acted.kind) {
    case 'taken':
      return acted.isOwn ? alert.told.takenByYou : alert.told.taken(personName(acted.by, locale));
    case 'hidden':
      return resolve.noTokens;
    default:
      return alert.told[acted.kind];
  }
}

const tell = (text: string): TextReply => ({ kind: 'text', text });
