import type { CheckName, Finding } from '../cards/doctor-card.ts';
import type { Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import type { Runtime } from '../lib/runtime.ts';

/** Checks one part of the bot for one person. May reject or hang: the doctor goes on without it. */
export interface Check {
  readonly name: CheckName;
  /** The signal aborts once nobody waits for the finding any more. */
  run(turn: Turn, signal: AbortSignal): Promise<Finding>;
}

/** A finding outside Teams, with the name of what was checked. */
export interface NamedFinding {
  readonly name: string;
  readonly finding: Finding;
}

export interface Advice {
  readonly text: string;
  readonly fix: string;
}

export const good = (text: string): Finding => ({ tone: 'good', text });
export const warning = ({ text, fix }: Advice): Finding => ({ tone: 'warning', text, fix });
export const attention = ({ text, fix }: Advice): Finding => ({ tone: 'attention', text, fix });
/** Only whoever operates the bot can do something about it. What is good stays for everybody. */
export const forOperator = (finding: Finding): Finding =>
  finding.tone === 'good' ? finding : { ...finding, isForOperator: true };

/** No check is waited for longer, so that the person has an answer in time whatever is broken. */
const checkWithinMs = 4_000;

/** One check's finding, in time. Never rejects: a check that fails or takes too long is a finding too. */
export async function runCheck(check: Check, turn: Turn, runtime: Runtime): Promise<Finding> {
  const { tooSlow, broken } = textsFor(turn.locale).doctor;
  try {
    return await inTime((signal) => check.run(turn, signal), warning(tooSlow(checkWithinMs)), runtime);
  } catch (error) {
    runtime.log.warn({ err: error, check: check.name, correlationId: turn.correlationId }, 'a check failed');
    return attention(broken);
  }
}

/** Resolves to `late` when the work takes too long; then its signal aborts. */
export async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, late: T, { wait }: Runtime): Promise<T> {
  const over = new AbortController();
  const done = await within(checkWithinMs, work(over.signal), wait).finally(() => over.abort());
  return done ?? late;
}
