import type { Audit } from '../audit/audit.ts';
import type { AuthorizedTurn, Command } from '../commands/command.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { PressRecords } from '../store/card-records.ts';
import type { PlanPress } from '../sync/plan.ts';
import { allWord, type SyncAll } from '../sync/sync-all.ts';
import type { Run } from './run-command.ts';
import { withReference } from './with-reference.ts';
import { yesOrNo } from './yes-or-no.ts';

export interface AnswerPlanParts {
  readonly records: PressRecords;
  readonly run: Run;
  readonly commands: readonly Command[];
  readonly syncAll: SyncAll;
  readonly audit: Pick<Audit, 'note'>;
  readonly now: () => number;
}

/** A typed answer to the plan that waits for this person in this conversation; undefined when none waits, or it is no answer. */
export type AnswerPlan = (turn: Turn, line: string) => Promise<Reply | undefined>;

export function createAnswerPlan({ records, run, commands, syncAll, audit, now }: AnswerPlanParts): AnswerPlan {
  return async (turn, line) => {
    const said = yesOrNo(line);
    if (said === undefined) return undefined;
    const record = await records.findOpenPlan(turn.person.aadObjectId, turn.conversation.id, now());
    if (!record) return undefined;
    const { press, resolve } = textsFor(turn.locale);
    const action = 'syncAll' as const;
    if (!(await records.take(record.id, now()))) {
      await audit.note(turn, { action, outcome: 'used' });
      return { kind: 'text', text: withReference(turn, press.used) };
    }
    if (said === 'no') {
      await audit.note(turn, { action, outcome: 'cancelled' });
      return { kind: 'text', text: resolve.cancelled };
    }
    const sync = commands.find(({ name }) => name === 'sync');
    if (sync?.needs !== 'graph') throw new Error('No command is called sync');
    // Printed, this is the command that plans: what a sign-in in between leads back to.
    const plan = record.payload as PlanPress;
    const applying = { ...sync, audits: action, run: (authorized: AuthorizedTurn) => syncAll.apply(authorized, plan) };
    const reply = await run.command(turn, { command: applying, rest: allWord });
    // A channel's sign-in is a card too, and nothing was applied yet.
    if (reply.kind !== 'card' || reply.continues !== undefined) await records.giveBack(record.id);
    return reply;
  };
}
