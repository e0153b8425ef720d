import { type Drift, planCard, summaryOfPlanCard } from '../cards/plan-card.ts';
import { tokenLabels } from '../cards/token-names.ts';
import type { CardReply, Turn } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { PressRecords } from '../store/card-records.ts';
import type { PlannedToken } from './plan-drift.ts';
import type { SyncPlan } from './plan-syncs.ts';

/** What a plan's buttons stand for: exactly these tokens. */
export interface PlanPress {
  readonly tokens: readonly PlannedToken[];
}

export const planExpiresMs = 5 * 60 * 1000;

export interface PlanViews {
  /** Draws a plan and stores it for its owner alone, once. A plan that runs nothing asks nothing and is not stored. */
  draw(turn: Turn, plan: SyncPlan, drifts?: readonly Drift[]): Promise<CardReply>;
}

export function createPlanViews({ records, now }: { records: PressRecords; now: () => number }): PlanViews {
  return {
    async draw(turn, plan, drifts = []) {
      const names = namesOf(turn, plan);
      const byName = inOrderOf(turn);
      const run = plan.run.map(({ id }) => ({ id, name: names.get(id) ?? id })).sort(byName);
      const skipped = plan.skipped.map(({ token, reason }) => ({ name: names.get(token.id) ?? token.id, reason }));
      const pressId = run.length === 0 ? undefined : newOpaqueId();
      if (pressId !== undefined) {
        const at = now();
        await records.add({
          id: pressId,
          kind: 'plan',
          ownerId: turn.person.aadObjectId,
          conversationId: turn.conversation.id,
          payload: { tokens: run } satisfies PlanPress,
          createdAt: at,
          expiresAt: at + planExpiresMs,
        });
      }
      const data = {
        locale: turn.locale,
        person: turn.person.name,
        run: run.map(({ name }) => name),
        skipped: skipped.sort(byName),
        drifts,
        ...(pressId !== undefined && { pressId }),
        expiresInMs: planExpiresMs,
      };
      return { kind: 'card', card: planCard(data), summary: summaryOfPlanCard(data) };
    },
  };
}

/** What a plan's tokens are called, by id. */
export const namesOf = (turn: Turn, { run, skipped }: SyncPlan): ReadonlyMap<string, string> =>
  tokenLabels([...run, ...skipped.map(({ token }) => token)], turn);

function inOrderOf({ locale }: Turn) {
  const { compare } = new Intl.Collator(locale, { numeric: true });
  return (one: { readonly name: string }, other: { readonly name: string }) => compare(one.name, other.name);
}
