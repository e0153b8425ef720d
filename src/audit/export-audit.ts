import { followLinks, type Link } from '../store/audit-chain.ts';
import type { AuditHead } from '../store/audit-head.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { AuditEntryRow } from '../store/audit-rows.ts';
import type { AuditKeys } from './audit-keys.ts';
import { toCsvRecord } from './csv.ts';
import { type ExportHead, exportColumns, headMark, signedText, toCells } from './export-format.ts';
import { findHeadChanged, findUnproven, isAccepted, type Unproven } from './unproven.ts';
import { UnprovenError } from './unproven-error.ts';

export interface ExportParts {
  readonly entries: Pick<AuditLog, 'findHead' | 'findNewestSeq' | 'findSpan' | 'findLink' | 'list'>;
  readonly keys: AuditKeys;
  readonly now: () => number;
}

/** From the first entry not older than `from` to the last that is older than `to`, and all between. Epoch milliseconds. */
export interface ExportSpan {
  readonly from: number;
  readonly to: number;
  /** Hash of the last entry that cannot be proven, by which the operator takes it and all before it as they are. */
  readonly accepted?: string | undefined;
}

const pageSize = 1_000;

/**
 * The audit as CSV, a piece at a time: a header, the entries, and at last the signed head. Throws before the first piece where the
 * chain does not hold from the first of the entries to the sealed head, and an `UnprovenError` where it holds under a seal that
 * cannot be verified and that was not accepted.
 */
export async function* exportAudit(
  { entries, keys, now }: ExportParts,
  { from, to, accepted }: ExportSpan,
): AsyncGenerator<string> {
  const head = await entries.findHead();
  if (!head || head.sealed === 'wrong') throw new Error('The head of the audit is not as it was written.');
  const newest = await entries.findNewestSeq();
  if (newest < head.seq && head.anchor_seq < head.seq) throw brokenAt(newest + 1);
  const found = await entries.findSpan(from, to);
  const span = found && found.first <= head.seq ? { ...found, last: Math.min(found.last, head.seq) } : undefined;
  const before = span && (await entries.findLink(span.first - 1));
  if (span && !before) throw brokenAt(span.first);
  const held = span && before && (await followToHead(entries, before, head, span.last));
  const unproven = head.sealed === 'otherKey' ? { seq: head.seq, hash: head.hash } : held?.unproven;
  if (unproven && !isAccepted(unproven, accepted)) throw new UnprovenError(unproven);

  yield toCsvRecord(exportColumns);
  let last: Link | undefined;
  let firstHash = '';
  for await (const { page, end } of span && before ? listFollowed(entries, before, span.last) : []) {
    firstHash ||= page[0]?.hash ?? '';
    last = end;
    yield page.map((entry) => toCsvRecord(toCells(entry))).join('');
  }
  // Between the two readings somebody may have been quick.
  if (span && last?.hash !== held?.lastHash) throw brokenAt(span.last);
  const signed: ExportHead = {
    format: 'vpp-sync audit export 1',
    count: span ? span.last - span.first + 1 : 0,
    ...(span && before && last && { span: { ...span, previousHash: before.hash, firstHash, lastHash: last.hash } }),
    newest: head.seq,
    newestHash: head.hash,
    exportedAt: new Date(now()).toISOString(),
    publicKey: keys.publicKey,
    ...(unproven && { unproven: { last: unproven.seq, lastHash: unproven.hash } }),
  };
  const whole = JSON.stringify({ ...signed, signature: keys.sign(signedText(signed)) });
  yield toCsvRecord([headMark, whole, ...Array.from({ length: exportColumns.length - 2 }, () => '')]);
}

/** What the seal says of entries after `before`: they are its own when the chain leads from them to the sealed head. */
async function followToHead(
  entries: Pick<AuditLog, 'list'>,
  before: Link,
  head: AuditHead,
  lastSeq: number,
): Promise<{ readonly lastHash: string | undefined; readonly unproven: Unproven | undefined }> {
  let last = before;
  let lastHash: string | undefined;
  let unproven: Unproven | undefined;
  for await (const { page, end } of listFollowed(entries, before, head.seq)) {
    const told = findHeadChanged(page);
    if (told) throw brokenAt(told.seq);
    const found = findUnproven(last, page);
    // What is unproven before all of these is none of them.
    if (found && found.seq > before.seq) unproven = found;
    lastHash = page.find(({ seq }) => seq === lastSeq)?.hash ?? lastHash;
    last = end;
  }
  if (last.hash !== head.hash) throw brokenAt(head.seq);
  return { lastHash, unproven };
}

/** Entries from the one after `before` to `lastSeq`, a page at a time, each followed from the one before it. */
async function* listFollowed(
  entries: Pick<AuditLog, 'list'>,
  before: Link,
  lastSeq: number,
): AsyncGenerator<{ readonly page: readonly AuditEntryRow[]; readonly end: Link }> {
  let last = before;
  while (last.seq < lastSeq) {
    const page = await entries.list(last.seq, Math.min(pageSize, lastSeq - last.seq));
    const followed = followLinks(last, page);
    if (followed.broken || page.length === 0) throw brokenAt(followed.last.seq + 1);
    last = followed.last;
    yield { page, end: last };
  }
}

const brokenAt = (seq: number) =>
  new Error(`The audit is not as it was written, from entry ${seq} on. Nothing was signed.`);
