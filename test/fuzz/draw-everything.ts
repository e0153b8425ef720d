import assert from 'node:assert/strict';
import { choiceCard, summaryOfChoiceCard } from '../../src/cards/choice-card.ts';
import { licensesCard, summaryOfLicensesCard } from '../../src/cards/licenses-card.ts';
import { listCard, summaryOfListCard } from '../../src/cards/list-card.ts';
import { renewCard, summaryOfRenewCard } from '../../src/cards/renew-card.ts';
import { summaryOfTokenCard, type TokenPhase, tokenCard } from '../../src/cards/token-card.ts';
import { callNameOf, tokenChoices } from '../../src/cards/token-parts.ts';
import { summaryOfVerifyCard, verifyCard } from '../../src/cards/verify-card.ts';
import { clouds } from '../../src/clouds.ts';
import { appsOfToken, changesBetween, sortByLicenses, type VppApp } from '../../src/domain/licenses.ts';
import { checkRenewal } from '../../src/domain/renewal.ts';
import { resolveToken } from '../../src/domain/resolve-token.ts';
import { judge, type SyncRun } from '../../src/domain/sync-run.ts';
import { troubleOf, type VppToken } from '../../src/domain/token.ts';
import type { CardContent, ConversationKind, Locale } from '../../src/domain/turn.ts';
import type { Random } from '../support/random.ts';
import { holdsNoSecret, isGoodCard } from './what-holds.ts';

const now = Date.UTC(2026, 10, 23, 9);

function isGood(card: CardContent, summary: string): void {
  isGoodCard(card);
  holdsNoSecret('a card', JSON.stringify(card));
  assert.ok(summary.trim() !== '' && summary.length <= 1_100 && summary.isWellFormed(), `a summary: ${summary}`);
}

/** Draws one of the cards that these tokens and apps may be shown on, and fails when it is not a good one. */
export function drawSomething(random: Random, tokens: readonly VppToken[], apps: readonly VppApp[]): void {
  const [first] = tokens;
  if (!first) return;
  const token = random.pick(tokens);
  const locale: Locale = random.pick(['en', 'zh-CN']);
  const conversationKind: ConversationKind = random.pick(['personal', 'channel']);
  const where = { locale, now, conversationKind, token };
  switch (random.below(6)) {
    case 0: {
      const entries = tokens.map((each) => ({ token: each, trouble: troubleOf(each, now) }));
      const found = { expiring: 1, failed: 2, stale: 3 };
      const data = { locale, now, conversationKind, entries, total: tokens.length, found, recordId: 'p', page: 0 };
      isGood(listCard(data), summaryOfListCard(data));
      return;
    }
    case 1: {
      const own = appsOfToken(apps, token, tokens);
      if (own.apps.length === 0) return;
      const data = {
        ...where,
        ...own,
        apps: sortByLicenses(own.apps, locale),
        total: own.apps.length,
        uncounted: own.apps.length % 3,
        lowTotal: 1,
        low: false,
        daysLeft: new Map(own.apps.map(({ id }, index) => [id, index])),
        recordId: 'p',
        page: 0,
        readAt: now,
      };
      isGood(licensesCard(data), summaryOfLicensesCard(data));
      return;
    }
    case 2: {
      const callName = callNameOf(token, tokens, locale);
      const checks = checkRenewal(token, first, now);
      const { intuneUrl } = clouds.global;
      const before = { ...first, startedAt: now };
      const data = { ...where, intuneUrl, checks, callName, before, isWatched: true, recordId: 'p' };
      isGood(verifyCard(data), summaryOfVerifyCard(data));
      isGood(renewCard(data), summaryOfRenewCard(data));
      return;
    }
    case 3: {
      const asked = token.organizationName ?? 'contoso';
      assert.ok(['one', 'several', 'near', 'none'].includes(resolveToken(asked, tokens).kind));
      const choices = tokenChoices(tokens.slice(0, 15), { locale, conversation: { kind: conversationKind } }, now);
      const shown = { asked, found: 'matches', verb: 'sync/choose', actionTitle: 'Sync now', recordId: 'p' } as const;
      const data = { ...shown, locale, choices, total: tokens.length, page: 0, isSearchable: true };
      isGood(choiceCard(data), summaryOfChoiceCard(data));
      return;
    }
    default: {
      const data = {
        ...where,
        requestedBy: 'Ada',
        recordId: 'p',
        actions: ['syncNow', 'refresh'],
        phase: phaseOf(random, first, token),
        readAt: now,
      } as const;
      isGood(tokenCard(data), summaryOfTokenCard(data));
      return;
    }
  }
}

function phaseOf(random: Random, before: VppToken, after: VppToken): TokenPhase {
  const run: SyncRun = {
    id: 'r',
    tenantId: 't',
    tokenId: after.id,
    phase: 'running',
    joined: false,
    before,
    seenInProgress: random.once(2),
    requester: { tenantId: 't', aadObjectId: 'a', teamsId: '29:a', name: 'Ada' },
    conversation: { serviceUrl: 's', id: 'c', kind: 'personal', tenantId: 't', bot: { id: 'b', name: '' } },
    locale: 'en',
    uncertain: random.once(2),
    startedAt: now - 60_000,
  };
  const verdict = judge(run, after, now);
  if (!verdict.ended) return random.once(2) ? { kind: 'state' } : { kind: 'running', startedAt: now };
  return { kind: 'ended', outcome: verdict.outcome, durationMs: 60_000, changes: changesBetween(before, after) };
}
