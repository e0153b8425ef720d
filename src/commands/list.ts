import { type ListFilter, listCard, summaryOfListCard } from '../cards/list-card.ts';
import { findPage, rowsOfPage } from '../cards/paging.ts';
import { explainKind, tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { recordPage } from '../dialogs/paging.ts';
import type { ListQuery } from '../domain/card-record.ts';
import { type ConnectorKind, otherKinds, readKind } from '../domain/connector.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import {
  type ConnectorReading,
  filterWords,
  findExpiry,
  findFilter,
  tokenFilters,
  troubleOf,
  troubles,
  type VppToken,
} from '../domain/token.ts';
import { type Reply, type Turn, textReply } from '../domain/turn.ts';
import { connectorsIn, readConnectors } from '../graph/connectors.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** `list vpp [expiring|failed|stale]`: the tokens that the person may see, worst first; `list push` and `list ade` the other connectors. */
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
      filters: { all: kindIn, expiring: filtered('expiring'), failed: filtered('failed'), stale: filtered('stale') },
    },
  };
}

/** `apple`: the connectors of all kinds. */
export function createAppleCommand(services: CommandServices): Command {
  const list = createListCommand(services);
  return {
    name: 'apple',
    words: ['apple', '苹果'],
    takes: 'nothing',
    writes: false,
    needs: 'graph',
    run: (turn) =>
      'pages' in list && list.pages ? list.pages.show(turn, { asked: everyKind }, 0) : list.run(turn, ''),
  };
}

/** Asked of the list for the connectors of all kinds. */
const everyKind = 'apple';

/** The connectors that a list is of; how the kinds beside VPP tokens were found, where these are among them. */
interface Listed {
  readonly kind: ConnectorKind | 'every';
  readonly tokens: readonly VppToken[];
  readonly others: readonly ConnectorReading[];
}

async function readListed(
  { config }: CommandServices,
  { graph }: AuthorizedTurn,
  kind: ConnectorKind | 'every',
): Promise<Listed> {
  const beta = config.graphBeta;
  const kinds = otherKinds.filter((each) => kind === each || kind === 'every');
  const [tokens, others] = await Promise.all([
    kind === 'vpp' || kind === 'every' ? listVppTokens(graph, { beta }) : [],
    readConnectors(graph, kinds, { beta }),
  ]);
  // One kind that cannot be read is an error; among all of them it is a line.
  const read = kind === 'every' ? others.filter(({ is }) => is !== 'unread') : others;
  return { kind, tokens: [...tokens, ...connectorsIn(read)], others };
}

async function showPage(
  services: CommandServices,
  turn: AuthorizedTurn,
  asked: string,
  askedPage: number,
): Promise<Reply> {
  const { list, resolve } = textsFor(turn.locale);
  const text = withoutPunctuation(asked);
  const isEvery = text === everyKind || text.startsWith(`${everyKind} `);
  const named = isEvery ? { kind: 'every' as const, name: text.slice(everyKind.length).trim() } : readKind(text);
  const word = named.name;
  const filter = readFilter(word);
  if (filter === 'unknown') return textReply(list.unknownFilter(safeLine(word)));
  const { tokens, others } = await readListed(services, turn, named.kind);
  const notes = others.filter(isMissing).map((each) => explainKind(each, turn.locale));
  if (tokens.length === 0) return textReply(notes.join('\n') || resolve.noTokens);
  const { locale, at: now, timeZone, conversation } = turn;
  const listedBy = (each: ListFilter) => tokens.filter((token) => tokenFilters[each](token, now));
  const shown = filter ? listedBy(filter) : tokens;
  if (filter && shown.length === 0) return textReply(list.noneMatch[filter](tokens.length));
  const entries = sortWorstFirst(shown, turn);
  const page = findPage(entries.length, askedPage);
  const rows = rowsOfPage(entries, page).map(({ token }) => ({ tokenId: token.id }));
  const kindAsked = named.kind === 'vpp' ? '' : named.kind === 'every' ? everyKind : named.kind;
  const recordAsked = [kindAsked, filter ?? ''].filter((part) => part !== '').join(' ');
  const recordId = await recordPage(services, turn, { command: 'list', asked: recordAsked, page, rows });
  const data = {
    locale,
    now,
    timeZone,
    conversationKind: conversation.kind,
    kind: named.kind,
    notes,
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

/** The kind alone of what a list was asked for. */
function kindIn(asked: string): string {
  if (asked.startsWith(everyKind)) return everyKind;
  const { kind } = readKind(asked);
  return kind === 'vpp' ? '' : kind;
}

const filtered = (filter: ListFilter) => (asked: string) => `${kindIn(asked)} ${filter}`.trim();

const isMissing = (reading: ConnectorReading): boolean => reading.is !== 'read' || reading.connectors.length === 0;

const withoutPunctuation = (asked: string) => asked.replace(/^[\p{P}\p{S}\s]+|[\p{P}\p{S}\s]+$/gu, '');

/** Undefined for all tokens. */
function readFilter(asked: string): ListFilter | undefined | 'unknown' {
  const word = asked.toLowerCase();
  if (['', 'all', '全部', '所有'].includes(word)) return undefined;
  return findFilter(word) ?? 'unknown';
}
