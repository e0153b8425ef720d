import { hashedColumns } from '../store/audit-chain.ts';
import type { AuditEntryRow } from '../store/audit-rows.ts';

/** The columns of an export, in their order: all that an entry's hash covers, then the hash. */
export const exportColumns = [...hashedColumns, 'hash'] as const;

/** Stands where an entry's number would, in the last record; its second cell is the head as JSON. */
export const headMark = 'head';

export interface ExportHead {
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
  /** The newest entry there was, exported or not: what later states of the audit must still hold. */
  readonly newest: number;
  readonly newestHash: string;
  /** ISO 8601, in UTC. */
  readonly exportedAt: string;
  /** Ed25519, SPKI in base64. */
  readonly publicKey: string;
  /** The last entry that was signed because an operator accepted it, and not because its seal could be verified. */
  readonly unproven?: { readonly last: number; readonly lastHash: string };
}

export type SignedHead = ExportHead & { readonly signature: string };

/** What the signature is made over: a JSON array without spaces; longer by two where entries were accepted unproven. */
export function signedText(head: ExportHead): string {
  const { format, count, span, newest, newestHash, exportedAt, publicKey, unproven } = head;
  const { first = null, last = null, previousHash = null, firstHash = null, lastHash = null } = span ?? {};
  return JSON.stringify([
    ...[format, count, first, last, previousHash, firstHash, lastHash],
    ...[newest, newestHash, exportedAt, publicKey],
    ...(unproven ? [unproven.last, unproven.lastHash] : []),
  ]);
}

/** An entry as cells: times as ISO 8601 in UTC, nothing as an empty cell. */
export const toCells = (entry: AuditEntryRow): string[] =>
  exportColumns.map((column) => {
    if (column === 'at') return new Date(entry.at).toISOString();
    return String(entry[column] ?? '');
  });

/** The entry that cells stand for; undefined when they are not as `toCells` writes them. */
export function findEntry(cells: readonly string[]): AuditEntryRow | undefined {
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
