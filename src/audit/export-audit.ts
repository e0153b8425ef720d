import { followLinks, type Link } from '../store/audit-chain.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { AuditKeys } from './audit-keys.ts';
import { toCsvRecord } from './csv.ts';
import { type ExportHead, exportColumns, headMark, signedText, toCells } from './export-format.ts';

export interface ExportParts {
  readonly entries: Pick<AuditLog, 'findHead' | 'findNewestSeq' | 'findSpan' | 'findLink' | 'list'>;
  readonly keys: AuditKeys;
  readonly now: () => number;
}

/** From the first entry not older than `from` to the last that is older than `to`, and all between. Epoch milliseconds. */
export interface ExportSpan {
  readonly from: number;
  readonly to: number;
}

const pageSize = 1_000;

/**
 * The audit as CSV, a piece at a time: a header, the entries, and at last the signed head. Throws where the chain does not hold,
 * before the head: what was cut short is not signed.
 */
export async function* exportAudit(
  { entries, keys, now }: ExportParts,
  { from, to }: ExportSpan,
): AsyncGenerator<string> {
  const head = await entries.findHead();
  if (!head || head.sealed === 'wrong') throw new Error('The head of the audit is not as it was written.');
  const newest = await entries.findNewestSeq();
  if (newest < head.seq && head.anchor_seq < head.seq) throw brokenAt(newest + 1);
  yield toCsvRecord(exportColumns);
  const found = await entries.findSpan(from, to);
  const span = found && found.first <= head.seq ? { ...found, last: Math.min(found.last, head.seq) } : undefined;
  const before = span && (await entries.findLink(span.first - 1));
  if (span && !before) throw brokenAt(span.first);
  let last: Link | undefined = before;
  let firstHash = '';
  while (span && last && last.seq < span.last) {
    const page = await entries.list(last.seq, Math.min(pageSize, span.last - last.seq));
    const followed = followLinks(last, page);
    if (followed.broken || page.length === 0) throw brokenAt(followed.last.seq + 1);
    firstHash ||= page[0]?.hash ?? '';
    last = followed.last;
    yield page.map((entry) => toCsvRecord(toCells(entry))).join('');
  }
  const signed: ExportHead = {
    format: 'vpp-sync audit export 1',
    count: span ? span.last - span.first + 1 : 0,
    ...(span && before && last && { span: { ...span, previousHash: before.hash, firstHash, lastHash: last.hash } }),
    newest: head.seq,
    newestHash: head.hash,
    exportedAt: new Date(now()).toISOString(),
    publicKey: keys.publicKey,
  };
  const whole = JSON.stringify({ ...signed, signature: keys.sign(signedText(signed)) });
  yield toCsvRecord([headMark, whole, ...Array.from({ length: exportColumns.length - 2 }, () => '')]);
}

const brokenAt = (seq: number) =>
  new Error(`The audit is not as it was written, from entry ${seq} on. Nothing was signed.`);
