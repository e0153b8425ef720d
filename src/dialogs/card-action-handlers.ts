import { type Acted, type ActOnAlert, daysOf, refuseAct } from '../alerts/act-on-alert.ts';
import type { AlertViews } from '../alerts/views.ts';
import type { Audit } from '../audit/audit.ts';
import type { AlertSubscriptions } from '../domain/alert-repositories.ts';
import type { AuditAction } from '../domain/audit-note.ts';
import type { AlertCardRecord, CardRecord, Choice, PlanRecord, TokenCardRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { tokenName } from '../domain/token.ts';
import { conversationRoot, type Reply } from '../domain/turn.ts';
import { allWord, type SyncAll } from '../sync/sync-all.ts';
import { type RefreshParts, refresh } from '../sync/token-view.ts';
import type { CardActionHandler } from './card-action.ts';
import { restFor, tokenOfPress } from './choose.ts';
import { type Command, printCall } from './command.ts';

/** Every verb a card may carry, with what it does. */
export function createCardActionHandlers({
  commands,
  status,
  syncAll,
  alerts,
}: {
  commands: readonly Command[];
  status: RefreshParts;
  syncAll: SyncAll;
  alerts: AlertHandlersParts;
}): Readonly<Record<string, CardActionHandler>> {
  const choosing = commands.flatMap((command) =>
    command.asksWhich || (command.takes === 'token' && command.needs === 'graph')
      ? [[`${command.name}/choose`, choose(command)] as const]
      : [],
  );
  const get = (name: string): GraphCommand => {
    const command = commands.find((each) => each.name === name);
    if (command?.needs !== 'graph') throw new Error(`No command is called ${name}`);
    return command;
  };
  const sync = get('sync');
  const show = get('status');
  return {
    ...Object.fromEntries(choosing),
    'sync/start': {
      kind: 'tokenCard',
      once: true,
      where: 'onCard',
      audits: 'sync',
      tokenOf: (record) => ({ id: tokenIdOf(record) }),
      resume: (record) => printCall({ command: sync, rest: tokenIdOf(record) }),
      run: (turn, record) => sync.run(turn, tokenIdOf(record)),
    },
    'syncAll/apply': {
      kind: 'plan',
      once: true,
      where: 'onCard',
      audits: 'syncAll',
      resume: () => printCall({ command: sync, rest: allWord }),
      run: (turn, record) => syncAll.apply(turn, record.payload as PlanRecord),
    },
    'status/refresh': {
      kind: 'tokenCard',
      once: false,
      where: 'onCard',
      resume: (record) => printCall({ command: show, rest: tokenIdOf(record) }),
      run: (turn, record) => refresh(status, turn, record.payload as TokenCardRecord),
    },
    'licenses/show': showBeside(get('licenses')),
    'renew/show': showBeside(get('renew')),
    'history/show': showBeside(get('history')),
    ...createAlertHandlers(alerts, get),
  };
}

type GraphCommand = Extract<Command, { needs: 'graph' }>;

function choose(command: Command): CardActionHandler {
  return {
    kind: 'choice',
    once: true,
    where: 'onCard',
    ...(command.audits && { audits: command.audits }),
    tokenOf(record, inputs) {
      const token = tokenOfPress(record.payload as Choice, inputs);
      return token && { id: token.id, name: tokenName(token) };
    },
    resume(record, inputs) {
      const choice = record.payload as Choice;
      const token = tokenOfPress(choice, inputs);
      return token && printCall({ command, rest: restFor(choice, token) });
    },
    async run(turn, record, inputs) {
      const choice = record.payload as Choice;
      const token = tokenOfPress(choice, inputs);
      if (!token) throw new Error('A choice was carried out without a token');
      return command.run(turn, restFor(choice, token));
    },
  };
}

/** A button of a token's card that shows more about the token, for whoever presses, as often as they like. */
function showBeside(command: GraphCommand): CardActionHandler {
  return {
    kind: 'tokenCard',
    once: false,
    where: 'beside',
    resume: (record) => printCall({ command, rest: tokenIdOf(record) }),
    run: (turn, record) => command.run(turn, tokenIdOf(record)),
  };
}

const tokenIdOf = (record: CardRecord) => (record.payload as TokenCardRecord).tokenId;

interface AlertHandlersParts {
  readonly act: ActOnAlert;
  readonly views: AlertViews;
  readonly subscriptions: Pick<AlertSubscriptions, 'findByConversation'>;
  readonly audit: Pick<Audit, 'record'>;
}

/** The buttons of an alert's card, for anybody in its conversation, as themselves. */
function createAlertHandlers(
  parts: AlertHandlersParts,
  get: (name: string) => GraphCommand,
): Readonly<Record<`alert/${string}`, CardActionHandler>> {
  const { act } = parts;
  const [acknowledge, snooze] = [get('acknowledgeAlert'), get('snoozeAlert')];

  /** Written on the card for everybody, in the language it is in; the other cards of this alert follow. */
  async function answer(turn: AuthorizedTurn, acted: Acted): Promise<Reply> {
    if (acted.kind !== 'done') return refuseAct(turn, acted);
    const { conversation } = turn;
    const subscription = await parts.subscriptions.findByConversation(conversationRoot(conversation.id));
    const locale = subscription?.locale ?? turn.locale;
    return { kind: 'card', ...(await parts.views.draw({ alert: acted.alert, locale, conversation })) };
  }

  /** What the command itself would keep does not come to it. */
  async function keepRefused(turn: AuthorizedTurn, action: AuditAction, record: CardRecord, reason: string) {
    const token = tokenOf(record);
    await parts.audit.record(turn, { action, outcome: 'refused', reason, ...(token && { token }) });
  }

  /** A command about the alert's token, answered beside the card: that goes on telling of the alert. */
  const beside = (command: GraphCommand): CardActionHandler => ({
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
function tokenOf(record: CardRecord) {
  const { tokenId: id } = pressOf(record);
  return id === '' ? undefined : { id };
}

const pressOf = (record: CardRecord) => record.payload as AlertCardRecord;
