import { type ConnectorKind, traitsOf } from '../domain/connector.ts';
import { findExpiry, isStale, isStuck, type Trouble, troubles, type VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Locale, Reader } from '../domain/turn.ts';
import { formats } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, withoutMarkdown } from '../lib/text.ts';
import { findInstant } from '../lib/time.ts';
import { type ListButton, type Paged, pageButtons, pageLine, rowId, rowsOfPage } from './paging.ts';
import {
  appleIdFor,
  bandOf,
  chartColors,
  clientDateTime,
  colored,
  header,
  type Line,
  line,
  lineWithSymbol,
  longestDetail,
  longestTitle,
  render,
  type Tone,
} from './render.ts';
import { daysLeftLine, tokenNames, worstToneOf } from './token-parts.ts';
import { stateBlock } from './token-state.ts';

export const listFilters = ['expiring', 'failed', 'stale'] as const;
export type ListFilter = (typeof listFilters)[number];

export interface ListCardData extends Paged, Reader {
  readonly conversationKind: ConversationKind;
  /** VPP tokens by default. */
  readonly kind?: ConnectorKind | 'every';
  /** Why connectors of some kind are not in the list. */
  readonly notes?: readonly string[];
  /** All of them are what the filter let through. */
  readonly filter?: ListFilter;
  /** In the order shown, of all pages. */
  readonly entries: readonly { readonly token: VppToken; readonly trouble: Trouble }[];
  /** Tokens that the person may see, filtered or not. */
  readonly total: number;
  /** Tokens that each filter lets through. */
  readonly found: Readonly<Record<ListFilter, number>>;
}

/** Tokens one below the other, which fits a phone as well: the name, the state and expiry, the last sync. */
export function listCard(data: ListCardData): CardContent {
  const { locale, entries, now, page } = data;
  const { list, card } = textsFor(locale);
  const detailOf = createDetails(data);
  return render('list-card', locale, summaryOfListCard(data), {
    ...header(headingOf(data)),
    band: [bandOf(worstToneOf(entries.map(({ trouble }) => trouble)), countsOf(data).join(' · '))],
    timeline: page > 0 || data.filter ? [] : timelineOf(data),
    rows: rowsOfPage(entries, page).map(({ token }, index) => ({
      ...tokenRow(token, data, detailOf(token)),
      id: rowId(data, index),
    })),
    notes: (data.notes ?? []).map((text) => ({ text })),
    page: pageLine(data, entries.length, locale),
    hint: list.hint,
    footer: [line(`${card.asOf} ${clientDateTime(now)}`)],
    actions: [...pageButtons('list', data, entries.length, locale), ...filterButtons(data)],
  });
}

/** The other views of the list, as far as they have anything to show. */
function filterButtons({ locale, filter, found, total, recordId: id }: ListCardData): ListButton[] {
  const { list } = textsFor(locale);
  const others = listFilters.filter((each) => each !== filter && found[each] > 0);
  return [
    ...(filter ? [{ title: list.filter.all(total), verb: 'list/all', id }] : []),
    ...others.map((each) => ({ title: list.filter[each](found[each]), verb: `list/${each}`, id })),
  ];
}

/** One line for toasts: how many tokens, and what is the matter with them. */
export function summaryOfListCard(data: ListCardData): string {
  const { card, list } = textsFor(data.locale);
  return card.summary(headingOf(data), countsOf(data).join(list.separator));
}

function headingOf({ locale, entries, filter, total, kind = 'vpp' }: ListCardData): string {
  const { list, connector } = textsFor(locale);
  if (kind !== 'vpp') return connector.heading[kind](entries.length);
  return filter ? list.heading[filter](entries.length, total) : list.heading.all(total);
}

function countsOf({ locale, entries }: ListCardData): string[] {
  const { count } = textsFor(locale).list;
  return troubles
    .map((trouble) => ({ trouble, found: entries.filter((entry) => entry.trouble === trouble).length }))
    .filter(({ found }) => found > 0)
    .map(({ trouble, found }) => count[trouble](found));
}

const months = 12;
/** Expiries within a month or two call for a renewal now. */
const soonMonths = 2;
/** Named below the chart, so that the line stays one on a phone; those after them are added up. */
const namedMonths = 2;

/** Data of the part `timeline`: how many tokens expire in each of the next twelve months, this one included. */
function timelineOf({ locale, now, entries }: ListCardData) {
  const { list } = textsFor(locale);
  const first = new Date(now);
  const starts = Array.from({ length: months }, (_, at) => Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + at));
  const counts = starts.map(() => 0);
  for (const { token } of entries) {
    const expiry = findExpiry(token, now);
    const date = expiry && expiry.stage !== 'past' ? new Date(expiry.at) : undefined;
    const at = date && (date.getUTCFullYear() - first.getUTCFullYear()) * 12 + date.getUTCMonth() - first.getUTCMonth();
    if (at !== undefined && at in counts) counts[at] = (counts[at] ?? 0) + 1;
  }
  if (counts.every((count) => count === 0)) return [];
  const { month, shortMonth } = formats[locale];
  const named = starts.flatMap((start, at) => (counts[at] ? [{ name: month(start), count: counts[at] }] : []));
  const later = named.slice(namedMonths).reduce((sum, { count }) => sum + count, 0);
  const said = [
    ...named.slice(0, namedMonths).map(({ name, count }) => list.monthOf(name, count)),
    ...(later > 0 ? [list.monthOf(list.later, later)] : []),
  ];
  const columns = starts.map((start, at) => ({ start, count: counts[at] ?? 0, tone: toneIn(at, counts[at] ?? 0) }));
  return [
    {
      title: list.timeline,
      said: said.join(' · '),
      data: columns.map(({ start, count, tone }) => ({ x: shortMonth(start), y: count, color: chartColors[tone] })),
      segments: columns.map(({ start, count, tone }) => ({
        count: count === 0 ? '·' : String(count),
        month: shortMonth(start),
        color: colored(tone, '').color,
      })),
    },
  ];
}

const toneIn = (at: number, count: number): Tone => (count > 0 && at < soonMonths ? 'warning' : 'plain');

/** Distinguishes namesakes: by the other names; where these agree too by the Apple ID as it may be shown, then by the id. */
function createDetails({ locale, entries, conversationKind }: ListCardData) {
  const described = new Map(entries.map(({ token }) => [token, describe(token)]));
  const sharesNames = tally([...described.values()].map(({ names }) => names));
  const sharesAccount = tally([...described.values()].map(({ names, account }) => names + account));

  function describe(token: VppToken) {
    const { title, others } = tokenNames(token, locale);
    const account = token.appleId ? appleIdFor(token.appleId, conversationKind) : '';
    return { others, account, names: [title, ...others, ''].join('\n') };
  }

  return (token: VppToken): Line[] => {
    const { others, account, names } = described.get(token) ?? describe(token);
    const parts = [
      ...(sharesNames(names) ? [account] : []),
      ...(sharesAccount(names + account) ? [safeLine(token.id, 36)] : []),
      ...others,
    ].filter((part) => part !== '');
    return parts.length === 0 ? [] : [line(` · ${safeLine(parts.join(' · '), longestDetail)}`)];
  };
}

/** True for a key that is in the list more than once. */
function tally(keys: readonly string[]): (key: string) => boolean {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return (key) => (counts.get(key) ?? 0) > 1;
}

function tokenRow(token: VppToken, data: ListCardData, details: Line[]) {
  const { locale, now } = data;
  const { said, word, color } = stateBlock(token, now, locale);
  const sync = syncLine(token, data);
  const left = daysLeftLine(token, data);
  const title = safeLine(tokenNames(token, locale).title, longestTitle);
  return {
    title,
    open: withoutMarkdown(textsFor(locale).card.openRow(title, safeLine(said, longestTitle))),
    details,
    sync: sync.text,
    syncColor: sync.color,
    word: safeLine(word, longestTitle),
    color,
    left: ` · ${left.text}`,
    leftColor: left.color,
  };
}

/** In place of the last sync, of a connector that has none. */
function uploadedText(agoMs: number | undefined, locale: Locale): string {
  const { connector } = textsFor(locale);
  return agoMs === undefined ? connector.kind.push : connector.uploaded(agoMs);
}

function syncLine(token: VppToken, { locale, now }: ListCardData): Line {
  const { list } = textsFor(locale);
  const since = (dateTime: string | undefined) => {
    const at = findInstant(dateTime);
    return at === undefined ? undefined : Math.max(0, now - at);
  };
  if (!traitsOf(token).syncs) return line(uploadedText(since(token.lastModifiedDateTime), locale));
  const agoMs = since(token.lastSyncDateTime);
  switch (token.lastSyncStatus) {
    case 'failed':
      return lineWithSymbol('attention', list.sync.failed(agoMs));
    case 'inProgress':
      return isStuck(token, now)
        ? lineWithSymbol('warning', list.sync.stuck(since(token.lastModifiedDateTime) ?? 0))
        : lineWithSymbol('busy', list.sync.running);
    case 'none':
      return lineWithSymbol('warning', list.sync.never);
    case 'completed':
      if (agoMs === undefined) return lineWithSymbol('warning', list.sync.never);
      return isStale(token, now)
        ? lineWithSymbol('warning', list.sync.completed(agoMs))
        : line(list.sync.completed(agoMs));
    default:
      return lineWithSymbol('warning', list.sync.other(safeLine(token.lastSyncStatus, 40)));
  }
}
