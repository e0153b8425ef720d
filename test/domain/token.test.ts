import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findHopelessState, isStateBehind } from '../../src/domain/token.ts';
import { dayMs } from '../../src/lib/time.ts';
import { tokenOf } from '../support/turns.ts';

const now = Date.UTC(2026, 10, 30);
const dated = (state: string, days: number | undefined) =>
  tokenOf('token-1', {
    state,
    ...(days !== undefined && { expirationDateTime: new Date(now + days * dayMs).toISOString() }),
  });

test('only a state that Intune has not updated since a renewal leaves a sync a chance', () => {
  const cases: readonly (readonly [state: string, days: number | undefined, hopeless: string | undefined])[] = [
    ['expired', -1, 'expired'],
    ['expired', 0, 'expired'],
    ['expired', 1, undefined],
    ['expired', 299, undefined],
    ['invalid', 299, 'invalid'],
    ['assignedToExternalMDM', 299, 'assignedToExternalMDM'],
    ['valid', -1, undefined],
    ['valid', 299, undefined],
  ];
  for (const [state, days, hopeless] of cases) {
    const token = dated(state, days);
    assert.equal(findHopelessState(token, now), hopeless, `${state} ${days}`);
    assert.equal(isStateBehind(token, now), state === 'expired' && hopeless === undefined, `${state} ${days}`);
  }
  const { expirationDateTime: _, ...undated } = dated('expired', 0);
  assert.equal(findHopelessState(undated, now), 'expired');
});
