import { type Drift, type PlanCardData, planCard, skipReasons, summaryOfPlanCard } from '../../src/cards/plan-card.ts';
import {
  type ProgressCardData,
  progressCard,
  summaryOfProgressCard,
  type Trouble,
} from '../../src/cards/progress-card.ts';
import type { Stopped } from '../../src/domain/sync-run.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { changesWorth, whys } from './receipt-changes.ts';

export const planData = (changed: Partial<PlanCardData> = {}): PlanCardData => ({
  locale: 'en',
  conversationKind: 'channel',
  person: 'Ada Lovelace',
  run: ['Contoso Berlin', 'Contoso Paris'],
  skipped: [{ name: 'Contoso Rom', reason: 'expired' }],
  drifts: [],
  recordId: 'press-1',
  expiresInMs: 300_000,
  ...changed,
});

const none = { completed: 0, failed: 0, noResult: 0, notStarted: 0, running: 0, waiting: 0, joined: 0 };
export const progressData = (changed: Partial<ProgressCardData> = {}): ProgressCardData => ({
  locale: 'en',
  conversationKind: 'personal',
  person: 'Ada Lovelace',
  counts: { ...none, completed: 4, running: 3, waiting: 5, joined: 1 },
  troubles: [],
  elapsedMs: 12_000,
  reference: 'ab12cd',
  ...changed,
});

const everyDrift: readonly Drift['what'][] = ['gone', 'added', ...skipReasons];
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

/** Both cards for a tenant of one token, of a few, and of as many as there may be, called what an attacker would call them. */
export function* syncAllSamples(locale: Locale, nasty: string) {
  const plan = (name: string, data: Partial<PlanCardData>) => {
    const whole = planData({ locale, person: nasty, ...data });
    return { name: `plan ${name}`, card: planCard(whole), summary: summaryOfPlanCard(whole) };
  };
  const { recordId: _, ...unasked } = planData({ locale, run: [] });
  yield { name: 'plan of nothing', card: planCard(unasked), summary: summaryOfPlanCard(unasked) };
  for (const count of [1, 12, 13, 3000]) {
    const skipped = many(count * 5, (index) => ({ name: nasty, reason: skipReasons[index % 5] ?? 'expired' }));
    const drifts = many(count, (index) => ({ name: nasty, what: everyDrift[index % everyDrift.length] ?? 'gone' }));
    yield plan(`of ${count}`, { run: many(count, () => nasty), skipped });
    yield plan(`of ${count}, drifted`, { run: many(count, () => nasty), skipped, drifts });
  }

  const progress = (name: string, data: Partial<ProgressCardData>) => {
    const whole = progressData({ locale, person: nasty, reference: nasty, ...data });
    return { name: `progress ${name}`, card: progressCard(whole), summary: summaryOfProgressCard(whole) };
  };
  yield progress('early', {});
  yield progress('ended well', { counts: { ...none, completed: 3000 }, recordId: 'batch-1' });
  const changes = changesWorth(45, nasty).map((change) => ({ name: nasty, change }));
  for (const kind of ['personal', 'channel'] as const) {
    const licenses = { compared: 3000, notCompared: 0, approximate: true };
    const receipt = { changes, licenses };
    yield progress(`with a receipt, ${kind}`, {
      counts: { ...none, completed: 3000 },
      receipt,
      conversationKind: kind,
    });
  }
  for (const why of [undefined, ...whys]) {
    const licenses = { compared: 1, notCompared: 2999, ...(why && { why }), approximate: false };
    yield progress(`not compared: ${why}`, {
      counts: { ...none, completed: 3000 },
      receipt: { changes: [], licenses },
    });
  }
  const stops: readonly (Stopped | undefined)[] = [
    undefined,
    { reason: 'restarted' },
    { reason: 'tokenRejected' },
    { reason: 'forbidden' },
    { reason: 'claimsChallenge' },
    { reason: 'missingScope', scopes: [nasty, nasty] },
  ];
  const outcomes = [...Object.keys(textsFor(locale).syncAll.reason), nasty];
  for (const stopped of stops) {
    for (const kind of ['failed', 'noResult', 'notStarted'] as const) {
      const troubles = many(3000, (index): Trouble => {
        const detail = index % 2 ? nasty : 'expired';
        return { name: nasty, kind, outcome: outcomes[index % outcomes.length] ?? 'failed', detail };
      });
      const counts = { ...none, [kind]: 3000, running: stopped ? 0 : 1, joined: 17 };
      yield progress(`with much ${kind}, ${stopped?.reason}`, { troubles, counts, ...(stopped && { stopped }) });
    }
  }
  // Each reason on a card of its own, so that none hides behind the twelfth.
  for (const outcome of outcomes)
    yield progress(`of ${outcome.slice(0, 40)}`, { troubles: [{ name: nasty, kind: 'failed', outcome }] });
}
