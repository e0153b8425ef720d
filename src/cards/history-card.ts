import type { CardContent, Locale } from '../domain/turn.ts';
import { isKeyOf, textsFor } from '../i18n/texts.ts';
import { safeLine, withoutMarkdown } from '../lib/text.ts';
import { type Paged, pageButtons, pageLine, rowId } from './paging.ts';
import { clientDateTime, header, lineWithSymbol, render, resultsOf, type Tone } from './render.ts';
import { outcomeTones } from './token-card.ts';

export interface HistoryRow {
  /** A `safeLine`; absent where all rows are of one token. */
  readonly tokenName?: string;
  readonly requesterName: string;
  /** The audit's words for the command and for its first outcome. Open sets: unknown ones are shown as they came. */
  readonly action: string;
  readonly outcome: string;
  readonly reason?: string;
  /** How the sync ended that was started or joined; absent while it goes on. */
  readonly ended?: { readonly outcome: string; readonly at: number; readonly tookMs?: number };
  /** Present for the syncs of one `sync all`, which are one row. */
  readonly batch?: {
    readonly tokens: number;
    readonly completed: number;
    readonly running: number;
    readonly others: number;
  };
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface HistoryCardData extends Paged {
  readonly locale: Locale;
  readonly now: number;
  /** A `safeLine`: the one token asked about; absent for all of them. */
  readonly tokenName?: string;
  /** True when the rows are the syncs of one batch. */
  readonly ofBatch?: boolean;
  /** Newest first: those of this page. */
  readonly rows: readonly HistoryRow[];
  /** Attempts there are, those not in `rows` included. */
  readonly total: number;
}

/** Attempts on tokens, newest first: who asked, when, and how it ended. */
export function historyCard(data: HistoryCardData): CardContent {
  const { locale, tokenName, rows, total, ofBatch } = data;
  const { history } = textsFor(locale);
  const subtitle = ofBatch ? history.ofBatch : tokenName;
  const none = tokenName === undefined ? history.none : history.noneOf(tokenName);
  return render('history-card', locale, summaryOfHistoryCard(data), {
    ...header(history.heading, subtitle === undefined ? [] : [subtitle]),
    results: data.page > 0 || rows.length < 2 ? [] : resultsOf(history.lastResults(rows.length), countTones(data)),
    none: rows.length === 0 ? [{ text: none }] : [],
    rows: rows.map((row, index) => ({ ...attemptRow(row, data), id: rowId(data, index) })),
    page: pageLine(data, total, locale),
    footer: [{ text: history.scope }],
    actions: pageButtons('history', data, total, locale),
  });
}

export const summaryOfHistoryCard = ({ locale, tokenName, total }: HistoryCardData): string => {
  const { history } = textsFor(locale);
  return tokenName === undefined ? history.summary(total) : history.summaryOf(tokenName, total);
};

function attemptRow(row: HistoryRow, { locale, now, tokenName }: HistoryCardData) {
  const { history, card } = textsFor(locale);
  const { tone, text } = outcomeOf(row, locale, now);
  const { text: outcome, color } = lineWithSymbol(tone, text);
  const about = [
    row.batch ? undefined : row.tokenName,
    safeLine(row.requesterName),
    row.outcome === 'joined' ? history.joined : undefined,
  ];
  const name = row.tokenName ?? tokenName ?? card.unnamedToken;
  return {
    outcome,
    open: withoutMarkdown(row.batch ? history.openBatch(text) : card.openRow(name, text)),
    color,
    about: about.filter((part) => part !== undefined && part !== '').join(' · '),
    when: clientDateTime(row.at),
  };
}

const toneOrder: readonly Tone[] = ['good', 'attention', 'warning', 'busy', 'plain'];

function countTones({ locale, now, rows }: HistoryCardData) {
  const { results } = textsFor(locale).history;
  const tones = rows.map((row) => outcomeOf(row, locale, now).tone);
  return toneOrder.map((tone) => {
    const count = tones.filter((each) => each === tone).length;
    return { tone, count, text: results[tone](count) };
  });
}

interface Outcome {
  readonly tone: Tone;
  readonly text: string;
}

function outcomeOf(row: HistoryRow, locale: Locale, now: number): Outcome {
  const { history } = textsFor(locale);
  const { action, outcome, reason, batch } = row;
  if (batch)
    return { tone: batchTone(batch), text: history.batch(batch.tokens, batch.completed, batch.running, batch.others) };
  if (outcome === 'started' || outcome === 'joined') return endOf(row, locale, now);
  if (outcome === 'refused') return refusalOf(reason, locale);
  if (outcome === 'done' && isKeyOf(history.done, action)) return { tone: 'plain', text: history.done[action] };
  if (isKeyOf(history.nothing, outcome)) return { tone: 'plain', text: history.nothing[outcome] };
  return { tone: 'warning', text: history.other(safeLine(outcome)) };
}

const { refusedLate, ...tones } = outcomeTones;
// The audit records a late refusal as `refused`.
const endTones = { ...tones, refused: refusedLate };

function endOf({ ended, at }: HistoryRow, locale: Locale, now: number): Outcome {
  const { history } = textsFor(locale);
  if (!ended) return { tone: 'busy', text: history.running(Math.max(0, now - at)) };
  if (!isKeyOf(endTones, ended.outcome)) return { tone: 'warning', text: history.other(safeLine(ended.outcome)) };
  const said = history.outcome[ended.outcome];
  return { tone: endTones[ended.outcome], text: typeof said === 'function' ? said(ended.tookMs) : said };
}

function batchTone({ running, others }: NonNullable<HistoryRow['batch']>): Tone {
  if (others > 0) return 'warning';
  return running > 0 ? 'busy' : 'good';
}

const refusedByIntune = [
  'badRequest',
  'tokenRejected',
  'claimsChallenge',
  'missingScope',
  'forbidden',
  'notFound',
  'throttled',
];
const refusedForState = ['expired', 'invalid', 'assignedToExternalMDM'];

/** A refusal before Intune was asked, or Intune's answer to the first request. */
function refusalOf(reason: string | undefined, locale: Locale): Outcome {
  const { outcome, nothing } = textsFor(locale).history;
  if (reason === undefined) return { tone: 'attention', text: nothing.refused };
  if (refusedByIntune.includes(reason)) return { tone: 'attention', text: outcome.refused };
  if (refusedForState.includes(reason)) return { tone: 'plain', text: nothing.hopeless };
  return { tone: 'attention', text: reason === 'notAudited' ? nothing.notAudited : nothing.refused };
}
