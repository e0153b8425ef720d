import { z } from 'zod';
import { parseJson } from '../lib/json.ts';
import {
  type AuditHead,
  type AuditSeals,
  type AuditSegment,
  followLinks,
  genesisHash,
  hashedColumns,
  type Link,
} from '../store/audit-chain.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { AuditEntryRow } from '../store/audit-rows.ts';
import { type AuditKeys, fingerprintOf, isSigned } from './audit.ts';
import { followChain, isProven } from './verify.ts';

interface ExportParts {
  readonly entries: AuditLog;
  readonly keys: AuditKeys;
  readonly now: () => number;
}

/** From the first entry not older than `from` to the last that is older than `to`, and all between. Epoch milliseconds. */
export interface ExportSpan {
  readonly from: number;
  readonly to: number;
}

/** Entries would have been signed that nothing shows to be the bot's. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';
  readonly segments: readonly AuditSegment[];

  constructor(segments: readonly AuditSegment[]) {
    super('A part of the audit cannot be proven. Nothing was signed.');
    this.segments = segments;
  }
}

const pageSize = 1_000;

/**
 * The audit as CSV, a piece at a time: a header, the entries, and at last the signed head. Throws before the first piece where the
 * chain does not hold from the first of the entries to the sealed head, and an `UnprovenError` where it holds but an exported entry, or
 * the head, is sealed with a key that proves nothing.
 */
export async function* exportAudit(
  { entries, keys, now }: ExportParts,
  { from, to }: ExportSpan,
): AsyncGenerator<string> {
  const head = await entries.findHead();
  if (!head || head.sealed === 'wrong') throw new Error('The head of the audit is not as it was written.');
  const newest = await entries.findNewestSeq();
  if (newest < head.seq && head.anchor_seq < head.seq) throw brokenAt(newest + 1);
  const found = await entries.findSpan(from, to);
  const span = found && found.first <= head.seq ? { ...found, last: Math.min(found.last, head.seq) } : undefined;
  const before = span && (await entries.findLink(span.first - 1));
  if (span && !before) throw brokenAt(span.first);
  const lastHash = await proveSpan(entries, keys.seals, { head, before, lastSeq: span?.last });

  yield toCsvRecord(exportColumns);
  let last: Link | undefined;
  let firstHash = '';
  for await (const { page, end } of span && before ? listFollowed(entries, before, span.last) : []) {
    firstHash ||= page[0]?.hash ?? '';
    last = end;
    yield page.map((entry) => toCsvRecord(toCells(entry))).join('');
  }
  // Somebody may have changed them since they were proven.
  if (span && last?.hash !== lastHash) throw brokenAt(span.last);
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

/** Entries after `before` are proven when the chain leads from them to the sealed head. Resolves to the last one's hash. */
async function proveSpan(
  entries: AuditLog,
  seals: AuditSeals,
  { head, before, lastSeq }: { head: AuditHead; before: Link | undefined; lastSeq: number | undefined },
): Promise<string | undefined> {
  let lastHash: string | undefined;
  const anchor: Link = { seq: head.anchor_seq, hash: head.anchor_hash };
  const chain = await followChain({ entries, seals }, before ?? anchor, head, (page) => {
    lastHash = page.find(({ seq }) => seq === lastSeq)?.hash ?? lastHash;
  });
  if (chain.kind === 'broken') throw brokenAt(chain.broken.seq);
  const unproven = chain.segments.filter(
    (segment) => !isProven(segment) && (segment.endedAt === undefined || segment.first <= (lastSeq ?? 0)),
  );
  if (unproven.length > 0) throw new UnprovenError(unproven);
  return lastHash;
}

/** Entries from the one after `before` to `lastSeq`, a page at a time, each followed from the one before it. */
async function* listFollowed(
  entries: AuditLog,
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

/** The columns of an export, in their order: all that an entry's hash covers, then the hash. */
const exportColumns = [...hashedColumns, 'hash'] as const;

/** The first cell of the last record, in place of an entry's number; the second is the head as JSON. */
const headMark = 'head';

interface ExportHead {
  readonly format: 'vpp-sync audit export 1';
  readonly count: number;
  /** Absent where nothing was exported. `previousHash` is what the first entry's hash follows from. */
  readonly span?: {
    readonly first: number;
    readonly last: number;
    readonly previousHash: string;
    readonly firstHash: string;
    readonly lastHash: string;
  };
  /** The newest entry at that time, exported or not; later states of the audit must still hold it. */
  readonly newest: number;
  readonly newestHash: string;
  /** ISO 8601, in UTC. */
  readonly exportedAt: string;
  /** Ed25519, SPKI in base64. */
  readonly publicKey: string;
}

export type SignedHead = ExportHead & { readonly signature: string };

/** The text that the signature is made over: a JSON array without spaces. */
export function signedText(head: ExportHead): string {
  const { format, count, span, newest, newestHash, exportedAt, publicKey } = head;
  const { first = null, last = null, previousHash = null, firstHash = null, lastHash = null } = span ?? {};
  return JSON.stringify([
    format,
    count,
    first,
    last,
    previousHash,
    firstHash,
    lastHash,
    newest,
    newestHash,
    exportedAt,
    publicKey,
  ]);
}

/** An entry as cells: times as ISO 8601 in UTC, nothing as an empty cell. */
const toCells = (entry: AuditEntryRow): string[] =>
  exportColumns.map((column) => {
    if (column === 'at') return new Date(entry.at).toISOString();
    return String(entry[column] ?? '');
  });

/** The entry of these cells; undefined when they are not as `toCells` writes them. */
function findEntry(cells: readonly string[]): AuditEntryRow | undefined {
  if (cells.length !== exportColumns.length) return undefined;
  const values = exportColumns.map((column, index) => {
    const cell = cells[index] ?? '';
    if (column === 'seq') return Number(cell);
    if (column === 'at') return Date.parse(cell);
    return cell === '' ? null : cell;
  });
  const entry = Object.fromEntries(
    exportColumns.map((column, index) => [column, values[index]]),
  ) as unknown as AuditEntryRow;
  const isReadable = Number.isSafeInteger(entry.seq) && Number.isSafeInteger(entry.at);
  return isReadable && toCells(entry).every((cell, index) => cell === cells[index]) ? entry : undefined;
}

export type ExportVerdict =
  | { readonly ok: true; readonly head: SignedHead; readonly fingerprint: string }
  /** `why` is a sentence for the operator. */
  | { readonly ok: false; readonly why: string };

/** Canonical base64 alone. */
const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text);
const hash = z.string().regex(/^[\da-f]{64}$/);
const headShape = z.strictObject({
  format: z.literal('vpp-sync audit export 1'),
  count: z.int().nonnegative(),
  span: z
    .strictObject({
      first: z.int().positive(),
      last: z.int().positive(),
      previousHash: hash,
      firstHash: hash,
      lastHash: hash,
    })
    .optional(),
  newest: z.int().nonnegative(),
  newestHash: hash,
  exportedAt: z.iso.datetime(),
  publicKey: base64,
  signature: base64,
});

/** `npm run` without `--silent` prints this before a script's own output. */
const npmBanner = /^(?:\r?\n|> [^\r\n]*\r?\n)*/;

/**
 * Checks that an export is whole and as it was written: its signature fits its head, and the head fits every entry. The reader must
 * compare the fingerprint: anybody can sign with a key of their own.
 */
export function verifyExport(text: string): ExportVerdict {
  const no = (why: string): ExportVerdict => ({ ok: false, why });
  const records = findCsvRecords(text.replace(npmBanner, ''));
  if (!records) return no('It is no export of the audit: it is not CSV as the export writes it.');
  const [header, ...rows] = records;
  const last = rows.pop();
  if (header?.join() !== exportColumns.join()) return no('It is no export of the audit: its columns are others.');
  const head = last ? findSignedHead(last) : undefined;
  if (!head) return no('Its signed head is missing: it was cut short.');
  const { signature, ...signed } = head;
  if (!isSigned(signedText(signed), signature, head.publicKey)) return no('Its signature does not fit its head.');

  const entries = rows.map(findEntry);
  const unreadable = entries.indexOf(undefined);
  if (unreadable >= 0) return no(`Record ${unreadable + 2} is not as the export writes it.`);
  const whole = entries.filter((entry) => entry !== undefined);
  const { span, count } = head;
  if (whole.length !== count) return no(`It holds ${whole.length} entries, and its head says ${count}.`);
  if (span) {
    const followed = followLinks({ seq: span.first - 1, hash: span.previousHash }, whole);
    if (followed.broken) return no(`It is not as it was written, from entry ${followed.broken.seq} on.`);
    const isNamed =
      followed.last.seq === span.last && followed.last.hash === span.lastHash && whole[0]?.hash === span.firstHash;
    if (!isNamed || (span.first === 1 && span.previousHash !== genesisHash))
      return no('Its entries are not those its head names.');
  } else if (count > 0) return no('Its head names no entries.');
  return { ok: true, head, fingerprint: fingerprintOf(head.publicKey) };
}

function findSignedHead([mark, text = '', ...others]: readonly string[]): SignedHead | undefined {
  if (mark !== headMark || others.some((cell) => cell !== '')) return undefined;
  return headShape.safeParse(parseJson(text)).data as SignedHead | undefined;
}

/**
 * A record as RFC 4180 writes it, every cell quoted. Nothing in it can become a formula: a cell that begins with a sign that
 * spreadsheets calculate with (or with an apostrophe, so that reading can remove it again) gets an apostrophe before it.
 * Source: OWASP "CSV Injection".
 */
export const toCsvRecord = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${guarded(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;

const calculating = /^[=+\-@\t\r\n'＝＋－＠]/u;

const guarded = (cell: string) => (calculating.test(cell) ? `'${cell}` : cell);
const unguarded = (cell: string) => (cell.startsWith("'") ? cell.slice(1) : cell);

/** The records of a text that `toCsvRecord` wrote; undefined when any of it has another form. Lines may end in LF alone. */
export function findCsvRecords(text: string): string[][] | undefined {
  const records: string[][] = [];
  const cell = /"((?:[^"]|"")*)"(,|\r?\n)/y;
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) return undefined;
    const [, quoted = '', end] = found;
    record.push(unguarded(quoted.replaceAll('""', '"')));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return record.length === 0 ? records : undefined;
}
