import { type BeforeRenewal, type RenewalChecks, renewalLinks } from '../domain/renewal.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plainSentence } from '../lib/text.ts';
import { clientDateTime } from '../lib/time.ts';
import { render } from './render.ts';
import { tokenNames } from './token-names.ts';
import { toned } from './tone.ts';
import { nextStep, verdictOf } from './verify-next.ts';
import { checkRows } from './verify-rows.ts';

export interface VerifyCardData {
  readonly locale: Locale;
  readonly now: number;
  readonly conversationKind: ConversationKind;
  /** As it was just read. */
  readonly token: VppToken;
  /** What it was when the renewal began, if that is known. */
  readonly mark?: BeforeRenewal & { readonly markedAt: number };
  readonly checks: RenewalChecks;
  /** What one can type to mean this token and no other. */
  readonly callName: string;
}

/** Whether a renewal arrived: one line per check with its symbol, then the one next step. */
export function verifyCard(data: VerifyCardData): CardContent {
  const { locale, token, now, checks } = data;
  const { card, renew } = textsFor(locale);
  const { title, others } = tokenNames(token, locale);
  const verdict = verdictOf(checks);
  const headline = toned(verdict === 'done' ? 'good' : 'attention', textsFor(locale).verify.headline[verdict]);
  return render('verify-card', locale, summaryOfVerifyCard(data), {
    title,
    subtitle: others.length === 0 ? [] : [{ text: others.join(' · ') }],
    headline: headline.text,
    color: headline.color,
    checks: checkRows(data),
    nextLabel: card.labelled(card.label.next),
    next: plainSentence(nextStep(data)),
    asOf: `${card.asOf} ${clientDateTime(now)}`,
    actions: verdict === 'done' ? [] : [{ title: renew.open, url: renewalLinks.intune }],
  });
}

/** The name and whether it is renewed. */
export function summaryOfVerifyCard({ locale, token, checks }: VerifyCardData): string {
  const { card, verify } = textsFor(locale);
  return card.summary(tokenNames(token, locale).title, verify.headline[verdictOf(checks)]);
}
