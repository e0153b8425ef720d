import type { AuthorizedTurn, Command } from '../dialogs/command.ts';
import type { FindToken } from '../dialogs/find-token.ts';
import { judge, type TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import type { Reply } from '../domain/turn.ts';
import { getVppToken } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import type { SyncRuns } from '../store/sync-runs.ts';
import { phaseOf, type TokenPress, type TokenViews } from '../sync/token-view.ts';

export interface StatusCommandParts {
  readonly findToken: FindToken;
  readonly views: TokenViews;
  readonly runs: SyncRuns<VppToken>;
  readonly beta: boolean;
}

/** `status vpp contoso`: the token's state, read as the person who asks. */
export function createStatusCommand({ findToken, views }: StatusCommandParts): Command {
  return {
    name: 'status',
    words: ['status', '状态'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      const { locale, conversation, person } = turn;
      const found = await findToken(turn, { command: 'status', asked, actionTitle: textsFor(locale).buttons.refresh });
      if ('reply' in found) return found.reply;
      const view = {
        locale,
        conversation,
        token: found.token,
        phase: { kind: 'state' as const },
        requestedBy: person.name,
      };
      return views.draw(view);
    },
  };
}

/** Refresh: the same card with the token read anew, and what became of the sync it shows. */
export async function refresh(
  { views, runs, beta }: StatusCommandParts,
  turn: AuthorizedTurn,
  press: TokenPress,
): Promise<Reply> {
  const token = await getVppToken(turn.graph, press.tokenId, { beta });
  const run = press.runId === undefined ? undefined : await runs.find(press.runId);
  const { locale, conversation } = turn;
  const phase = run && !hasOvertaken(token, run, turn.at) ? phaseOf(run, { now: turn.at }) : { kind: 'state' as const };
  const requestedBy = run?.requester.name ?? turn.person.name;
  return views.draw({ locale, conversation, token, phase, requestedBy }, run?.id);
}

/** Whether the token shows the end of a run that was given up before: then the token itself tells more than the run. */
function hasOvertaken(token: VppToken, run: TokenRun, now: number): boolean {
  const verdict = run.outcome !== 'completed' && run.outcome !== 'failed' && judge(run, token, now);
  return run.phase === 'ended' && verdict && verdict.ended && ['completed', 'failed'].includes(verdict.outcome);
}
