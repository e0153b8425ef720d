import { type HistoryCardData, type HistoryRow, historyCard, summaryOfHistoryCard } from '../cards/history-card.ts';
import { findPage, rowsPerPage } from '../cards/paging.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { recordPage } from '../dialogs/paging.ts';
import type { ListQuery, ListRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardReply, Reply } from '../domain/turn.ts';
import { listConnectors } from '../graph/connectors.ts';
import { textsFor } from '../i18n/texts.ts';
import { actorKey } from '../identity/sessions.ts';
import { createQueues } from '../lib/async.ts';
import type { AuditHistory, PastAttempt } from '../store/audit-history.ts';

interface HistoryServices extends CommandServices {
  readonly readInTurn: ReturnType<typeof createQueues>;
}

/**
 * `history vpp contoso`: who asked what of the token, when, and how it ended, refusals too. Without a name the same of every token
 * that the person can see in Intune, and of no other. The syncs of one `sync all` are one row, which opens them.
 */
export function createHistoryCommand(given: CommandServices): Command {
  const services = { ...given, readInTurn: createQueues() };

  async function showPage(turn: AuthorizedTurn, query: ListQuery, page: number): Promise<Reply> {
    const { asked } = query;
    if (asked === '') return historyOfAll(services, turn, query, page);
    const { show } = textsFor(turn.locale).resolve;
    const found = await services.findToken(turn, { command: 'history', asked, actionTitle: show.history });
    return 'reply' in found ? found.reply : historyOfOne(services, turn, found.token, page);
  }

  return {
    name: 'history',
    words: ['history', '历史', '历史记录'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    run: (turn, asked) => showPage(turn, { asked }, 0),
    pages: { show: showPage, filters: {} },
  };
}

async function historyOfOne(
  services: HistoryServices,
  turn: AuthorizedTurn,
  token: VppToken,
  page: number,
): Promise<CardReply> {
  const past = await listPast(services, turn, { tokenIds: [token.id] }, page);
  const tokenName = tokenNames(token, turn.locale).title;
  const rows = past.attempts.map((each) => toRow(each));
  return draw(services, turn, { asked: token.id, tokenId: token.id }, past, { tokenName, rows });
}

async function historyOfAll(
  services: HistoryServices,
  turn: AuthorizedTurn,
  { batchId }: ListQuery,
  page: number,
): Promise<Reply> {
  const { locale } = turn;
  const tokens = await listConnectors(turn.graph, { beta: services.config.graphBeta });
  if (tokens.length === 0) return { kind: 'text', text: textsFor(locale).resolve.noTokens };
  const names = new Map(tokens.map((token) => [token.id, token]));
  const ofBatch = batchId !== undefined && { batchId };
  const past = await listPast(services, turn, { tokenIds: [...names.keys()], ...ofBatch }, page);
  const rows = past.attempts.map((each) => {
    const token = names.get(each.tokenId);
    return toRow(each, token && tokenNames(token, locale).title);
  });
  return draw(services, turn, { asked: '', ...ofBatch }, past, { rows, ...(ofBatch && { ofBatch: true }) });
}

type Past = Awaited<ReturnType<AuditHistory['list']>> & { readonly page: number };

/** One at a time per person: reading a grown audit takes the database a while, and others must come between. */
function listPast(
  { stores, readInTurn }: HistoryServices,
  { person, session }: AuthorizedTurn,
  of: Pick<Parameters<AuditHistory['list']>[0], 'tokenIds' | 'batchId'>,
  page: number,
): Promise<Past> {
  const listPage = (asked: number) =>
    stores.history.list({ tenantId: session.tenantId, ...of, skip: asked * rowsPerPage, most: rowsPerPage });
  return readInTurn(actorKey(person), async () => {
    const past = await listPage(page);
    const last = findPage(past.total, page);
    return last === page ? { ...past, page } : { ...(await listPage(last)), page: last };
  });
}

const toRow = ({ tokenId: _, batchId: __, ...attempt }: PastAttempt, tokenName?: string): HistoryRow => ({
  ...attempt,
  ...(tokenName && { tokenName }),
});

async function draw(
  services: HistoryServices,
  turn: AuthorizedTurn,
  query: ListQuery & Pick<ListRecord, 'tokenId'>,
  { attempts, total, page }: Past,
  shown: Pick<HistoryCardData, 'tokenName' | 'rows' | 'ofBatch'>,
): Promise<CardReply> {
  const rows = attempts.map(({ tokenId, batchId }) => (batchId === undefined ? { tokenId } : { batchId }));
  const recordId = await recordPage(services, turn, { command: 'history', ...query, page, rows });
  const data: HistoryCardData = { locale: turn.locale, now: turn.at, ...shown, total, recordId, page };
  return { kind: 'card', card: historyCard(data), summary: summaryOfHistoryCard(data), recordId };
}
