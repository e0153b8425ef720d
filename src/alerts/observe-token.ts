import type { Condition } from './condition.ts';
import { observeLicenses } from './observe-licenses.ts';
import { isHopeless, observeBroken, observeExpired, observeExpiring } from './observe-state.ts';
import { observeSyncFailed, observeSyncStale, observeSyncStuck } from './observe-sync.ts';
import { absent, type Observed, type Sight, type TokenFacts } from './observed.ts';

export type { Observed, TokenFacts } from './observed.ts';

/** What is wrong with a token, and what is not: one for every condition of a token, exactly. */
export function observeToken(facts: TokenFacts, now: number): readonly Observed[] {
  const { token } = facts;
  const of = (condition: Condition, sight: Sight): Observed => ({ condition, ...sight });
  const ofSync = (condition: Condition, observe: (facts: TokenFacts, now: number) => Sight) =>
    of(condition, isHopeless(token, now) ? absent('superseded') : observe(facts, now));
  return [
    of('expired', observeExpired(token, now)),
    of('invalid', observeBroken('invalid', token, now)),
    of('assignedToExternalMDM', observeBroken('assignedToExternalMDM', token, now)),
    of('duplicateLocationId', observeBroken('duplicateLocationId', token, now)),
    of('expiring', observeExpiring(token, now)),
    ofSync('syncFailed', observeSyncFailed),
    ofSync('syncStuck', observeSyncStuck),
    ofSync('syncStale', observeSyncStale),
    of('licenses', observeLicenses(facts)),
  ];
}
