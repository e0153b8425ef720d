import type { Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { attention, type Check, type Finding, warning } from './finding.ts';

export interface LookOptions {
  readonly deadlineMs: number;
  readonly log: { warn(fields: object, message: string): void };
}

/** One check's finding, in time. Never rejects: a check that fails or takes too long is a finding too. */
export async function lookAt(check: Check, turn: Turn, { deadlineMs, log }: LookOptions): Promise<Finding> {
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
