import { type AlertAction, daysOf } from '../alerts/act-on-alert.ts';
import { describeActed, listMeantAlerts, refuseActed } from '../alerts/open-alerts.ts';
import type { CardRecord, OpenAlertsRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { type Reply, textReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { CardActionHandler, CardActionHandlers } from './card-action.ts';
import { type Command, getCommand, getGraphCommand, printCall } from './command.ts';
import type { Services } from './services.ts';

type Inputs = Readonly<Record<string, unknown>>;

/**
 * The buttons of the card of open alerts, and the button of other cards that leads to it. Anybody in the conversation may press them, as
 * themselves; what is open is read anew at each press.
 */
export function openAlertsHandlers({ alerting }: Services, commands: readonly Command[]): CardActionHandlers {
  const { open } = alerting;
  const status = getGraphCommand(commands, 'status');
  const lead = printCall({ command: getCommand(commands, 'alertsOpen'), rest: '' });

  async function show(turn: AuthorizedTurn, shown: Parameters<typeof open.show>[1]): Promise<Reply> {
    return (await open.show(turn.conversation, shown)) ?? textReply(textsFor(turn.locale).alerts.none);
  }

  const turnTo = (step: 1 | -1): CardActionHandler => ({
    kind: 'openAlerts',
    once: false,
    where: 'onCard',
    resume: () => lead,
    run(turn, record) {
      const { page, locale } = openAlertsOn(record);
      return show(turn, { locale, page: Math.max(0, page + step) });
    },
  });

  const take = (
    { name, audits }: Command,
    read: (inputs: Inputs) => AlertAction,
    print: (which: string, action: AlertAction) => string = (which) => which,
  ): CardActionHandler => ({
    kind: 'openAlerts',
    once: false,
    where: 'onCard',
    ...(audits && { audits }),
    resume(record, inputs) {
      const which = findWhich(record, inputs);
      if (which === undefined) return lead;
      return printCall({ command: getCommand(commands, name), rest: print(which, read(inputs)) });
    },
    async run(turn, record, inputs) {
      const which = findWhich(record, inputs);
      const { openAlerts, alerts, alert } = textsFor(turn.locale);
      if (which === undefined) return textReply(openAlerts.choose);
      const here = await open.list(turn.conversation);
      if (!here) return textReply(alerts.none);
      const ids = listMeantAlerts(here, which);
      if (ids.length === 0) return textReply(alert.answer.ended);
      const { page, locale } = openAlertsOn(record);
      const action = read(inputs);
      const result = await open.act(turn, ids, action);
      const notice = describeActed({ locale }, action, result);
      return notice ? show(turn, { locale, page, notice }) : refuseActed(turn, result);
    },
  });

  return {
    'openAlerts/show': {
      kind: 'openAlerts',
      once: false,
      where: 'beside',
      resume: () => lead,
      run: (turn) => show(turn, { locale: turn.locale, page: 0 }),
    },
    'openAlerts/open': {
      kind: 'openAlerts',
      once: false,
      where: 'beside',
      resume(record, _inputs, row) {
        const tokenId = findTokenOf(record, row);
        return tokenId && printCall({ command: status, rest: tokenId });
      },
      async run(turn, record, _inputs, row) {
        const tokenId = findTokenOf(record, row);
        if (!tokenId) throw new Error('A row was opened that its card does not have');
        return status.run(turn, tokenId);
      },
    },
    'openAlerts/next': turnTo(1),
    'openAlerts/previous': turnTo(-1),
    'openAlerts/acknowledge': take(getCommand(commands, 'acknowledgeAlert'), () => ({ kind: 'acknowledge' })),
    'openAlerts/undo': take(getCommand(commands, 'undoAlert'), () => ({ kind: 'undo' })),
    'openAlerts/snooze': take(
      getCommand(commands, 'snoozeAlert'),
      ({ days }) => ({ kind: 'snooze', days: daysOf(days) }),
      (which, action) => (action.kind === 'snooze' ? `${which} ${action.days}` : which),
    ),
  };
}

const openAlertsOn = (record: CardRecord) => record.payload as OpenAlertsRecord;

/** The token of a row, counted from 1; undefined for a row that the card does not have, and for one without a token. */
const findTokenOf = (record: CardRecord, row: number | undefined): string | undefined =>
  (row !== undefined && openAlertsOn(record).rows[row - 1]) || undefined;

/** What the card's input names by its 1-based number: of the choices that this very card offered. */
function findWhich(record: CardRecord, { which }: Inputs): string | undefined {
  return typeof which === 'string' && /^\d{1,2}$/.test(which)
    ? openAlertsOn(record).which[Number(which) - 1]
    : undefined;
}
