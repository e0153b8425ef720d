import type { Change, Uncompared } from '../domain/licenses.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { changeRow } from './change-row.ts';
import { untoned } from './tone.ts';

/** One change of one token of many; `name` is what the plan called the token. */
export interface BatchChange {
  readonly name: string;
  readonly change: Change;
}

/** What many syncs changed. */
export interface BatchReceipt {
  /** The largest first; those after the tenth are only counted. */
  readonly changes: readonly BatchChange[];
  /** Of the tokens whose sync completed: whether their licences were compared. */
  readonly licenses: {
    readonly compared: number;
    readonly notCompared: number;
    /** When it is the same for all that were not compared. */
    readonly why?: Uncompared;
    readonly approximate: boolean;
  };
}

const mostChanges = 10;

/** The changes as blocks of a card, and what has to be said about them. A receipt that is still missing is being found out. */
export function batchReceiptBlocks(receipt: BatchReceipt | undefined, locale: Locale, kind: ConversationKind) {
  const { card, sync } = textsFor(locale);
  if (!receipt) return { changes: [], notes: [sync.licenses.pending] };
  const { changes } = receipt;
  const rest = changes.length - mostChanges;
  const rows = changes.slice(0, mostChanges).map(({ name, change }) => {
    const { label, runs, dates } = changeRow(change, locale, kind);
    const said = [label, ...runs.map(({ text }) => text)].join(' · ');
    return { name: card.labelled(plain(name)), text: said, dates };
  });
  const block = { heading: card.label.changed, rows, more: rest > 0 ? [untoned(card.moreChanges(rest))] : [] };
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
