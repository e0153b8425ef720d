import type { CheckName, Finding } from '../cards/doctor-card.ts';
import type { Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';

/** One look at one part. May reject or take its time: the doctor goes on without it. */
export interface Check {
  readonly name: CheckName;
  look(turn: Turn, signal: AbortSignal): Promise<Finding>;
}

interface Words {
  readonly text: string;
  readonly fix: string;
}

export const good = (text: string): Finding => ({ tone: 'good', text });
export const warning = ({ text, fix }: Words): Finding => ({ tone: 'warning', text, fix });
export const attention = ({ text, fix }: Words): Finding => ({ tone: 'attention', text, fix });

export interface RunCheckOptions {
  readonly deadlineMs: number;
  readonly log: { warn(fields: object, message: string): void };
}

/** One check's finding, in time. Never rejects: a check that fails or takes too long is a finding too. */
export async function runCheck(check: Check, turn: Turn, { deadlineMs, log }: RunCheckOptions): Promise<Finding> {
  const { tooSlow, broken } = textsFor(turn.locale).doctor;
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      resolve(warning(tooSlow(deadlineMs)));
      deadline.abort();
    }, deadlineMs);
  });
  try {
    return await Promise.race([check.look(turn, deadline.signal), late]);
  } catch (error) {
    log.warn({ err: error, check: check.name, correlationId: turn.correlationId }, 'a check failed');
    return attention(broken);
  } finally {
    clearTimeout(timer);
  }
}
