import { doctorCard, summaryOfDoctorCard } from '../cards/doctor-card.ts';
import type { Command } from '../dialogs/command.ts';
import { type Check, type RunCheckOptions, runCheck } from '../doctor/finding.ts';

export interface DoctorCommandParts extends RunCheckOptions {
  /** In the order they are told. */
  readonly checks: readonly Check[];
}

/** `doctor`: looks at every part between the chat and Intune, all at once, and tells of each how it is and what to do. */
export function createDoctorCommand({ checks, ...options }: DoctorCommandParts): Command {
  return {
    name: 'doctor',
    words: ['doctor', '诊断'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run(turn) {
      const look = async (check: Check) => ({ name: check.name, finding: await runCheck(check, turn, options) });
      const data = {
        locale: turn.locale,
        findings: await Promise.all(checks.map(look)),
        reference: turn.correlationId,
      };
      return { kind: 'card', card: doctorCard(data), summary: summaryOfDoctorCard(data) };
    },
  };
}
