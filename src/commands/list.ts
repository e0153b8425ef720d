import { type ListFilter, listCard, summaryOfListCard } from '../cards/list-card.ts';
import { findPage, rowsOfPage } from '../cards/paging.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { recordPage } from '../dialogs/paging.ts';
import type { ListQuery } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import {
  filterWords,
  findExpiry,
  findFilter,
  tokenFilters,
  troubleOf,
  troubles,
  type VppToken,
} from '../domain/token.ts';
import { type Reply, type Turn, textReply } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** `list vpp [expiring|failed|stale]`: the tokens that the person may see, worst first. */
export function createListCommand(services: CommandServices): Command {
  const show = (turn: AuthorizedTurn, { asked }: ListQuery, page: number) => showPage(services, turn, asked, page);
  return {
    name: 'list',
    words: ['list', '列表'],
    takes: 'words',
    alone: { words: Object.values(filterWords).flat(), is: 'run' },
    writes: false,
    needs: 'graph',
    run: (turn, asked) => show(turn, { asked }, 0),
    pages: {
      show,
      filters: { all: () => '', expiring: () => 'expiring', failed: () => 'failed', stale: () => 'stale' },
    },
  };
}

async function showPage(
  services: CommandServices,
  turn: AuthorizedTurn,
  asked: string,
  askedPage: number,
): Promise<Reply> {
  const { list, resolve } = textsFor(turn.locale);
  const word = withoutPunctuation(asked);
  const filter = readFilter(word);
  if (filter === 'unknown') return textReply(list.unknownFilter(safeLine(word)));
  const tokens = await listVppTokens(turn.graph, { beta: services.config.graphBeta });
  if (tokens.length === 0) return textReply(resolve.noTokens);
  const { locale, at: now, conversation } = turn;
  const listedBy = (each: ListFilter) => tokens.filter((token) => tokenFilters[each](token, now));
  const shown = filter ? listedBy(filter) : tokens;
  if (filter && shown.length === 0) return textReply(list.noneMatch[filter](tokens.length));
  const entries = sortWorstFirst(shown, turn);
  const page = findPage(entries.length, askedPage);
  const rows = rowsOfPage(entries, page).map(({ token }) => ({ tokenId: token.id }));
  const recordId = await recordPage(services, turn, { command: 'list', asked: filter ?? '', page, rows });
  const data = {
    locale,
    now,
    conversationKind: conversation.kind,
    ...(filter && { filter }),
    entries,
    total: tokens.length,
    found: {
      expiring: listedBy('expiring').length,
      failed: listedBy('failed').length,
      stale: listedBy('stale').length,
    },
    recordId,
    page,
  };
  return { kind: 'card', card: listCard(data), summary: summaryOfListCard(data), recordId };
}

/** By trouble; among tokens that expire the soonest first, else by name. */
function sortWorstFirst(tokens: readonly VppToken[], { at: now, locale }: Turn) {
  const names = new Intl.Collator(locale, { numeric: true });
  return tokens
    .map((token) => {
      const trouble = troubleOf(token, now);
      const { title, others } = tokenNames(token, locale);
      const dated = trouble === 'expired' || trouble === 'expiring';
      return {
        token,
        trouble,
        rank: troubles.indexOf(trouble),
        at: dated ? (findExpiry(token, now)?.at ?? 0) : 0,
        title,
        others,
      };
    })
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        a.at - b.at ||
        names.compare(a.title, b.title) ||
        names.compare(a.others.join(), b.others.join()),
    )
    .map(({ token, trouble }) => ({ token, trouble }));
}

const withoutPunctuation = (asked: string) => asked.replace(/^[\p{P}\p{S}\s]+|[\p{P}\p{S}\s]+$/gu, '');

/** Undefined for all tokens. */
function readFilter(asked: string): ListFilter | undefined | 'unknown' {
  const word = asked.toLowerCase();
  if (['', 'all', '全部', '所有'].includes(word)) return undefined;
  return findFilter(word) ?? 'unknown';
}
