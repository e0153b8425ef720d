import type { Audit } from '../audit/audit.ts';
import { type Drift, mostNames, planCard, type SkipReason, summaryOfPlanCard } from '../cards/plan-card.ts';
import { tokenLabels } from '../cards/token-parts.ts';
import type { CardRecords, PlannedToken, PlanRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { isInProgress, type SyncRuns } from '../domain/sync-run.ts';
import { findFilter, findHopelessState, tokenFilters, type VppToken } from '../domain/token.ts';
import { type CardReply, isTargeted, type Reply, type Turn } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import type { BatchRunner } from './batch.ts';

interface SyncAllParts extends PlanSyncsParts {
  readonly records: CardRecords;
  readonly runner: BatchRunner;
  readonly audit: Audit;
}

export interface SyncAll {
  /** `sync vpp all`: shows what it would do, and asks. */
  plan(turn: AuthorizedTurn): Promise<Reply>;
  /** `sync expiring`, `sync adatum, proseware`: the same for those that a filter's name, or ids with commas between, mean. */
  planSome(turn: AuthorizedTurn, asked: string): Promise<Reply>;
  /** Starts exactly the tokens of the plan; when others would run by now, starts nothing and shows a new plan. */
  apply(turn: AuthorizedTurn, plan: PlanRecord): Promise<Reply>;
}

export function createSyncAll(parts: SyncAllParts): SyncAll {
  const { runtime, records, runner, audit } = parts;
  const planSyncs = createPlanSyncs(parts);
  const draw = createDrawPlan(runtime, records);

  return {
    async plan(turn) {
      const plan = await planSyncs(turn);
      if (plan.run.length + plan.skipped.length > 0) return draw(turn, plan);
      return { kind: 'text', text: textsFor(turn.locale).resolve.noTokens };
    },
    async planSome(turn, asked) {
      const plan = await planSyncs(turn);
      const some = selectFrom(plan, asked, turn.at);
      if (some.run.length + some.skipped.length > 0) return draw(turn, some, [], asked);
      const { list, resolve } = textsFor(turn.locale);
      const filter = findFilter(asked);
      const total = plan.run.length + plan.skipped.length;
      return { kind: 'text', text: filter && total > 0 ? list.noneMatch[filter](total) : resolve.noTokens };
    },
    async apply(turn, { tokens, asked }) {
      const current = selectFrom(await planSyncs(turn), asked, turn.at);
      const drifts = listDrifts(tokens, current, namesOf(turn, current));
      if (drifts.length > 0) {
        await audit.record(turn, { action: 'syncAll', outcome: 'refused', reason: 'planChanged' });
        return draw(turn, current, drifts, asked);
      }
      await audit.record(turn, { action: 'syncAll', outcome: 'done' });
      const names = namesOf(turn, current);
      return runner.begin(
        turn,
        tokens.map(({ id }) => ({ id, name: names.get(id) ?? id })),
      );
    },
  };
}

/** Effect of a sync of every token: each token is in one of the two lists. */
export interface SyncPlan {
  readonly run: readonly VppToken[];
  readonly skipped: readonly { readonly token: VppToken; readonly reason: SkipReason }[];
}

interface PlanSyncsParts {
  readonly runtime: Runtime;
  readonly runs: SyncRuns;
  readonly cooldownMs: number;
  readonly beta: boolean;
}

/** Reads all tokens as the person of the turn and sorts them. Of two reasons to skip a token, the lasting one is given. */
export function createPlanSyncs({ runtime, runs, cooldownMs, beta }: PlanSyncsParts) {
  const { now } = runtime;

  return async (turn: AuthorizedTurn): Promise<SyncPlan> => {
    const { tenantId } = turn.session;
    const tokens = await listVppTokens(turn.graph, { beta });
    const led = new Set(await runs.listLedTokenIds(tenantId));
    const resting = new Set(cooldownMs > 0 ? await runs.listTokenIdsCompletedAfter(tenantId, now() - cooldownMs) : []);

    const findReason = (token: VppToken): SkipReason | undefined => {
      const hopeless = findHopelessState(token, now());
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
 * Differences between the tokens of a plan and those that would run by `current`; empty when they are the same.
 * `names` are those of the current plan's tokens, by id.
 */
export function listDrifts(
  planned: readonly PlannedToken[],
  current: SyncPlan,
  names: ReadonlyMap<string, string>,
): Drift[] {
  const runs = new Set(current.run.map(({ id }) => id));
  const skips = new Map(current.skipped.map(({ token, reason }) => [token.id, reason]));
  const known = new Set(planned.map(({ id }) => id));
  return [
    ...planned
      .filter(({ id }) => !runs.has(id))
      .map(({ id, name = names.get(id) ?? id }) => ({ name, what: skips.get(id) ?? ('gone' as const) })),
    ...current.run
      .filter(({ id }) => !known.has(id))
      .map(({ id }) => ({ name: names.get(id) ?? id, what: 'added' as const })),
  ];
}

/** Those of a plan that a filter's name, or ids with commas between, mean; all where nothing was said. */
function selectFrom(plan: SyncPlan, asked: string | undefined, now: number): SyncPlan {
  if (asked === undefined) return plan;
  const filter = findFilter(asked);
  const ids = new Set(asked.split(', '));
  const isMeant = (token: VppToken) => (filter ? tokenFilters[filter](token, now) : ids.has(token.id));
  return { run: plan.run.filter(isMeant), skipped: plan.skipped.filter(({ token }) => isMeant(token)) };
}

const planExpiresMs = 5 * minuteMs;

/** Draws a plan and stores it for its owner alone, to be applied once. A plan that runs nothing has no button and is not stored. */
function createDrawPlan({ now }: Runtime, records: CardRecords) {
  return async (turn: Turn, plan: SyncPlan, drifts: readonly Drift[] = [], asked?: string): Promise<CardReply> => {
    const names = namesOf(turn, plan);
    const { compare } = new Intl.Collator(turn.locale, { numeric: true });
    const byName = (one: { readonly name: string }, other: { readonly name: string }) => compare(one.name, other.name);
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
        isTargeted: isTargeted(turn.conversation),
        payload: {
          ...(asked !== undefined && { asked }),
          tokens: run.map((token, index) => (index < mostNames ? token : { id: token.id })),
        } satisfies PlanRecord,
        createdAt: at,
        expiresAt: at + planExpiresMs,
      });
    }
    const data = {
      locale: turn.locale,
      conversationKind: turn.conversation.kind,
      person: turn.person.name,
      run: run.map(({ name }) => name),
      skipped: skipped.sort(byName),
      drifts,
      ...(recordId !== undefined && { recordId }),
      expiresInMs: planExpiresMs,
    };
    return {
      kind: 'card',
      card: planCard(data),
      summary: summaryOfPlanCard(data),
      ...(recordId !== undefined && { recordId }),
    };
  };
}

/** Names of a plan's tokens as its cards show them, by id. */
const namesOf = (turn: Turn, { run, skipped }: SyncPlan): ReadonlyMap<string, string> =>
  tokenLabels([...run, ...skipped.map(({ token }) => token)], turn);
