import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HistoryCardData, type HistoryRow, historyCard } from '../../src/cards/history-card.ts';
import { outlineOf } from '../support/outline-of.ts';

const now = Date.UTC(2026, 10, 23, 14, 3);
const row = (changes: Partial<HistoryRow>): HistoryRow => ({
  requesterName: 'Ada Lovelace',
  action: 'sync',
  outcome: 'started',
  at: now - 60_000,
  ...changes,
});
const outline = (changes: Partial<HistoryCardData>) =>
  outlineOf(historyCard({ locale: 'en', now, rows: [], total: 0, recordId: 'list-1', page: 0, ...changes }));

test('says of each sync how it ended, whose token and who, and when', () => {
  const rows = [
    row({ tokenName: 'Contoso Berlin', outcome: 'joined' }),
    row({ tokenName: 'Contoso Rome', ended: { outcome: 'completed', at: now - 18_000, tookMs: 42_000 } }),
  ];
  assert.equal(
    outline({ rows, total: 17 }),
    [
      'Sync history',
      'Last 2 results',
      '▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂',
      '1 completed · 1 running',
      '↻ Running for 1 minute',
      'Contoso Berlin · Ada Lovelace · joined a running sync',
      '{{DATE(2026-11-23T14:02:00Z, SHORT)}} {{TIME(2026-11-23T14:02:00Z)}}',
      '✓ Completed in 42 seconds',
      'Contoso Rome · Ada Lovelace',
      '{{DATE(2026-11-23T14:02:00Z, SHORT)}} {{TIME(2026-11-23T14:02:00Z)}}',
      '1–15 of 17',
      'Shows what people asked me for, including refusals. Syncs that Intune runs on its own are not included.',
      '[Next] history/next',
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
    lost: '⚠\ufe0e Its result was not seen',
    refused: '✕ Refused by Intune, nothing was started',
    toString: '⚠\ufe0e Ended with “toString”',
  };
  for (const [outcome, words] of Object.entries(endings)) {
    const said = outline({ rows: [row({ at: now - 42_000, ended: { outcome, at: now, tookMs: 42_000 } })], total: 1 });
    assert.equal(said.split('\n')[1], words);
  }
});

test('has words for everything that came to nothing, and names who refused', () => {
  const said = (changes: Partial<HistoryRow>) => outline({ rows: [row(changes)], total: 1 }).split('\n')[1];
  assert.equal(said({ outcome: 'coolingDown' }), '• Not started: it was synced shortly before');
  assert.equal(said({ outcome: 'refused', reason: 'expired' }), '• Not started: its state does not allow it');
  assert.equal(said({ outcome: 'refused', reason: 'forbidden' }), '✕ Refused by Intune, nothing was started');
  assert.equal(said({ outcome: 'refused', reason: 'unexpected' }), '✕ Refused, nothing was started');
  assert.equal(said({ outcome: 'refused', reason: 'notAudited' }), '✕ Refused: it could not be recorded');
  assert.equal(said({ outcome: 'refused' }), '✕ Refused, nothing was started');
  assert.equal(said({ outcome: 'expired' }), '• Refused: an old button');
  assert.equal(said({ outcome: 'notYours' }), '• Refused: somebody else’s button');
  assert.equal(said({ outcome: 'hasOwnProperty' }), '⚠\ufe0e Ended with “hasOwnProperty”');
  assert.equal(said({ action: 'constructor', outcome: 'done' }), '⚠\ufe0e Ended with “done”');
});

test('says so when there is nothing, of one token and of all', () => {
  assert.match(outline({ tokenName: 'Berlin' }), /^Sync history\nBerlin\nNobody has asked me to sync Berlin\.$/m);
  assert.match(outline({}), /^Nobody has asked me to sync a token that you can see\.$/m);
  assert.match(outline({ locale: 'zh-CN' }), /还没有人让我同步过/);
});
