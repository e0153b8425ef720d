import type { CardRecord, ListRecord, ListRow } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { conversationRoot, isTargeted, type Reply, type Turn } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { dayMs } from '../lib/time.ts';
import type { CardActionHandler, CardActionHandlers } from './card-action.ts';
import { type Command, type GraphCommand, getGraphCommand, type Pages, printCall } from './command.ts';
import type { Services } from './services.ts';

/** As long as a token's card. */
const listExpiresMs = 30 * dayMs;

/**
 * Stores the query and the page of a card of rows, and resolves to the id that its buttons carry. Each page that is drawn has a record
 * of its own, so that a press that is sent twice leads to the same page. Anybody in the conversation may press, as themselves.
 */
export async function recordPage(
  { stores, runtime }: Pick<Services, 'stores' | 'runtime'>,
  { conversation }: Pick<Turn, 'conversation'>,
  list: ListRecord,
): Promise<string> {
  const createdAt = runtime.now();
  const id = newOpaqueId();
  await stores.records.add({
    id,
    kind: 'list',
    conversationId: conversationRoot(conversation.id),
    isTargeted: isTargeted(conversation),
    payload: list,
    createdAt,
    expiresAt: createdAt + listExpiresMs,
  });
  return id;
}

type PagedCommand = GraphCommand & { readonly pages: Pages };

/**
 * The buttons of every command that has pages: `{command}/next`, `/previous`, one for each filter, and `/open` for a row. Query and
 * page come from the stored record alone.
 */
export function pageHandlers(commands: readonly Command[]): CardActionHandlers {
  const status = getGraphCommand(commands, 'status');
  return Object.assign({}, ...commands.filter(hasPages).map((command) => handlersOf(command, status)));
}

const hasPages = (command: Command): command is PagedCommand =>
  command.needs === 'graph' && command.pages !== undefined;

function handlersOf(command: PagedCommand, status: GraphCommand): CardActionHandlers {
  const { name, pages } = command;

  const turnTo = (step: 1 | -1): CardActionHandler =>
    onCard(
      command,
      ({ asked }) => asked,
      (turn, list) => pages.show(turn, list, Math.max(0, list.page + step)),
    );
  const filters = Object.entries(pages.filters).map(([filter, narrow]) => [
    `${name}/${filter}`,
    onCard(
      command,
      ({ asked }) => narrow(asked),
      (turn, { asked }) => pages.show(turn, { asked: narrow(asked) }, 0),
    ),
  ]);

  return {
    [`${name}/next`]: turnTo(1),
    [`${name}/previous`]: turnTo(-1),
    ...Object.fromEntries(filters),
    [`${name}/open`]: {
      kind: 'list',
      once: false,
      where: 'beside',
      resume(record, _inputs, number) {
        const row = findRow(record, number);
        if (!row) return undefined;
        return 'tokenId' in row ? printCall({ command: status, rest: row.tokenId }) : printCall({ command, rest: '' });
      },
      async run(turn, record, _inputs, number) {
        const row = findRow(record, number);
        if (!row) throw new Error('A row was opened that its card does not have');
        if ('tokenId' in row) return status.run(turn, row.tokenId);
        return pages.show(turn, { asked: '', batchId: row.batchId }, 0);
      },
    },
  };
}

/** Draws the card anew, for everybody who sees it. */
const onCard = (
  command: GraphCommand,
  restOf: (list: ListRecord) => string,
  show: (turn: AuthorizedTurn, list: ListRecord) => Promise<Reply>,
): CardActionHandler => ({
  kind: 'list',
  once: false,
  where: 'onCard',
  resume: (record) => printCall({ command, rest: restOf(record.payload as ListRecord) }),
  run: (turn, record) => show(turn, record.payload as ListRecord),
});

const findRow = (record: CardRecord, number: number | undefined): ListRow | undefined =>
  number === undefined ? undefined : (record.payload as ListRecord).rows[number - 1];
