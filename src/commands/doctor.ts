import { doctorCard, summaryOfDoctorCard } from '../cards/doctor-card.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { type Check, runCheck } from '../doctor/finding.ts';

/** `doctor`: checks every part between the chat and Intune, all at once, and shows each one's state and the next step. */
export function createDoctorCommand({ checks, runtime }: CommandServices): Command {
  return {
    name: 'doctor',
    words: ['doctor', '诊断'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run(turn) {
      const run = async (check: Check) => ({ name: check.name, finding: await runCheck(check, turn, runtime) });
      const data = {
        locale: turn.locale,
        findings: await Promise.all(checks.map(run)),
        reference: turn.correlationId,
      };
      return { kind: 'card', card: doctorCard(data), summary: summaryOfDoctorCard(data) };
    },
  };
}
