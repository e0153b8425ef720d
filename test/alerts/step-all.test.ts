import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../src/domain/alert.ts';
import { stepAll, type TokenObservation } from '../../src/domain/alert-steps.ts';
import { alertOf } from '../store/alert-samples.ts';
import { ada, at, minuteMs } from '../store/stored.ts';

const now = at + 10 * minuteMs;
const tokenId = 'token-1';
const step = (alerts: readonly Alert[], ...sightings: readonly TokenObservation[]) =>
  stepAll(alerts, sightings, { tenantId: ada.tenantId, now, newId: () => 'new' }).map(
    ({ alert, event }) => `${event?.kind ?? 'silent'} ${alert.id}/${alert.revision}`,
  );
const saying = (observed: TokenObservation['observed'], of = tokenId): TokenObservation => ({ tokenId: of, observed });
const isPresent = saying({ condition: 'expiring', is: 'present', stage: 'd14', detail: {} });
const isAbsent = saying({ condition: 'expiring', is: 'absent', ending: 'resolved' });
const open = alertOf('open', { tokenId });
const ended = (id: string, endedAt: number) => alertOf(id, { tokenId, endedAt, ending: 'deleted' });

test('each sighting meets the alert of its token and condition', () => {
  const others = [alertOf('other token'), alertOf('other', { tokenId, condition: 'syncStale', stage: 'h36' })];
  assert.deepEqual(step([...others, open], isPresent), ['escalated open/2']);
  assert.deepEqual(step([open, ...others], isAbsent), ['resolved open/2']);
  assert.deepEqual(step(others, isPresent), ['opened new/1']);
  assert.deepEqual(step(others, isAbsent), []);
  assert.deepEqual(step([open], isPresent, saying(isPresent.observed, 'token-2')), [
    'escalated open/2',
    'opened new/1',
  ]);
});

test('of several it is the open one, else the one that ended last, whatever their order', () => {
  const all = [ended('early', at), open, ended('late', at + minuteMs)];
  for (const alerts of [all, all.toReversed()]) {
    assert.deepEqual(step(alerts, isAbsent), ['resolved open/2']);
    const closed = alerts.filter(({ id }) => id !== 'open');
    assert.match(step(closed, isPresent)[0] ?? '', / late\/2$/);
  }
});
