import { summaryOfTokenCard, type TokenCardData, type TokenPhase, tokenCard } from '../../src/cards/token-card.ts';
import type { LicensesShown } from '../../src/domain/licenses.ts';
import type { SyncOutcome } from '../../src/domain/sync-run.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { changesWorth, whys } from './receipt-changes.ts';

const licensesShown: readonly LicensesShown[] = [
  { kind: 'pending' },
  { kind: 'compared', approximate: false },
  {
    kind: 'compared',
    approximate: true,
    runsOut: Array.from({ length: 5 }, (_, n) => ({ name: '**Shelf** `Scanner` 门店盘点'.repeat(4), daysLeft: n + 1 })),
  },
  { kind: 'notCompared' },
  ...whys.map((why) => ({ kind: 'notCompared', why }) as const),
];

/** Receipts with as many changes as there may be, called what an attacker would call them, and all that is said of licences. */
export function* receiptSamples(card: TokenCardData, nasty: string) {
  const make = (name: string, data: Partial<TokenCardData>) => {
    const whole = { ...card, ...data };
    return { name: `receipt ${name}`, card: tokenCard(whole), summary: summaryOfTokenCard(whole) };
  };
  const ended = (outcome: SyncOutcome, more: Partial<Extract<TokenPhase, { kind: 'ended' }>>): TokenPhase => ({
    kind: 'ended',
    outcome,
    changes: [],
    ...more,
  });
  for (const licenses of licensesShown) {
    for (const outcome of ['completed', 'failed'] as const) {
      const name = `${outcome} ${JSON.stringify(licenses)}`;
      const timed = { licenses, durationMs: 42_000, usualMs: 40_000 };
      yield make(`unchanged ${name}`, { phase: ended(outcome, { licenses }) });
      yield make(`changed ${name}`, { phase: ended(outcome, { ...timed, changes: changesWorth(10, nasty) }) });
      yield make(`much changed in a channel ${name}`, {
        phase: ended(outcome, { ...timed, changes: changesWorth(3000, nasty) }),
        conversationKind: 'channel',
      });
    }
  }
  const failed = alertOf('syncFailed');
  const taken = {
    acknowledged: { by: nasty, at: card.now },
    snoozed: { by: nasty, at: card.now, until: card.now + 1 },
  };
  for (const alert of [
    failed,
    { ...failed, ...taken },
    { ...failed, endedAt: card.now, ending: 'resolved' as const },
  ]) {
    for (const outcome of ['completed', 'failed', 'stuck'] as const) {
      yield make(`${outcome} with an alert ${JSON.stringify(alert).slice(-60)}`, {
        phase: ended(outcome, {}),
        actions: ['syncNow', 'refresh', 'licences', 'renew', 'history'],
        alert: { alert, recordId: 'alert-1' },
      });
    }
  }
  const startedAt = card.now - 90_000;
  for (const joined of [undefined, { byName: nasty, alreadyRunning: true }] as const) {
    for (const usual of [{}, { usualMs: 40_000 }]) {
      const phase = { kind: 'running', startedAt, elapsedMs: 90_000, ...usual, ...(joined && { joined }) } as const;
      yield make(`going on ${JSON.stringify(usual)} ${joined !== undefined}`, { phase });
    }
  }
}
