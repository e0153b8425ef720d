import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HistoryCardData, type HistoryRow, historyCard } from '../../src/cards/history-card.ts';
import { outlineOf } from './outline-of.ts';

const now = Date.UTC(2026, 10, 23, 14, 3);
const row = (changes: Partial<HistoryRow>): HistoryRow => ({
  requesterName: 'Ada Lovelace',
  joined: false,
  startedAt: now - 60_000,
  ...changes,
});
const outline = (changes: Partial<HistoryCardData>) =>
  outlineOf(historyCard({ locale: 'en', now, rows: [], total: 0, ...changes }));

test('says of each sync how it ended, whose token and who, and when', () => {
  const rows = [
    row({ tokenName: 'Contoso Berlin', joined: true }),
    row({ tokenName: 'Contoso Rome', outcome: 'completed', endedAt: now - 18_000 }),
  ];
  assert.equal(
    outline({ rows, total: 17 }),
    [
      'Who synced what',
      '↻ Running for 1 minute',
      'Contoso Berlin · Ada Lovelace · joined a running sync',
      '{{DATE(2026-11-23T14:02:00Z, SHORT)}} {{TIME(2026-11-23T14:02:00Z)}}',
      '✓ Completed in 42 seconds',
      'Contoso Rome · Ada Lovelace',
      '{{DATE(2026-11-23T14:02:00Z, SHORT)}} {{TIME(2026-11-23T14:02:00Z)}}',
      'and 15 more',
      'These are the syncs that I was asked for. Those that Intune runs by itself are not among them.',
    ].join('\n'),
  );
});

test('has words with a symbol for every ending, and shows one that nobody knows as it came', () => {
  const endings = {
    failed: '✕ Failed after 42 seconds',
    stuck: '⚠\ufe0e Stuck: still running after 42 seconds',
    noResult: '⚠\ufe0e No result within 42 seconds',
    deleted: '✕ The token was deleted meanwhile',
    notStarted: '✕ Did not start',
    lost: '⚠\ufe0e Its end was not seen',
    refused: '✕ Refused by Intune, nothing was started',
    toString: '⚠\ufe0e Ended with “toString”',
  };
  for (const [outcome, words] of Object.entries(endings)) {
    const said = outline({ rows: [row({ outcome, startedAt: now - 42_000, endedAt: now })], total: 1 });
    assert.equal(said.split('\n')[1], words);
  }
});

test('says so when there is nothing, of one token and of all', () => {
  assert.match(outline({ tokenName: 'Berlin' }), /^Who synced what\nBerlin\nNobody has asked me to sync Berlin\.$/m);
  assert.match(outline({}), /^Nobody has asked me to sync a token that you can see\.$/m);
  assert.match(outline({ locale: 'zh-CN' }), /还没有人让我同步过/);
});
