import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { createDeriveKey, keyPurposes } from '../identity/derive-key.ts';
import { createLogId } from '../log-id.ts';
import { type AuditLog, createAuditLog } from '../store/audit-log.ts';
import { openDatabase } from '../store/open-database.ts';
import { type AuditKeys, createAuditKeys } from './audit-keys.ts';
import { exportAudit } from './export-audit.ts';
import type { AuditCommand } from './read-arguments.ts';
import { createChainVerifier } from './verify-chain.ts';
import { type ExportVerdict, verifyExport } from './verify-export.ts';

/** Where the answer goes. */
export interface AuditOutput {
  /** What was asked for; resolves when more may be written. */
  write(text: string): Promise<void>;
  /** What is said about it. */
  tell(sentence: string): void;
}

export interface AuditCommandParts {
  /** Asked for by the commands that need it. */
  readonly getConfig: () => Config;
  readonly output: AuditOutput;
  readonly now: () => number;
}

/** Does what an operator asks of the audit. Resolves to whether all is well; throws a sentence when it cannot be done. */
export async function runAuditCommand(command: AuditCommand, parts: AuditCommandParts): Promise<boolean> {
  const { getConfig, output, now } = parts;
  switch (command.kind) {
    case 'logId':
      await output.write(`${createLogId(() => createDeriveKey(getConfig())(keyPurposes.logIds))(command.id)}\n`);
      return true;
    case 'verify':
      return tellExport(verifyExport(await readFile(command.file, 'utf8')), command.key, output);
    case 'check':
      return withAudit(parts, (entries) => check(entries, command.against, output));
    case 'export':
      return withAudit(parts, async (entries, keys) => {
        const pieces = exportAudit({ entries, keys, now }, command);
        if (command.out === undefined) for await (const piece of pieces) await output.write(piece);
        else await writeNewFile(command.out, pieces);
        output.tell(`Signed with the key ${keys.seal.keyId}.`);
        return true;
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
  const keys = createAuditKeys(createDeriveKey(config));
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
  const file = await open(path, 'wx', ownerOnly);
  try {
    for await (const piece of pieces) await file.write(piece);
  } finally {
    await file.close();
  }
}

function tellExport(verdict: ExportVerdict, key: string | undefined, { tell }: AuditOutput): boolean {
  if (!verdict.ok) {
    tell(verdict.why);
    return false;
  }
  const { head, fingerprint } = verdict;
  const { count, span, exportedAt } = head;
  const which = span ? ` (${span.first} to ${span.last})` : '';
  tell(`It holds ${count} entries${which}, whole and as they were written; exported at ${exportedAt}.`);
  tell(`Signed with the key ${fingerprint}. Compare it with the one that the bot logs at its start.`);
  if (key === undefined || key.toLowerCase() === fingerprint) return true;
  tell(`That is not the key ${key}.`);
  return false;
}

async function check(entries: AuditLog, against: string | undefined, { tell }: AuditOutput): Promise<boolean> {
  const unhurried = { ticks: () => 0, withinMs: Number.POSITIVE_INFINITY, restMs: 0 };
  const verdict = await createChainVerifier({ entries, ...unhurried }).verify();
  if (verdict.kind === 'broken')
    tell(`The audit is not as it was written, from entry ${verdict.seq} on: ${verdict.fault}.`);
  if (verdict.kind !== 'intact') return false;
  const { entries: count, since, keyChangedAt } = verdict;
  const date = (at: number) => new Date(at).toISOString();
  tell(`All ${count} entries are as they were written${since === undefined ? '' : `, since ${date(since)}`}.`);
  if (keyChangedAt !== undefined) tell(`The key that seals it changed, last at ${date(keyChangedAt)}.`);
  return against === undefined || compare(entries, verifyExport(await readFile(against, 'utf8')), tell);
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
