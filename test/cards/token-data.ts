import type { TokenCardData } from '../../src/cards/token-card.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { berlin, now } from '../support/contoso-berlin.ts';

export const locales: readonly Locale[] = ['en', 'zh-CN'];

export const tokenData = (changed: Partial<TokenCardData> = {}): TokenCardData => ({
  locale: 'en',
  now,
  token: berlin,
  conversationKind: 'personal',
  requestedBy: 'Ada Lovelace',
  recordId: 'press-1',
  actions: ['syncNow', 'refresh'],
  phase: { kind: 'state' },
  readAt: now,
  ...changed,
});
