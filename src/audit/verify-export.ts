import { z } from 'zod';
import { followLinks, genesisHash } from '../store/audit-chain.ts';
import { fingerprintOf, isSigned } from './audit-keys.ts';
import { findCsvRecords } from './csv.ts';
import { exportColumns, findEntry, headMark, type SignedHead, signedText } from './export-format.ts';

export type ExportVerdict =
  | { readonly ok: true; readonly head: SignedHead; readonly fingerprint: string }
  /** A sentence for whoever asked. */
  | { readonly ok: false; readonly why: string };

/** Written in one way only. */
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
  unproven: z.strictObject({ last: z.int().nonnegative(), lastHash: hash }).optional(),
  signature: base64,
});

/** What `npm run` prints before a script's own output, when it was not told to be silent. */
const npmBanner = /^(?:\r?\n|> [^\r\n]*\r?\n)*/;

/**
 * Whether an export is whole and as it was written: its signature fits its head, and the head fits every entry. Whose key it was
 * signed with is for the reader to compare: anybody can sign with a key of their own.
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
    const isTold =
      followed.last.seq === span.last && followed.last.hash === span.lastHash && whole[0]?.hash === span.firstHash;
    if (!isTold || (span.first === 1 && span.previousHash !== genesisHash))
      return no('Its entries are not those its head names.');
  } else if (count > 0) return no('Its head names no entries.');
  return { ok: true, head, fingerprint: fingerprintOf(head.publicKey) };
}

function findSignedHead([mark, text = '', ...others]: readonly string[]): SignedHead | undefined {
  if (mark !== headMark || others.some((cell) => cell !== '')) return undefined;
  try {
    const read = headShape.safeParse(JSON.parse(text));
    return read.success ? (read.data as SignedHead) : undefined;
  } catch {
    return undefined;
  }
}
