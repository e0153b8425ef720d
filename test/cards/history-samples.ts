import { historyCard, summaryOfHistoryCard } from '../../src/cards/history-card.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { safeLine } from '../../src/lib/text.ts';
import type { Sample } from './samples.ts';

const at = Date.UTC(2026, 10, 23, 14, 3);
const recordId = 'r'.repeat(24);
const endings = ['completed', 'failed', 'stuck', 'noResult', 'deleted', 'notStarted', 'lost', 'refused', 'constructor'];

/** The history with nothing, with one token's and with all tokens' rows, every ending and every text an attacker's. */
export function* historySamples(locale: Locale, nasty: string): Generator<Sample> {
  const name = safeLine(nasty);
  const outcomes = [
    { outcome: 'joined' },
    { outcome: 'started' },
    { outcome: 'started' },
    { outcome: nasty },
    { outcome: 'refused', reason: nasty },
    { outcome: 'otherConversation' },
    { outcome: 'coolingDown' },
  ] as const;
  for (const [count, total, tokenName, page] of [
    [0, 0, undefined, 0],
    [0, 0, name, 0],
    [15, 3000, undefined, 0],
    [15, 3000, undefined, 100],
    [15, 15, name, 0],
    [1, 16, name, 1],
  ] as const) {
    const rows = Array.from({ length: count }, (_, index) => ({
      ...(tokenName === undefined && { tokenName: index % 2 === 0 ? '陈'.repeat(80) : name }),
      requesterName: index % 2 === 0 ? nasty : '陈'.repeat(200),
      action: 'sync',
      ...(outcomes[index % outcomes.length] ?? outcomes[0]),
      ...(index % 5 !== 4 && { ended: { outcome: [...endings, nasty][index % (endings.length + 1)] ?? nasty, at } }),
      ...(index % 4 === 3 && { batch: { tokens: 12, completed: 9, running: 0, others: 3 } }),
      at: at - index * 60_000,
    }));
    const data = { locale, now: at, rows, total, recordId, page, ...(tokenName && { tokenName }) };
    yield { name: `history of ${count} in ${total}`, card: historyCard(data), summary: summaryOfHistoryCard(data) };
    const ofBatch = { ...data, ofBatch: true };
    yield { name: `batch of ${count}`, card: historyCard(ofBatch), summary: summaryOfHistoryCard(ofBatch) };
  }
}
