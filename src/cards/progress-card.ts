import type { Change, Uncompared } from '../domain/licenses.ts';
import type { Stopped } from '../domain/sync-run.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { isKeyOf, textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import {
  bandOf,
  barOf,
  buttonsOf,
  type CardButton,
  header,
  line,
  lineWithSymbol,
  render,
  type Tone,
} from './render.ts';
import { changeRow } from './token-parts.ts';
import { stateWord } from './token-state.ts';

/** Where the tokens of a batch ended up; `waiting` and `running` have not ended. */
export type ProgressCounts = Readonly<
  Record<'completed' | 'failed' | 'noResult' | 'notStarted' | 'running' | 'waiting' | 'joined', number>
>;

export interface Trouble {
  readonly name: string;
  readonly kind: 'failed' | 'noResult' | 'notStarted';
  /** A key of the texts' `syncAll.reason`; one that has no words is shown as it came. */
  readonly outcome: string;
  /** State of the token after a sync that failed, as Graph calls it. */
  readonly detail?: string;
}

export interface ProgressCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  readonly person: string;
  readonly counts: ProgressCounts;
  /** The largest trouble first; those after the twelfth are only counted. */
  readonly troubles: readonly Trouble[];
  readonly stopped?: Stopped;
  /** Once all have ended; missing until it is known. */
  readonly receipt?: BatchReceipt;
  readonly elapsedMs: number;
  /** Opaque id of the record behind the buttons; without one there are none. */
  readonly recordId?: string;
  /** The turn's correlationId. */
  readonly reference: string;
}

const mostTroubles = 12;
const tones: Readonly<Record<Trouble['kind'], Tone>> = {
  failed: 'attention',
  noResult: 'warning',
  notStarted: 'plain',
};

/** Many syncs on one card: how far they are, then how each that did not complete ended. */
export function progressCard(data: ProgressCardData): CardContent {
  const { locale, troubles } = data;
  const { syncAll, card } = textsFor(locale);
  const { progress } = syncAll;
  const rest = troubles.length - mostTroubles;
  const rows = troubles.slice(0, mostTroubles).map((trouble) => {
    const { text: name, color } = lineWithSymbol(tones[trouble.kind], card.labelled(safeLine(trouble.name)));
    return { name, color, reason: reasonOf(trouble, locale) };
  });
  const hasCompleted = hasEnded(data) && data.counts.completed > 0;
  const receipt = hasCompleted
    ? batchReceiptBlocks(data.receipt, locale, data.conversationKind)
    : { changes: [], notes: [] };
  return render('progress-card', locale, summaryOfProgressCard(data), {
    ...header(progress.title(totalOf(data.counts))),
    band: [bandOf(toneOf(data), bandTextOf(data))],
    bar: barOf(toneOf(data), doneOf(data), totalOf(data.counts)),
    counts: countLines(data),
    notices: data.stopped ? [noticeOf(data, data.stopped)] : [],
    troubles:
      rows.length === 0 ? [] : [{ heading: progress.trouble, rows, more: rest > 0 ? [line(progress.more(rest))] : [] }],
    changes: receipt.changes,
    notes: [
      ...receipt.notes,
      ...(data.conversationKind === 'personal' ? [] : [safeSentence(progress.askedBy(safeLine(data.person)))]),
      ...(hasEnded(data) ? [] : [progress.follows]),
      ...(data.stopped ? [card.reference(safeLine(data.reference))] : []),
    ].map((text) => ({ text })),
    ...buttonsOf(listButtons(data)),
  });
}

/** What helps once it has ended: first what did not complete, then the tokens as they are now, and who did what. */
function listButtons({ locale, counts, recordId: id }: ProgressCardData): CardButton[] {
  if (id === undefined) return [];
  const { action } = textsFor(locale).syncAll.progress;
  const { failed, noResult, notStarted } = counts;
  return [
    ...(failed + noResult + notStarted > 0 ? [{ title: action.retry, verb: 'batch/retry', id }] : []),
    { title: action.list, verb: 'batch/list', id },
    { title: action.history, verb: 'batch/history', id },
  ];
}

/** One line for toasts, such as "11 of 12 tokens synced in 42 seconds". */
export function summaryOfProgressCard(data: ProgressCardData): string {
  const { progress } = textsFor(data.locale).syncAll;
  const { counts, elapsedMs } = data;
  const total = totalOf(counts);
  if (!hasEnded(data)) return progress.running(total - counts.running - counts.waiting, total);
  return counts.completed === total
    ? progress.ended.good(total, elapsedMs)
    : progress.ended.mixed(counts.completed, total, elapsedMs);
}

const totalOf = ({ joined: _, ...ends }: ProgressCounts) => Object.values(ends).reduce((sum, count) => sum + count, 0);
const hasEnded = ({ counts }: ProgressCardData) => counts.running + counts.waiting === 0;

function toneOf(data: ProgressCardData): Tone {
  const { completed, failed, noResult, notStarted } = data.counts;
  if (!hasEnded(data)) return 'busy';
  if (failed > 0 && completed === 0) return 'attention';
  return failed + noResult + notStarted > 0 ? 'warning' : 'good';
}

function bandTextOf(data: ProgressCardData): string {
  const { progress } = textsFor(data.locale).syncAll;
  const { counts, elapsedMs } = data;
  if (hasEnded(data)) return summaryOfProgressCard(data);
  return `${progress.done(doneOf(data), totalOf(counts))} · ${progress.elapsed(elapsedMs)}`;
}

/** While it goes on those that have ended, then those that completed. */
function doneOf(data: ProgressCardData): number {
  const { counts } = data;
  return hasEnded(data) ? counts.completed : totalOf(counts) - counts.running - counts.waiting;
}

function countLines(data: ProgressCardData) {
  const { counts } = data;
  const { count } = textsFor(data.locale).syncAll.progress;
  const line = (of: keyof ProgressCounts, tone: Tone) =>
    counts[of] === 0 ? [] : [lineWithSymbol(tone, count[of](counts[of]))];
  return [
    ...line('completed', 'good'),
    ...line('failed', 'attention'),
    ...line('noResult', 'warning'),
    ...line('notStarted', 'warning'),
    ...line('running', 'busy'),
    ...line('waiting', 'plain'),
    ...line('joined', 'plain'),
  ];
}

function noticeOf({ locale }: ProgressCardData, stopped: Stopped) {
  const { syncAll, errors, card } = textsFor(locale);
  const { progress } = syncAll;
  const heading = (text: string) => {
    const line = lineWithSymbol('attention', text);
    return { heading: line.text, color: line.color };
  };
  const part = (key: 'cause' | 'who' | 'next', text: string) => ({ label: card.labelled(card.label[key]), text });
  if (stopped.reason === 'restarted') {
    return { ...heading(progress.restarted), parts: [part('next', progress.restartedNext)] };
  }
  const { cause, who, next } =
    stopped.reason === 'missingScope'
      ? errors.graph.missingScope(stopped.scopes.map((scope) => safeLine(scope)))
      : errors.graph[stopped.reason === 'forbidden' ? 'forbidden' : 'tokenRejected'];
  return {
    ...heading(progress.stopped),
    parts: [part('cause', safeSentence(cause)), part('who', who), part('next', next)],
  };
}

function reasonOf({ outcome, detail }: Trouble, locale: Locale): string {
  const { reason } = textsFor(locale).syncAll;
  if (outcome === 'failed' && detail !== undefined) return reason.failedIn(stateWord(detail, locale));
  const { failedIn: _, ...words } = reason;
  return isKeyOf(words, outcome) ? words[outcome] : safeLine(outcome);
}

/** One change of one token of many; `name` is the token's name in the plan. */
interface BatchChange {
  readonly name: string;
  readonly change: Change;
}

/** The changes that a batch of syncs brought. */
export interface BatchReceipt {
  /** The largest first; those after the tenth are only counted. */
  readonly changes: readonly BatchChange[];
  /** Counts the tokens whose sync completed, by comparison of their licences. */
  readonly licenses: {
    readonly compared: number;
    readonly notCompared: number;
    /** When it is the same for all that were not compared. */
    readonly why?: Uncompared;
    readonly approximate: boolean;
  };
}

const mostChanges = 10;

/** The changes as blocks of a card, with notes on what could not be compared. Without a receipt the comparison still runs. */
function batchReceiptBlocks(receipt: BatchReceipt | undefined, locale: Locale, kind: ConversationKind) {
  const { card, sync } = textsFor(locale);
  if (!receipt) return { changes: [], notes: [sync.licenses.pending] };
  const { changes } = receipt;
  const rest = changes.length - mostChanges;
  const rows = changes.slice(0, mostChanges).map(({ name, change }) => {
    const { label, runs, dates } = changeRow(change, locale, kind);
    const said = [label, ...runs.map(({ text }) => text)].join(' · ');
    return { name: card.labelled(safeLine(name)), text: said, dates };
  });
  const block = { heading: card.label.changed, rows, more: rest > 0 ? [line(card.moreChanges(rest))] : [] };
  return { changes: rows.length === 0 ? [] : [block], notes: notesOf(receipt, locale) };
}

function notesOf({ changes, licenses }: BatchReceipt, locale: Locale): string[] {
  const { batch, licenses: words } = textsFor(locale).sync;
  const { compared, notCompared, why, approximate } = licenses;
  const unchanged = notCompared === 0 ? batch.nothingChanged : batch.tokensUnchanged;
  const missing = why === undefined ? batch.notCompared(notCompared) : batch.notComparedAs(notCompared, words.why[why]);
  return [
    ...(changes.length === 0 && compared + notCompared > 0 ? [unchanged] : []),
    ...(notCompared > 0 ? [missing] : []),
    ...(approximate ? [words.approximate] : []),
  ];
}
