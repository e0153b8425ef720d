import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { createGetDatabasePassword } from '../identity/credential.ts';
import { createDeriveKey, keyPurposes, listOtherDeriveKeys } from '../identity/keys.ts';
import type { AuditSegment } from '../store/audit-chain.ts';
import { type AuditLog, createAuditLog } from '../store/audit-log.ts';
import { openDatabase } from '../store/database.ts';
import { createLogId } from '../telemetry/log.ts';
import { type AuditKeys, createAuditKeys } from './audit.ts';
import { type ExportVerdict, exportAudit, UnprovenError, verifyExport } from './export.ts';
import { verifyAudit } from './verify.ts';

type AuditCommand =
  | { readonly kind: 'export'; readonly from: number; readonly to: number; readonly out: string | undefined }
  | { readonly kind: 'verify'; readonly file: string; readonly key: string | undefined }
  | { readonly kind: 'check'; readonly against: string | undefined }
  | { readonly kind: 'logId'; readonly id: string };

interface AuditOutput {
  /** Writes the answer; resolves when more may be written. */
  write(text: string): Promise<void>;
  /** Writes a sentence about the answer beside it. */
  say(sentence: string): void;
}

interface AuditCommandParts {
  /** Called by the commands that need it. */
  readonly getConfig: () => Config;
  readonly output: AuditOutput;
  readonly now: () => number;
}

/** Exit codes. `unproven`: it may be as it was written, and it may not. */
const well = 0;
const notWell = 1;
const unproven = 3;
type Exit = typeof well | typeof notWell | typeof unproven;

/** Does what an operator asks of the audit. Resolves to its exit code; throws a sentence when it cannot be done. */
export async function runAuditCommand(command: AuditCommand, parts: AuditCommandParts): Promise<Exit> {
  const { getConfig, output, now } = parts;
  switch (command.kind) {
    case 'logId':
      await output.write(`${createLogId(() => createDeriveKey(getConfig())(keyPurposes.logIds))(command.id)}\n`);
      return well;
    case 'verify':
      return describeExport(verifyExport(await readFile(command.file, 'utf8')), command, output);
    case 'check':
      return withAudit(parts, (entries, keys) => check(entries, keys, command, output));
    case 'export':
      return withAudit(parts, async (entries, keys) => {
        const pieces = exportAudit({ entries, keys, now }, command);
        try {
          if (command.out === undefined) for await (const piece of pieces) await output.write(piece);
          else await writeNewFile(command.out, pieces);
        } catch (error) {
          if (!(error instanceof UnprovenError)) throw error;
          describeUnproven(error.segments, output);
          output.say('Nothing was signed.');
          return unproven;
        }
        output.say(`Signed with the key ${keys.seals.own.keyId}.`);
        return well;
      });
  }
}

async function withAudit<T>(
  { getConfig, now }: AuditCommandParts,
  work: (entries: AuditLog, keys: AuditKeys) => Promise<T>,
): Promise<T> {
  const config = getConfig();
  const { database } = config;
  if (database.kind === 'sqlite' && !existsSync(database.path)) {
    throw new Error(`DATABASE_URL names ${database.path}, and there is no such file.`);
  }
  const keys = createAuditKeys(createDeriveKey(config), listOtherDeriveKeys(config));
  const db = await openDatabase(database, { getPassword: createGetDatabasePassword(config) });
  try {
    return await work(createAuditLog({ db, seals: keys.seals, now }), keys);
  } finally {
    await db.destroy();
  }
}

const ownerOnly = 0o600;

/** Refuses a file that is there: an earlier export is evidence. */
async function writeNewFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  let file: FileHandle | undefined;
  try {
    for await (const piece of pieces) {
      // Opened with the first piece, so that a refused export leaves no file.
      file ??= await open(path, 'wx', ownerOnly);
      await file.write(piece);
    }
  } finally {
    await file?.close();
  }
}

function describeExport(
  verdict: ExportVerdict,
  { key }: { readonly key: string | undefined },
  { say }: AuditOutput,
): Exit {
  if (!verdict.ok) {
    say(verdict.why);
    return notWell;
  }
  const { head, fingerprint } = verdict;
  const { count, span, exportedAt } = head;
  const which = span ? ` (${span.first} to ${span.last})` : '';
  say(`It holds ${count} entries${which}, whole and as they were exported at ${exportedAt}.`);
  say(`Signed with the key ${fingerprint}. Compare it with the one that the bot logs at its start.`);
  if (key === undefined || key.toLowerCase() === fingerprint) return well;
  say(`That is not the key ${key}.`);
  return notWell;
}

function describeUnproven(segments: readonly AuditSegment[], { say }: AuditOutput): void {
  for (const { first, last, keyId, sealed } of segments) {
    const whose = sealed === 'other' ? 'the bot has replaced since' : 'is not at hand';
    say(`Entries ${first} to ${last.seq} are not proven: they are sealed with the key ${keyId}, which ${whose}.`);
  }
  if (segments.some(({ sealed }) => sealed === 'other')) say('Start the bot with its new key, then check again.');
  if (segments.some(({ sealed }) => sealed === 'unknown')) {
    say('If that was a key of the bot, give it as AUDIT_OTHER_KEY. If it was not, somebody else wrote these entries.');
  }
}

async function check(
  entries: AuditLog,
  { seals }: AuditKeys,
  { against }: { readonly against: string | undefined },
  output: AuditOutput,
): Promise<Exit> {
  const { say } = output;
  const verdict = await verifyAudit({ entries, seals });
  if (verdict.kind === 'broken') {
    say(`The audit is not as it was written, from entry ${verdict.seq} on: ${verdict.fault}.`);
    return notWell;
  }
  if (verdict.kind === 'unproven') {
    say(`All ${verdict.entries} entries fit one another.`);
    describeUnproven(verdict.unproven, output);
    say('Every other entry is as it was written.');
  } else {
    const since = verdict.since === undefined ? '' : `, since ${new Date(verdict.since).toISOString()}`;
    say(`All ${verdict.entries} entries are as they were written${since}.`);
  }
  if (against !== undefined && !(await compare(entries, verifyExport(await readFile(against, 'utf8')), say)))
    return notWell;
  return verdict.kind === 'intact' ? well : unproven;
}

/** An export shows what even whoever has the key cannot undo: that the audit still holds what it held then. */
async function compare(entries: AuditLog, verdict: ExportVerdict, say: AuditOutput['say']): Promise<boolean> {
  if (!verdict.ok) {
    say(verdict.why);
    return false;
  }
  const { newest, newestHash } = verdict.head;
  const head = await entries.findHead();
  if (newest === 0 || (head && head.anchor_seq > newest)) {
    say('The export is older than the oldest entry that is kept, so there is nothing to compare.');
    return true;
  }
  const link = await entries.findLink(newest);
  const isSame = link?.hash === newestHash;
  say(
    isSame
      ? 'It still holds everything that the export was made of.'
      : `It is not the audit that was exported: entry ${newest} is another.`,
  );
  return isSame;
}

export const usage = `npm run --silent audit -- export [--from 2026-01-01] [--to 2026-02-01] [--out file.csv]
npm run --silent audit -- verify file.csv [--key fingerprint]
npm run --silent audit -- check [--against file.csv]
npm run --silent audit -- log-id id
Dates are in UTC; --to is the first that is left out. More: docs/audit.md.`;

const text = { type: 'string' } as const;
const options = { from: text, to: text, out: text, key: text, against: text };

/** The number of words that each command takes, and its options. */
const forms: Readonly<Record<string, { readonly words: number; readonly takes: readonly string[] }>> = {
  export: { words: 0, takes: ['from', 'to', 'out'] },
  verify: { words: 1, takes: ['key'] },
  check: { words: 0, takes: ['against'] },
  'log-id': { words: 1, takes: [] },
};

/** The command, or a sentence that says what is wrong with it. */
export function readArguments([name = '', ...args]: readonly string[]): AuditCommand | { readonly problem: string } {
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (!form) return { problem: name === '' ? 'Say what to do.' : `There is no “${name}”.` };
  let read: ReturnType<typeof parse>;
  try {
    read = parse(args);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = read;
  const strange = Object.keys(values).find((option) => !form.takes.includes(option));
  if (strange !== undefined) return { problem: `“${name}” takes no --${strange}.` };
  const [word = ''] = positionals;
  if (positionals.length !== form.words || (form.words === 1 && word === '')) {
    return { problem: `“${name}” is written as below.` };
  }
  if (name === 'verify') return { kind: 'verify', file: word, key: values.key };
  if (name === 'check') return { kind: 'check', against: values.against };
  if (name === 'log-id') return { kind: 'logId', id: word };
  const from = values.from === undefined ? 0 : dateOf(values.from);
  const to = values.to === undefined ? Number.MAX_SAFE_INTEGER : dateOf(values.to);
  if (Number.isNaN(from + to)) return { problem: 'A date is written 2026-01-31 or 2026-01-31T12:00:00Z.' };
  return { kind: 'export', from, to, out: values.out };
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });

/** Epoch milliseconds; NaN for what is no date. */
const dateOf = (text: string) =>
  /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
