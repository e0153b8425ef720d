import { type Drift, planCard, type SkipReason, summaryOfPlanCard } from '../cards/plan-card.ts';
import { tokenLabels } from '../cards/token-names.ts';
import type { CardRecords, PlannedToken, PlanRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { isInProgress, type SyncRuns } from '../domain/sync-run.ts';
import { findHopelessState, type VppToken } from '../domain/token.ts';
import type { CardReply, Turn } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { minuteMs } from '../lib/time.ts';

/** What a sync of every token would do: each token is in one of the two lists. */
export interface SyncPlan {
  readonly run: readonly VppToken[];
  readonly skipped: readonly { readonly token: VppToken; readonly reason: SkipReason }[];
}

interface PlanSyncsParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'listLedTokenIds' | 'listTokenIdsCompletedAfter'>;
  readonly now: () => number;
  readonly cooldownMs: number;
  readonly beta: boolean;
}

/** Reads all tokens as the person of the turn and sorts them. What cannot work comes before what only has to wait. */
export type PlanSyncs = (turn: AuthorizedTurn) => Promise<SyncPlan>;

export function createPlanSyncs({ runs, now, cooldownMs, beta }: PlanSyncsParts): PlanSyncs {
  return async (turn) => {
    const { tenantId } = turn.session;
    const tokens = await listVppTokens(turn.graph, { beta });
    const led = new Set(await runs.listLedTokenIds(tenantId));
    const resting = new Set(cooldownMs > 0 ? await runs.listTokenIdsCompletedAfter(tenantId, now() - cooldownMs) : []);

    const findReason = (token: VppToken): SkipReason | undefined => {
      const hopeless = findHopelessState(token);
      if (hopeless) return hopeless;
      if (led.has(token.id) || isInProgress(token, now())) return 'inProgress';
      return resting.has(token.id) ? 'coolingDown' : undefined;
    };
    const sorted = tokens.map((token) => ({ token, reason: findReason(token) }));
    return {
      run: sorted.flatMap(({ token, reason }) => (reason ? [] : [token])),
      skipped: sorted.flatMap(({ token, reason }) => (reason ? [{ token, reason }] : [])),
    };
  };
}

/**
 * How the set that would run differs between a plan and the same made anew; empty when exactly the planned tokens would run.
 * `names` are those of the new plan's tokens by id.
 */
export function driftBetween(
  planned: readonly PlannedToken[],
  anew: SyncPlan,
  names: ReadonlyMap<string, string>,
): Drift[] {
  const runs = new Set(anew.run.map(({ id }) => id));
  const skips = new Map(anew.skipped.map(({ token, reason }) => [token.id, reason]));
  const known = new Set(planned.map(({ id }) => id));
  return [
    ...planned
      .filter(({ id }) => !runs.has(id))
      .map(({ id, name }) => ({ name, what: skips.get(id) ?? ('gone' as const) })),
    ...anew.run
      .filter(({ id }) => !known.has(id))
      .map(({ id }) => ({ name: names.get(id) ?? id, what: 'added' as const })),
  ];
}

const planExpiresMs = 5 * minuteMs;

export interface PlanViews {
  /** Draws a plan and stores it for its owner alone, once. A plan that runs nothing asks nothing and is not stored. */
  draw(turn: Turn, plan: SyncPlan, drifts?: readonly Drift[]): Promise<CardReply>;
}

export function createPlanViews({ records, now }: { records: CardRecords; now: () => number }): PlanViews {
  return {
    async draw(turn, plan, drifts = []) {
      const names = namesOf(turn, plan);
      const byName = inOrderOf(turn);
      const run = plan.run.map(({ id }) => ({ id, name: names.get(id) ?? id })).sort(byName);
      const skipped = plan.skipped.map(({ token, reason }) => ({ name: names.get(token.id) ?? token.id, reason }));
      const recordId = run.length === 0 ? undefined : newOpaqueId();
      if (recordId !== undefined) {
        const at = now();
        await records.add({
          id: recordId,
          kind: 'plan',
          ownerId: turn.person.aadObjectId,
          conversationId: turn.conversation.id,
          payload: { tokens: run } satisfies PlanRecord,
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
        ...(recordId !== undefined && { recordId }),
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
