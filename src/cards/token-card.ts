import { findExpiry } from '../domain/token.ts';
import type { CardContent } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeSentence } from '../lib/text.ts';
import { render } from './render.ts';
import { clientDateTime, lineWithSymbol, type Tone } from './style.ts';
import { tokenNames } from './token-names.ts';
import {
  expiryRow,
  identityRows,
  lastSyncRow,
  stateBlock,
  stateWord,
  syncFailedAdvice,
  type TokenRowsData,
} from './token-parts.ts';
import { phaseBlocks, type TokenPhase } from './token-phase.ts';

export type TokenAction = 'syncNow' | 'refresh' | 'licences' | 'renew' | 'history';

export interface TokenCardData extends TokenRowsData {
  /** Opaque id of the stored record behind every button of this card. */
  readonly recordId: string;
  /** In the order shown. */
  readonly actions: readonly TokenAction[];
  readonly phase: TokenPhase;
  /** One sentence about this answer, such as a refused sync. */
  readonly notice?: { readonly text: string; readonly tone: Tone };
  /** Epoch milliseconds at which the token was read from Graph. */
  readonly readAt: number;
}

const verbs: Readonly<Record<TokenAction, string>> = {
  syncNow: 'sync/start',
  refresh: 'status/refresh',
  licences: 'licenses/show',
  renew: 'renew/show',
  history: 'history/show',
};

/** One token: its state with cause and next step, its facts, and the sync that the card follows or that ended. */
export function tokenCard(data: TokenCardData): CardContent {
  const { locale, token, phase, notice } = data;
  const { card, buttons } = textsFor(locale);
  const { title, others } = tokenNames(token, locale);
  const gone = phase.kind === 'ended' && phase.outcome === 'deleted';
  const isDateEarlier =
    phase.kind === 'ended' && phase.unmovedDate !== undefined && phase.unmovedDate === token.lastSyncDateTime;
  return render('token-card', locale, summaryOfTokenCard(data), {
    title,
    subtitle: others.length === 0 ? [] : [{ text: others.join(' · ') }],
    phase: phaseBlocks(data),
    notices: notice ? [lineWithSymbol(notice.tone, safeSentence(notice.text))] : [],
    states: gone ? [] : stateBlocks(data),
    rows: [...(gone ? [] : [expiryRow(data), lastSyncRow(data, isDateEarlier)]), ...identityRows(data)],
    asOf: `${card.asOf} ${clientDateTime(data.readAt)}`,
    actions: data.actions.map((action) => ({ title: buttons[action], verb: verbs[action], id: data.recordId })),
  });
}

/** One line for toasts, such as "Contoso Berlin: sync completed in 42 seconds". */
export function summaryOfTokenCard({ locale, now, token, phase }: TokenCardData): string {
  const { sync, card } = textsFor(locale);
  const { title } = tokenNames(token, locale);
  if (phase.kind === 'running') return phase.joined ? sync.joined(title) : sync.running(title);
  if (phase.kind === 'ended') return sync[phase.outcome](title, phase.durationMs);
  const expiry = findExpiry(token, now);
  const left = expiry && expiry.stage !== 'past' ? card.daysLeft(expiry.days) : undefined;
  return card.summary(title, stateWord(token.state, locale), left);
}

function stateBlocks({ token, now, locale, phase }: TokenCardData) {
  const own = stateBlock(token, now, locale);
  // A running sync is already the answer to a failed one; one that just ended has its receipt on the card.
  const failed = phase.kind === 'state' && token.lastSyncStatus === 'failed';
  const advice = failed ? syncFailedAdvice(token, now, locale) : [];
  if (advice.length === 0) return [own];
  const line = lineWithSymbol('attention', textsFor(locale).state.lastSyncFailed);
  return [own, { word: line.text, color: line.color, advice }];
}
