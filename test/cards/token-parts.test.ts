import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertCard } from '../../src/cards/alert-card.ts';
import { alertDigestCard } from '../../src/cards/alert-digest-card.ts';
import { alertLine } from '../../src/cards/alert-text.ts';
import { listCard } from '../../src/cards/list-card.ts';
import { findOpenAlertsPage, openAlertsCard } from '../../src/cards/open-alerts-card.ts';
import { renewCard } from '../../src/cards/renew-card.ts';
import { tokenCard } from '../../src/cards/token-card.ts';
import { tokenChoices, tokenLabels } from '../../src/cards/token-parts.ts';
import { verifyCard } from '../../src/cards/verify-card.ts';
import { weeklyCard } from '../../src/cards/weekly-card.ts';
import { checkRenewal } from '../../src/domain/renewal.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { outlineOf } from '../support/outline-of.ts';
import { berlin, nastyToken } from './samples.ts';
import { tokenData } from './token-data.ts';

const personal = { locale: 'en', conversation: { kind: 'personal' } } as const;
const channel = { locale: 'en', conversation: { kind: 'channel' } } as const;
const school = (id: string) => ({
  id,
  organizationName: 'Schools',
  appleId: `${id}@x.org`,
  state: 'valid',
  lastSyncStatus: 'none',
});

test('a name of its own is enough', () => {
  assert.deepEqual(
    [...tokenLabels([berlin, school('b')], personal)],
    [
      ['e4d5c6b7', 'Contoso Berlin'],
      ['b', 'Schools'],
    ],
  );
});

test('namesakes are distinguished by another name, else by the Apple ID as the conversation may see it', () => {
  assert.deepEqual(
    [...tokenLabels([school('a'), school('b')], personal).values()],
    ['Schools (a@x.org)', 'Schools (b@x.org)'],
  );
  assert.deepEqual(
    [...tokenLabels([school('a'), school('b')], channel).values()],
    ['Schools (a•••@x.org)', 'Schools (b•••@x.org)'],
  );
  const located = [
    { ...berlin, id: '1', locationName: 'Mitte' },
    { ...berlin, id: '2', locationName: 'Wedding' },
  ];
  assert.deepEqual([...tokenLabels(located, channel).values()], ['Contoso Berlin (Mitte)', 'Contoso Berlin (Wedding)']);
});

test('no name is long, and a nameless token has one', () => {
  for (const label of tokenLabels([nastyToken, { ...nastyToken, id: '2' }], personal).values())
    assert.ok(label.length <= 61, label);
  assert.deepEqual(
    [...tokenLabels([{ id: 'x', state: '', lastSyncStatus: '' }], personal).values()],
    ['Token without a name'],
  );
});

/** Every text that counts the days of one token that expires soon, as this reader gets it. */
function countingTexts(expirationDateTime: string, timeZone: string | undefined): readonly string[] {
  const now = Date.parse('2026-11-30T22:30:00Z');
  const token = { ...berlin, expirationDateTime };
  const alert = alertOf('expiring', { stage: 'd3', token });
  const reader = { locale: 'en', now, timeZone, conversationKind: 'personal', recordId: 'r' } as const;
  const found = { expiring: 1, failed: 0, stale: 0 };
  const entries = [{ token, trouble: 'expiring' as const }];
  const steps = { token, intuneUrl: 'https://intune.example', callName: 'Berlin' };
  const page = findOpenAlertsPage([alert], 0, 'en');
  const syncs = { completed: 0, failed: 0, stuck: 0, noResult: 0 };
  const cards = [
    tokenCard(tokenData({ ...reader, token })),
    tokenCard(tokenData({ ...reader, token, phase: { kind: 'running' } })),
    listCard({ ...reader, entries, total: 1, found, page: 0 }),
    renewCard({ ...reader, ...steps, isWatched: true }),
    verifyCard({ ...reader, ...steps, checks: checkRenewal(token, undefined, now) }),
    weeklyCard({ ...reader, tokens: [token], alerts: [], runsOut: [], syncs }),
    weeklyCard({ ...reader, tokens: [], alerts: [alert], runsOut: [], syncs }),
    alertCard({ ...reader, alert }),
    alertDigestCard({ ...reader, why: 'burst', entries: [{ alert }] }),
    openAlertsCard({ ...reader, page }),
  ];
  const [choice] = tokenChoices([token], { locale: 'en', timeZone, conversation: { kind: 'personal' } }, now);
  return [...cards.map(outlineOf), alertLine({ ...reader, event: { kind: 'opened', alert } }), choice?.detail ?? ''];
}

const readers: readonly [expires: string, timeZone: string | undefined, days: string][] = [
  // In Berlin it is Mon Nov 30, 23:30, and the token expires on Wed Dec 2, 00:30.
  ['2026-12-01T23:30:00Z', 'Europe/Berlin', '2 days'],
  ['2026-12-01T23:30:00Z', undefined, '1 day'],
  ['2026-12-02T10:30:00Z', 'Pacific/Auckland', '1 day'],
  ['2026-12-02T10:30:00Z', 'America/Los_Angeles', '2 days'],
];
for (const [expires, timeZone, days] of readers) {
  test(`for a reader in ${timeZone ?? 'an unknown zone'} every card and alert counts ${days} until ${expires}`, () => {
    for (const text of countingTexts(expires, timeZone)) {
      const counted = [...text.matchAll(/(\d+ days?) left|Expires in (\d+ days?)/g)].map(
        ([, left, until]) => left ?? until,
      );
      assert.deepEqual([...new Set(counted)], [days], text);
    }
  });
}
