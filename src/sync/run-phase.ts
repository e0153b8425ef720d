import { isSyncOutcome, type TokenPhase } from '../cards/token-phase.ts';
import { changesBetween } from './changes.ts';
import type { TokenRun } from './judge.ts';

/** What a token's card says of a run: that it goes on, or its receipt. */
export function phaseOf(run: TokenRun, leaderName?: string): TokenPhase {
  const { startedAt, endedAt, outcome, after } = run;
  if (endedAt === undefined || outcome === undefined || !isSyncOutcome(outcome)) {
    const joined = { alreadyRunning: true as const, ...(leaderName && { byName: leaderName }) };
    return { kind: 'running', startedAt, ...(run.joined && { joined }) };
  }
  return {
    kind: 'ended',
    outcome,
    durationMs: Math.max(0, endedAt - startedAt),
    changes: after ? changesBetween(run.before, after) : [],
  };
}
