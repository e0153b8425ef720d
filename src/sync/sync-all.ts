import type { Audit } from '../audit/audit.ts';
import type { PlanRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Reply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { bareWord } from '../lib/text.ts';
import type { BatchRunner } from './batch.ts';
import { driftBetween, namesOf, type PlanSyncs, type PlanViews } from './plan.ts';

export interface SyncAllParts {
  readonly planSyncs: PlanSyncs;
  readonly planViews: PlanViews;
  readonly runner: Pick<BatchRunner, 'begin'>;
  readonly audit: Pick<Audit, 'record'>;
}

export interface SyncAll {
  /** `sync vpp all`: what it would do, and whether to. */
  plan(turn: AuthorizedTurn): Promise<Reply>;
  /** Starts exactly what the plan said; when that is no longer what would run, starts nothing and plans anew. */
  apply(turn: AuthorizedTurn, plan: PlanRecord): Promise<Reply>;
}

/** What stands in place of a token's name for all of them. A token that is called so is reached by its id. */
export const allWord = 'all';
const allWords: ReadonlySet<string> = new Set([
  allWord,
  'all tokens',
  'everything',
  '全部',
  '所有',
  '全部令牌',
  '所有令牌',
]);

export const isAll = (asked: string): boolean => allWords.has(bareWord(asked));

export function createSyncAll({ planSyncs, planViews, runner, audit }: SyncAllParts): SyncAll {
  return {
    async plan(turn) {
      const plan = await planSyncs(turn);
      if (plan.run.length + plan.skipped.length > 0) return planViews.draw(turn, plan);
      return { kind: 'text', text: textsFor(turn.locale).resolve.noTokens };
    },
    async apply(turn, { tokens }) {
      const anew = await planSyncs(turn);
      const drifts = driftBetween(tokens, anew, namesOf(turn, anew));
      if (drifts.length > 0) {
        await audit.record(turn, { action: 'syncAll', outcome: 'refused', reason: 'planChanged' });
        return planViews.draw(turn, anew, drifts);
      }
      await audit.record(turn, { action: 'syncAll', outcome: 'done' });
      return runner.begin(turn, tokens);
    },
  };
}
