import { type HistoryCardData, type HistoryRow, historyCard, summaryOfHistoryCard } from '../cards/history-card.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardReply, Reply } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { actorKey } from '../identity/sessions.ts';
import { createQueues } from '../lib/async.ts';
import type { PastAttempt } from '../store/audit-history.ts';

const mostRows = 15;

interface HistoryServices extends CommandServices {
  readonly readInTurn: ReturnType<typeof createQueues>;
}

/**
 * `history vpp contoso`: who asked what of the token, when, and how it ended, refusals too. Without a name the same of every token
 * that the person can see in Intune, and of no other.
 */
export function createHistoryCommand(given: CommandServices): Command {
  const services = { ...given, readInTurn: createQueues() };
  return {
    name: 'history',
    words: ['history', '历史', '历史记录'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      if (asked === '') return historyOfAll(services, turn);
      const { show } = textsFor(turn.locale).resolve;
      const found = await services.findToken(turn, { command: 'history', asked, actionTitle: show.history });
      return 'reply' in found ? found.reply : historyOfOne(services, turn, found.token);
    },
  };
}

async function historyOfOne(services: HistoryServices, turn: AuthorizedTurn, token: VppToken): Promise<CardReply> {
  const { attempts, total } = await listPast(services, turn, [token.id]);
  const tokenName = tokenNames(token, turn.locale).title;
  const rows = attempts.map((each) => toRow(each));
  const recordId = await services.syncs.views.record({ conversation: turn.conversation, token });
  return { ...draw({ locale: turn.locale, now: turn.at, tokenName, rows, total }), recordId };
}

async function historyOfAll(services: HistoryServices, turn: AuthorizedTurn): Promise<Reply> {
  const { locale } = turn;
  const tokens = await listVppTokens(turn.graph, { beta: services.config.graphBeta });
  if (tokens.length === 0) return { kind: 'text', text: textsFor(locale).resolve.noTokens };
  const names = new Map(tokens.map((token) => [token.id, token]));
  const { attempts, total } = await listPast(services, turn, [...names.keys()]);
  const rows = attempts.map((each) => {
    const token = names.get(each.tokenId);
    return toRow(each, token && tokenNames(token, locale).title);
  });
  return draw({ locale, now: turn.at, rows, total });
}

/** One at a time per person: reading a grown audit takes the database a while, and others must come between. */
const listPast = ({ stores, readInTurn }: HistoryServices, { person, session }: AuthorizedTurn, tokenIds: string[]) =>
  readInTurn(actorKey(person), () => stores.history.list({ tenantId: session.tenantId, tokenIds, most: mostRows }));

const toRow = ({ tokenId: _, ...attempt }: PastAttempt, tokenName?: string): HistoryRow => ({
  ...attempt,
  ...(tokenName && { tokenName }),
});

const draw = (data: HistoryCardData): CardReply => ({
  kind: 'card',
  card: historyCard(data),
  summary: summaryOfHistoryCard(data),
});
