import { historyCard, summaryOfHistoryCard } from '../../src/cards/history-card.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { safeLine } from '../../src/lib/text.ts';
import type { Sample } from './samples.ts';

const at = Date.UTC(2026, 10, 23, 14, 3);
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
  for (const [count, total, tokenName] of [
    [0, 0, undefined],
    [0, 0, name],
    [15, 3000, undefined],
    [15, 15, name],
    [1, 1, name],
  ] as const) {
    const rows = Array.from({ length: count }, (_, index) => ({
      ...(tokenName === undefined && { tokenName: index % 2 === 0 ? '陈'.repeat(80) : name }),
      requesterName: index % 2 === 0 ? nasty : '陈'.repeat(200),
      action: 'sync',
      ...(outcomes[index % outcomes.length] ?? outcomes[0]),
      ...(index % 5 !== 4 && { ended: { outcome: [...endings, nasty][index % (endings.length + 1)] ?? nasty, at } }),
      at: at - index * 60_000,
    }));
    const data = { locale, now: at, rows, total, ...(tokenName && { tokenName }) };
    yield { name: `history of ${count} in ${total}`, card: historyCard(data), summary: summaryOfHistoryCard(data) };
  }
}
