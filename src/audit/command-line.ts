import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { createDeriveKey, keyPurposes, listOtherDeriveKeys } from '../identity/keys.ts';
import { type AuditLog, createAuditLog } from '../store/audit-log.ts';
import { openDatabase } from '../store/database.ts';
import { createLogId } from '../telemetry/log.ts';
import { type ExportVerdict, exportAudit, verifyExport } from './export.ts';
import { type AuditKeys, createAuditKeys } from './keys.ts';
import { createChainVerifier, isAccepted, type Unproven, UnprovenError } from './verify.ts';

/** Where the answer goes. */
interface AuditOutput {
  /** What was asked for; resolves when more may be written. */
  write(text: string): Promise<void>;
  /** What is said about it. */
  tell(sentence: string): void;
}

interface AuditCommandParts {
  /** Asked for by the commands that need it. */
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
      return tellExport(verifyExport(await readFile(command.file, 'utf8')), command, output);
    case 'check':
      return withAudit(parts, (entries) => check(entries, command, output));
    case 'export':
      return withAudit(parts, async (entries, keys) => {
        const pieces = exportAudit({ entries, keys, now }, command);
        try {
          if (command.out === undefined) for await (const piece of pieces) await output.write(piece);
          else await writeNewFile(command.out, pieces);
        } catch (error) {
          if (!(error instanceof UnprovenError)) throw error;
          tellUnproven(error.unproven, output);
          output.tell('Nothing was signed.');
          return unproven;
        }
        output.tell(`Signed with the key ${keys.seal.keyId}.`);
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
  const db = await openDatabase(database);
  try {
    return await work(createAuditLog({ db, seal: keys.seal, now }), keys);
  } finally {
    await db.destroy();
  }
}

const ownerOnly = 0o600;

/** Never over a file that is there: an earlier export is evidence. */
async function writeNewFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  let file: FileHandle | undefined;
  try {
    for await (const piece of pieces) {
      // What is refused before its first piece leaves no file.
      file ??= await open(path, 'wx', ownerOnly);
      await file.write(piece);
    }
  } finally {
    await file?.close();
  }
}

interface Asked {
  readonly key: string | undefined;
  readonly accepted: string | undefined;
}

function tellExport(verdict: ExportVerdict, { key, accepted }: Asked, { tell }: AuditOutput): Exit {
  if (!verdict.ok) {
    tell(verdict.why);
    return notWell;
  }
  const { head, fingerprint } = verdict;
  const { count, span, exportedAt } = head;
  const which = span ? ` (${span.first} to ${span.last})` : '';
  tell(`It holds ${count} entries${which}, whole and as they were exported at ${exportedAt}.`);
  tell(`Signed with the key ${fingerprint}. Compare it with the one that the bot logs at its start.`);
  if (key !== undefined && key.toLowerCase() !== fingerprint) {
    tell(`That is not the key ${key}.`);
    return notWell;
  }
  if (!head.unproven) return well;
  const { last, lastHash } = head.unproven;
  tell(`Its entries up to ${last} (${lastHash}) were not proven then; whoever exported them accepted them.`);
  return isAccepted({ seq: last, hash: lastHash }, accepted) ? well : unproven;
}

function tellUnproven({ seq, hash, at }: Unproven, { tell }: AuditOutput): void {
  const since = at === undefined ? '' : `; the bot went on from there at ${new Date(at).toISOString()}`;
  tell(
    `It cannot be told whether entries up to ${seq} are as they were written: they were sealed with another key${since}.`,
  );
  tell(
    at === undefined
      ? 'If that key is at hand, give it as AUDIT_OTHER_KEY before the bot writes on.'
      : 'Every entry after that is as it was written.',
  );
  tell(`To take them as they are, say --accept-unproven ${hash}`);
}

async function check(
  entries: AuditLog,
  { against, accepted }: { readonly against: string | undefined; readonly accepted: string | undefined },
  output: AuditOutput,
): Promise<Exit> {
  const { tell } = output;
  const unhurried = { ticks: () => 0, withinMs: Number.POSITIVE_INFINITY, restMs: 0 };
  const verdict = await createChainVerifier({ entries, ...unhurried }).verify();
  if (verdict.kind === 'broken')
    tell(`The audit is not as it was written, from entry ${verdict.seq} on: ${verdict.fault}.`);
  if (verdict.kind === 'broken' || verdict.kind === 'partly') return notWell;
  if (verdict.kind === 'unproven') {
    tell(`All ${verdict.entries} entries fit one another.`);
    tellUnproven(verdict.unproven, output);
  } else {
    const { entries: count, since, keyRenewedAt } = verdict;
    const date = (at: number) => new Date(at).toISOString();
    tell(`All ${count} entries are as they were written${since === undefined ? '' : `, since ${date(since)}`}.`);
    if (keyRenewedAt !== undefined) tell(`The key that seals it was renewed, last at ${date(keyRenewedAt)}.`);
  }
  const isSame = against === undefined || (await compare(entries, verifyExport(await readFile(against, 'utf8')), tell));
  if (!isSame) return notWell;
  return verdict.kind === 'intact' || isAccepted(verdict.unproven, accepted) ? well : unproven;
}

/** Whether the audit still holds what it held when it was exported: what even who has the key cannot undo. */
async function compare(entries: AuditLog, verdict: ExportVerdict, tell: AuditOutput['tell']): Promise<boolean> {
  if (!verdict.ok) {
    tell(verdict.why);
    return false;
  }
  const { newest, newestHash } = verdict.head;
  const head = await entries.findHead();
  if (newest === 0 || (head && head.anchor_seq > newest)) {
    tell('The export is older than the oldest entry that is kept, so there is nothing to compare.');
    return true;
  }
  const link = await entries.findLink(newest);
  const isSame = link?.hash === newestHash;
  tell(
    isSame
      ? 'It still holds everything that the export was made of.'
      : `It is not the audit that was exported: entry ${newest} is another.`,
  );
  return isSame;
}

interface Accepting {
  /** Hash of the last entry that an operator takes as it is although its seal cannot be verified. */
  readonly accepted: string | undefined;
}

type AuditCommand =
  | ({
      readonly kind: 'export';
      readonly from: number;
      readonly to: number;
      readonly out: string | undefined;
    } & Accepting)
  | ({ readonly kind: 'verify'; readonly file: string; readonly key: string | undefined } & Accepting)
  | ({ readonly kind: 'check'; readonly against: string | undefined } & Accepting)
  | { readonly kind: 'logId'; readonly id: string };

export const usage = `npm run --silent audit -- export [--from 2026-01-01] [--to 2026-02-01] [--out file.csv] [--accept-unproven hash]
npm run --silent audit -- verify file.csv [--key fingerprint] [--accept-unproven hash]
npm run --silent audit -- check [--against file.csv] [--accept-unproven hash]
npm run --silent audit -- log-id id
Dates are in UTC; --to is the first that is left out. docs/audit.md tells the rest.`;

const text = { type: 'string' } as const;
const options = { from: text, to: text, out: text, key: text, against: text, 'accept-unproven': text };

const accept = 'accept-unproven';

/** What each takes: how many words, and which options. */
const forms: Readonly<Record<string, { readonly words: number; readonly takes: readonly string[] }>> = {
  export: { words: 0, takes: ['from', 'to', 'out', accept] },
  verify: { words: 1, takes: ['key', accept] },
  check: { words: 0, takes: ['against', accept] },
  'log-id': { words: 1, takes: [] },
};

/** What is asked for, or a sentence that says what is wrong with it. */
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
  const accepted = values[accept];
  if (accepted !== undefined && !/^[\da-f]{64}$/i.test(accepted)) {
    return { problem: `--${accept} takes the hash that “check” shows: 64 hexadecimal digits.` };
  }
  if (name === 'verify') return { kind: 'verify', file: word, key: values.key, accepted };
  if (name === 'check') return { kind: 'check', against: values.against, accepted };
  if (name === 'log-id') return { kind: 'logId', id: word };
  const from = values.from === undefined ? 0 : dateOf(values.from);
  const to = values.to === undefined ? Number.MAX_SAFE_INTEGER : dateOf(values.to);
  if (Number.isNaN(from + to)) return { problem: 'A date is written 2026-01-31 or 2026-01-31T12:00:00Z.' };
  return { kind: 'export', from, to, out: values.out, accepted };
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });

/** Epoch milliseconds; NaN for what is no date. */
const dateOf = (text: string) =>
  /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
