import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOfTokenCard, tokenCard } from '../../src/cards/token-card.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { nodesOf } from './nodes-of.ts';
import { outlineOf } from './outline-of.ts';
import { berlin, locales, outcomes, states, tokenData } from './samples.ts';

const outline = (...data: Parameters<typeof tokenData>) => outlineOf(tokenCard(tokenData(...data)));

test('says every state in words, with a symbol and the one next step', () => {
  for (const locale of locales) {
    const { word, advice } = textsFor(locale).state;
    for (const state of states) {
      const said = outline({ locale, token: { ...berlin, state } });
      assert.match(said, new RegExp(`^[✓✕⚠]\ufe0e? ${word[state]}$`, 'm'));
      if (state !== 'valid') assert.ok(said.includes(advice[state].next) && said.includes(advice[state].cause));
    }
  }
});

test('shows a state and a sync status that nobody knows as they came', () => {
  const said = outline({ token: { ...berlin, state: 'constructor', lastSyncStatus: 'toString' } });
  assert.match(said, /Intune says “constructor”/);
  assert.match(said, /toString/);
});

test('hides the Apple ID outside a personal chat', () => {
  assert.match(outline(), /jo\.vpp@contoso\.com/);
  for (const conversationKind of ['channel', 'groupChat'] as const) {
    const card = JSON.stringify(tokenCard(tokenData({ conversationKind })));
    assert.match(card, /j•••@contoso\.com/);
    assert.doesNotMatch(card, /jo\.vpp/);
  }
});

test('goes by the display name, then the location, then the organisation, and tells the others below', () => {
  const { displayName: _, ...unnamed } = berlin;
  const { locationName: __, ...v1 } = unnamed;
  assert.match(outline(), /^Contoso Berlin\nBerlin Mitte · Contoso GmbH\n/);
  assert.match(outline({ token: unnamed }), /^Berlin Mitte\nContoso GmbH\n/);
  assert.match(outline({ token: v1 }), /^Contoso GmbH\n✓ Valid/);
  assert.match(outline({ token: { ...v1, displayName: ' \u202e ', organizationName: '' } }), /^Token without a name\n/);
});

test('counts the days left, and warns from thirty on', () => {
  const until = (expirationDateTime: string) => outline({ token: { ...berlin, expirationDateTime } });
  assert.match(until('2026-12-24T14:03:00Z'), /✓ Valid[\s\S]*31 days left/);
  assert.match(
    until('2026-12-23T14:03:00Z'),
    /⚠\ufe0e Valid, expires soon\nNext step: Renew it before it expires[\s\S]*30 days left/,
  );
  assert.match(until('2026-11-24T14:02:00Z'), /less than a day left/);
  assert.match(
    until('2026-11-20T14:03:00Z'),
    /⚠\ufe0e Valid, but past its expiry date\nLikely cause: The token passed[\s\S]*3 days ago/,
  );
});

test('follows a failed last sync with its likely cause, unless the state explains it', () => {
  const cause = textsFor('en').state.advice.syncFailed.cause;
  const failed = { ...berlin, lastSyncStatus: 'failed' };
  assert.ok(outline({ token: failed }).includes(`✕ Last sync failed\nLikely cause: ${cause}`));
  assert.doesNotMatch(outline({ token: { ...failed, state: 'expired' } }), new RegExp(`Last sync failed|${cause}`));
  assert.ok(!outline({ token: failed, phase: { kind: 'running', startedAt: 0 } }).includes(cause));
  const ended = outline({ token: failed, phase: { kind: 'ended', outcome: 'failed', durationMs: 5000, changes: [] } });
  assert.ok(ended.includes(`✕ Sync failed after 5 seconds\nLikely cause: ${cause}`));
  assert.ok(!ended.includes('Last sync failed'));
});

test('tells on the receipt how long it took and what changed', () => {
  const said = outline({
    phase: {
      kind: 'ended',
      outcome: 'completed',
      durationMs: 125_000,
      changes: [
        { what: 'state', before: 'invalid', after: 'valid' },
        { what: 'expiry', before: '2026-06-10T00:00:00Z', after: '2027-06-10T00:00:00Z' },
      ],
    },
  });
  assert.match(
    said,
    /✓ Sync completed in 2 minutes, 5 seconds\nWhat changed\nState\nInvalid → Valid\nExpires\n\{\{DATE\(2026-06-10T00:00:00Z, SHORT\)\}\} → /,
  );
});

test('says so when a completed sync changed nothing but its own time', () => {
  const changes = [{ what: 'lastSync', before: '2026-11-22T00:00:00Z', after: '2026-11-23T00:00:00Z' }] as const;
  for (const told of [[], changes]) {
    const said = outline({ phase: { kind: 'ended', outcome: 'completed', durationMs: 1000, changes: told } });
    assert.match(said, /The token’s state and expiry did not change\./);
    assert.doesNotMatch(said, /What changed/);
  }
});

test('claims that nothing changed only of a completed sync', () => {
  for (const outcome of outcomes.filter((name) => name !== 'completed')) {
    const said = outline({ phase: { kind: 'ended', outcome, durationMs: 1000, changes: [] } });
    assert.doesNotMatch(said, /did not change/, outcome);
  }
});

test('shows no state or expiry of a token that was deleted meanwhile', () => {
  const said = outline({ phase: { kind: 'ended', outcome: 'deleted', durationMs: 1000, changes: [] } });
  assert.doesNotMatch(said, /Valid|Expires|Last sync/);
  assert.match(said, /✕ The token was deleted while it synced/);
});

test('names who started the sync that was joined', () => {
  const phase = { kind: 'running', startedAt: 0, joined: { byName: 'Grace', alreadyRunning: true } } as const;
  assert.match(outline({ phase }), /A sync is already running[\s\S]*Grace started it\./);
});

test('gives every button the one opaque id and its own verb', () => {
  const actions = [...nodesOf(tokenCard(tokenData()))].filter(({ type }) => type === 'Action.Execute');
  assert.deepEqual(actions, [
    { type: 'Action.Execute', title: 'Sync now', verb: 'sync/start', data: { id: 'press-1' } },
    { type: 'Action.Execute', title: 'Refresh', verb: 'status/refresh', data: { id: 'press-1' } },
  ]);
});

test('sums itself up in one line for a toast', () => {
  const of = (...data: Parameters<typeof tokenData>) => summaryOfTokenCard(tokenData(...data));
  assert.equal(of(), 'Contoso Berlin: Valid, 198 days left');
  assert.equal(of({ phase: { kind: 'running', startedAt: 0 } }), 'Contoso Berlin: syncing');
  assert.equal(
    of({ locale: 'zh-CN', phase: { kind: 'ended', outcome: 'completed', durationMs: 42_000, changes: [] } }),
    'Contoso Berlin：同步完成，用时 42 秒钟',
  );
});
