import { textsFor } from '../i18n/texts.ts';
import type { Locale } from '../turn.ts';
import type { CardContent } from './card-content.ts';
import { clientDateTime } from './instant.ts';
import { plain } from './plain.ts';
import { render } from './render.ts';
import { outcomeTones, type SyncOutcome } from './token-phase.ts';
import { type Tone, toned } from './tone.ts';

export interface HistoryRow {
  /** Already `plain`; absent where all rows are of one token. */
  readonly tokenName?: string;
  readonly requesterName: string;
  readonly joined: boolean;
  /** Absent while the sync goes on. Open. */
  readonly outcome?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface HistoryCardData {
  readonly locale: Locale;
  readonly now: number;
  /** The one token asked about, already `plain`. */
  readonly tokenName?: string;
  /** Newest first, all of them shown. */
  readonly rows: readonly HistoryRow[];
  /** Syncs there are, those not in `rows` included. */
  readonly total: number;
}

/** Who synced what, when, and how it ended. */
export function historyCard(data: HistoryCardData): CardContent {
  const { locale, tokenName, rows, total } = data;
  const { history } = textsFor(locale);
  const more = total - rows.length;
  const none = tokenName === undefined ? history.none : history.noneOf(tokenName);
  return render('history-card', locale, summaryOfHistoryCard(data), {
    heading: history.heading,
    subtitle: tokenName === undefined ? [] : [{ text: tokenName }],
    none: rows.length === 0 ? [{ text: none }] : [],
    rows: rows.map((row) => rowOf(row, data)),
    more: more > 0 ? [{ text: history.more(more) }] : [],
    scope: history.scope,
  });
}

export const summaryOfHistoryCard = ({ locale, tokenName, total }: HistoryCardData): string => {
  const { history } = textsFor(locale);
  return tokenName === undefined ? history.summary(total) : history.summaryOf(tokenName, total);
};

function rowOf(row: HistoryRow, { locale, now }: HistoryCardData) {
  const { history } = textsFor(locale);
  const { tone, text } = outcomeOf(row, locale, now);
  const { text: outcome, color } = toned(tone, text);
  const about = [row.tokenName, plain(row.requesterName), row.joined ? history.joined : undefined];
  return {
    outcome,
    color,
    about: about.filter((part) => part !== undefined && part !== '').join(' · '),
    when: clientDateTime(row.startedAt),
  };
}

type Outcome = SyncOutcome | 'refused';

const tones: Readonly<Record<Outcome, Tone>> = { ...outcomeTones, refused: 'attention' };

function outcomeOf({ outcome, startedAt, endedAt }: HistoryRow, locale: Locale, now: number) {
  const { history } = textsFor(locale);
  const tookMs = Math.max(0, (endedAt ?? now) - startedAt);
  if (outcome === undefined) return { tone: 'busy' as const, text: history.running(tookMs) };
  if (!isOutcome(outcome)) return { tone: 'warning' as const, text: history.other(plain(outcome)) };
  const said = history.outcome[outcome];
  return { tone: tones[outcome], text: typeof said === 'function' ? said(tookMs) : said };
}

const isOutcome = (outcome: string): outcome is Outcome => Object.hasOwn(tones, outcome);
