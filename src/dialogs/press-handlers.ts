import { type Command, printCall } from '../commands/command.ts';
import { refresh, type StatusCommandParts } from '../commands/status.ts';
import { tokenName } from '../domain/token.ts';
import type { PressRecord } from '../store/card-records.ts';
import type { PlanPress } from '../sync/plan.ts';
import { allWord, type SyncAll } from '../sync/sync-all.ts';
import type { TokenPress } from '../sync/token-view.ts';
import { type AlertHandlersParts, createAlertHandlers } from './alert-handlers.ts';
import { type Choice, restFor, tokenOfPress } from './choose.ts';
import type { PressHandler } from './press.ts';

/** Every verb a card may carry, with what it does. */
export function createPressHandlers({
  commands,
  status,
  syncAll,
  alerts,
}: {
  commands: readonly Command[];
  status: StatusCommandParts;
  syncAll: SyncAll;
  alerts: AlertHandlersParts;
}): Readonly<Record<string, PressHandler>> {
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
      run: (turn, record) => syncAll.apply(turn, record.payload as PlanPress),
    },
    'status/refresh': {
      kind: 'tokenCard',
      once: false,
      where: 'onCard',
      resume: (record) => printCall({ command: show, rest: tokenIdOf(record) }),
      run: (turn, record) => refresh(status, turn, record.payload as TokenPress),
    },
    'licenses/show': showBeside(get('licenses')),
    'renew/show': showBeside(get('renew')),
    'history/show': showBeside(get('history')),
    ...createAlertHandlers(alerts, get),
  };
}

type GraphCommand = Extract<Command, { needs: 'graph' }>;

function choose(command: Command): PressHandler {
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
function showBeside(command: GraphCommand): PressHandler {
  return {
    kind: 'tokenCard',
    once: false,
    where: 'beside',
    resume: (record) => printCall({ command, rest: tokenIdOf(record) }),
    run: (turn, record) => command.run(turn, tokenIdOf(record)),
  };
}

const tokenIdOf = (record: PressRecord) => (record.payload as TokenPress).tokenId;
