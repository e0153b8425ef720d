import type { CheckName, Finding } from '../cards/doctor-card.ts';
import type { Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Runtime } from '../lib/runtime.ts';

/** Checks one part of the bot for one person. May reject or hang: the doctor goes on without it. */
export interface Check {
  readonly name: CheckName;
  /** The signal aborts once nobody waits for the finding any more. */
  run(turn: Turn, signal: AbortSignal): Promise<Finding>;
}

interface Advice {
  readonly text: string;
  readonly fix: string;
}

export const good = (text: string): Finding => ({ tone: 'good', text });
export const warning = ({ text, fix }: Advice): Finding => ({ tone: 'warning', text, fix });
export const attention = ({ text, fix }: Advice): Finding => ({ tone: 'attention', text, fix });

export interface RunCheckOptions {
  readonly deadlineMs: number;
  readonly runtime: Runtime;
}

/** One check's finding, in time. Never rejects: a check that fails or takes too long is a finding too. */
export async function runCheck(check: Check, turn: Turn, { deadlineMs, runtime }: RunCheckOptions): Promise<Finding> {
  const { tooSlow, broken } = textsFor(turn.locale).doctor;
  const over = new AbortController();
  const late = runtime.wait(deadlineMs, over.signal).then(() => warning(tooSlow(deadlineMs)));
  try {
    return await Promise.race([check.run(turn, over.signal), late]);
  } catch (error) {
    runtime.log.warn({ err: error, check: check.name, correlationId: turn.correlationId }, 'a check failed');
    return attention(broken);
  } finally {
    over.abort();
  }
}
