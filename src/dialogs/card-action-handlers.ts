import { type Acted, daysOf, refuseAct } from '../alerts/act-on-alert.ts';
import { rowsPerPage } from '../cards/paging.ts';
import type {
  AlertCardRecord,
  BatchCardRecord,
  CardRecord,
  Choice,
  PlanRecord,
  TokenCardRecord,
} from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import { conversationRoot, type Reply, textReply } from '../domain/turn.ts';
import { listConnectors } from '../graph/connectors.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { refresh } from '../sync/token-view.ts';
import { alertSettingsHandlers } from './alert-settings.ts';
import type { CardActionHandler, CardActionHandlers } from './card-action.ts';
import { asksForOthers, type Choose, findChosen, listAsked, restFor } from './choose.ts';
import { allWord, type Command, findCommand, type GraphCommand, getGraphCommand, printCall } from './command.ts';
import { openAlertsHandlers } from './open-alerts.ts';
import { pageHandlers } from './paging.ts';
import type { Services } from './services.ts';

/** Every verb that a card may carry, with its handler. */
export function createCardActionHandlers(
  services: Services,
  commands: readonly Command[],
  choose: Choose,
): CardActionHandlers {
  const get = (name: string) => getGraphCommand(commands, name);
  return {
    ...choiceHandlers(commands),
    'choice/next': turnChoices(services, commands, choose, 1),
    'choice/previous': turnChoices(services, commands, choose, -1),
    ...syncHandlers(services, get),
    'licenses/show': showBeside(get('licenses')),
    'renew/show': showBeside(get('renew')),
    'renew/check': showBeside(get('verify')),
    'renew/start': {
      ...onTokenCard(get('startRenewal')),
      audits: 'renewStart',
      tokenOf: (record) => ({ id: tokenIdOn(record) }),
    },
    'renew/remind': onTokenCard(get('remindRenewal')),
    'history/show': showBeside(get('history')),
    ...batchHandlers(services, get),
    ...alertHandlers(services, get),
    ...pageHandlers(commands),
    ...openAlertsHandlers(services, commands),
    ...alertSettingsHandlers(commands),
  };
}

type GetCommand = (name: string) => GraphCommand;

/** `{command}/choose` for every command that may ask which token is meant. */
function choiceHandlers(commands: readonly Command[]): CardActionHandlers {
  const asking = commands.filter(
    ({ asksWhich, takes, needs }) => asksWhich || (takes === 'token' && needs === 'graph'),
  );
  return Object.fromEntries(asking.map((command) => [`${command.name}/choose`, choiceHandler(command)]));
}

function choiceHandler(command: Command): CardActionHandler {
  return {
    kind: 'choice',
    once: true,
    where: 'onCard',
    ...(command.audits && { audits: command.audits }),
    tokenOf(record, inputs) {
      const token = findChosen(record.payload as Choice, inputs);
      return token && { id: token.id, ...(token.name !== undefined && { name: token.name }) };
    },
    resume(record, inputs) {
      const choice = record.payload as Choice;
      const token = findChosen(choice, inputs);
      return token && printCall({ command, rest: restFor(choice, token) });
    },
    async run(turn, record, inputs) {
      const choice = record.payload as Choice;
      const token = findChosen(choice, inputs);
      if (!token) throw new Error('A choice was carried out without a token');
      return command.run(turn, restFor(choice, token));
    },
  };
}

/** Another page of a question: its tokens are read anew, and a question of its own takes the place of the one before. */
function turnChoices(
  { config }: Services,
  commands: readonly Command[],
  choose: Choose,
  step: 1 | -1,
): CardActionHandler {
  return {
    kind: 'choice',
    once: true,
    where: 'onCard',
    resume(record) {
      const { command: name, asked, suffix } = record.payload as Choice;
      const command = findCommand(commands, name);
      // The tokens of other questions are not the tenant's: these have no pages.
      if (command?.needs !== 'graph') return undefined;
      return printCall({ command, rest: suffix ? `${asked} ${suffix}` : asked });
    },
    async run(turn, record) {
      const choice = record.payload as Choice;
      const { from = 0, tokens: _, ...wanted } = choice;
      const list = asksForOthers(choice) ? listConnectors : listVppTokens;
      const tokens = listAsked(choice, await list(turn.graph, { beta: config.graphBeta }));
      if (tokens.length === 0) return textReply(textsFor(turn.locale).resolve.none(safeLine(wanted.asked)));
      const isNear = ['near', 'none'].includes(resolveToken(wanted.asked, tokens).kind);
      return choose.ask(turn, wanted, tokens, isNear ? 'near' : 'several', Math.max(0, from / rowsPerPage + step));
    },
  };
}

/** The buttons that start syncs and follow them. */
function syncHandlers({ config, stores, syncs }: Services, get: GetCommand): CardActionHandlers {
  const sync = get('sync');
  const status = get('status');
  const refreshing = { views: syncs.views, runs: stores.runs, beta: config.graphBeta };
  return {
    'sync/start': {
      kind: 'tokenCard',
      once: true,
      where: 'onCard',
      audits: 'sync',
      tokenOf: (record) => ({ id: tokenIdOn(record) }),
      resume: (record) => printCall({ command: sync, rest: tokenIdOn(record) }),
      run: (turn, record) => sync.run(turn, tokenIdOn(record)),
    },
    'syncAll/apply': {
      kind: 'plan',
      once: true,
      where: 'onCard',
      audits: 'syncAll',
      resume: (record) => printCall({ command: sync, rest: (record.payload as PlanRecord).asked ?? allWord }),
      run: (turn, record) => syncs.syncAll.apply(turn, record.payload as PlanRecord),
    },
    'status/refresh': {
      kind: 'tokenCard',
      once: false,
      where: 'onCard',
      resume: (record) => printCall({ command: status, rest: tokenIdOn(record) }),
      run: (turn, record) => refresh(refreshing, turn, record.payload as TokenCardRecord),
    },
  };
}

/** The buttons of a batch that has ended: anybody in its conversation may press them, as themselves. */
function batchHandlers({ syncs }: Services, get: GetCommand): CardActionHandlers {
  const showAll = (command: GraphCommand): CardActionHandler => ({
    kind: 'batch',
    once: false,
    where: 'beside',
    resume: () => printCall({ command, rest: '' }),
    run: (turn) => command.run(turn, ''),
  });
  return {
    // A plan again, which asks before it starts anything.
    'batch/retry': {
      ...showAll(get('sync')),
      resume: () => printCall({ command: get('sync'), rest: allWord }),
      run: (turn, record) => syncs.syncAll.planSome(turn, (record.payload as BatchCardRecord).failed.join(', ')),
    },
    'batch/list': showAll(get('list')),
    'batch/history': showAll(get('history')),
  };
}

/** A button of a token's card that shows more about the token, to whoever presses it, as often as they like. */
function showBeside(command: GraphCommand): CardActionHandler {
  return {
    kind: 'tokenCard',
    once: false,
    where: 'beside',
    resume: (record) => printCall({ command, rest: tokenIdOn(record) }),
    run: (turn, record) => command.run(turn, tokenIdOn(record)),
  };
}

/** The same, with an answer that replaces the card, or a line to the presser alone. */
const onTokenCard = (command: GraphCommand): CardActionHandler => ({ ...showBeside(command), where: 'onCard' });

const tokenIdOn = (record: CardRecord) => (record.payload as TokenCardRecord).tokenId;

/** The buttons of an alert's card: anybody in its conversation may press them, as themselves. */
function alertHandlers({ alerting, stores, audit }: Services, get: GetCommand): CardActionHandlers {
  const { acts } = alerting;
  const acknowledge = get('acknowledgeAlert');
  const snooze = get('snoozeAlert');
  const undo = get('undoAlert');

  /** Redraws the card for everybody, in the conversation's language; the other cards of this alert follow by themselves. */
  async function showActed(turn: AuthorizedTurn, acted: Acted): Promise<Reply> {
    if (acted.kind !== 'done') return refuseAct(turn, acted);
    const { conversation, cardId: messageId } = turn;
    const subscription = await stores.subscriptions.findByConversation(conversationRoot(conversation.id));
    const { locale, timeZone } = subscription ?? turn;
    const view = { alert: acted.alert, locale, timeZone, conversation, ...(messageId && { messageId }) };
    return { kind: 'card', ...(await alerting.views.card(view)) };
  }

  /** Runs a command about the alert's token beside the card, which goes on showing the alert. */
  const runBeside = (command: GraphCommand): CardActionHandler => ({
    kind: 'alert',
    once: false,
    where: 'beside',
    resume(record) {
      const token = alertToken(record);
      return token && printCall({ command, rest: token.id });
    },
    async run(turn, record) {
      const found = await acts.findReadable(turn, alertOn(record).alertId);
      if (found.kind === 'done') return command.run(turn, found.alert.tokenId);
      // The command does not run, so what it would have recorded is recorded here.
      if (command.audits) {
        const token = alertToken(record);
        const { audits: action } = command;
        await audit.record(turn, { action, outcome: 'refused', reason: found.kind, ...(token && { token }) });
      }
      return refuseAct(turn, found);
    },
  });

  return {
    'alert/sync': { ...runBeside(get('sync')), audits: 'sync', tokenOf: alertToken },
    'alert/renew': runBeside(get('renew')),
    'alert/acknowledge': {
      kind: 'alert',
      once: false,
      where: 'onCard',
      audits: 'acknowledge',
      tokenOf: alertToken,
      resume: (record) => printCall({ command: acknowledge, rest: alertOn(record).alertId }),
      run: async (turn, record) =>
        showActed(turn, await acts.act(turn, alertOn(record).alertId, { kind: 'acknowledge' })),
    },
    'alert/snooze': {
      kind: 'alert',
      once: false,
      where: 'onCard',
      audits: 'snooze',
      tokenOf: alertToken,
      resume: (record, { days }) => printCall({ command: snooze, rest: `${alertOn(record).alertId} ${daysOf(days)}` }),
      run: async (turn, record, { days }) =>
        showActed(turn, await acts.act(turn, alertOn(record).alertId, { kind: 'snooze', days: daysOf(days) })),
    },
    'alert/undo': {
      kind: 'alert',
      once: false,
      where: 'onCard',
      audits: 'undoAlert',
      tokenOf: alertToken,
      resume: (record) => printCall({ command: undo, rest: alertOn(record).alertId }),
      run: async (turn, record) => showActed(turn, await acts.act(turn, alertOn(record).alertId, { kind: 'undo' })),
    },
  };
}

const alertOn = (record: CardRecord) => record.payload as AlertCardRecord;

/** Undefined for an alert about monitoring: it is of no token, and its card has no button for one. */
function alertToken(record: CardRecord): { readonly id: string } | undefined {
  const { tokenId: id } = alertOn(record);
  return id === '' ? undefined : { id };
}
