import type { RenewalChecks, Sameness } from '../domain/renewal.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { clientDate, clientDateTime, daysBetween, findInstant } from '../lib/time.ts';
import { appleIdFor } from './apple-id.ts';
import { stateWord } from './token-state.ts';
import { type Tone, toned } from './tone.ts';
import type { VerifyCardData } from './verify-card.ts';

interface CheckRow {
  /** Symbol and what was checked. */
  readonly label: string;
  readonly color: string;
  readonly say: string;
  /** Our own words and dates alone. */
  readonly dates: readonly { readonly text: string }[];
}

const expiryTones: Readonly<Record<RenewalChecks['expiry'], Tone>> = {
  moved: 'good',
  ahead: 'good',
  notMoved: 'attention',
  earlier: 'attention',
  near: 'attention',
  past: 'attention',
  unknown: 'attention',
};
const syncTones: Readonly<Record<RenewalChecks['sync'], Tone>> = {
  completed: 'good',
  running: 'busy',
  failed: 'attention',
  never: 'attention',
  stale: 'attention',
  stuck: 'attention',
  other: 'attention',
};
const samenessTones: Readonly<Record<Sameness, Tone>> = {
  same: 'good',
  changed: 'attention',
  nothingToCompare: 'plain',
};

/** One line per check: ✓ or ✕, or • where there is nothing to compare with, and what was found in words. */
export function checkRows(data: VerifyCardData): CheckRow[] {
  const { locale, token, mark, checks, conversationKind } = data;
  const { verify, card } = textsFor(locale);
  const account = (appleId: string | undefined) => (appleId ? appleIdFor(appleId, conversationKind) : card.nothing);
  const name = (organization: string | undefined) => plain(organization ?? '') || card.nothing;
  const compared = (label: string, sameness: Sameness, before: string, after: string) =>
    row(samenessTones[sameness], label, verify.sameness[sameness](before, after));
  const { organizationName: organization } = token;
  return [
    expiryCheck(data),
    compared(card.label.appleId, checks.appleId, account(mark?.appleId), account(token.appleId)),
    compared(verify.label.organization, checks.organization, name(mark?.organizationName), name(organization)),
    row(checks.state === 'valid' ? 'good' : 'attention', card.label.state, stateWord(token.state, locale)),
    syncCheck(data),
  ];
}

function expiryCheck({ locale, token, mark, checks, now }: VerifyCardData): CheckRow {
  const { verify, card } = textsFor(locale);
  const [before, after] = [findInstant(mark?.expirationDateTime), findInstant(token.expirationDateTime)];
  const days = after === undefined ? 0 : daysBetween(now, after);
  const left = after !== undefined && after <= now ? card.daysAgo(-days) : card.daysLeft(days);
  const dates = [
    ...(before !== undefined && after !== undefined && before !== after
      ? [`${card.change(clientDate(before), clientDate(after))} · ${left}`]
      : after === undefined
        ? []
        : [`${clientDate(after)} · ${left}`]),
    ...(mark ? [verify.comparedWith(clientDateTime(mark.markedAt))] : []),
  ];
  return row(expiryTones[checks.expiry], card.label.expires, verify.expiry[checks.expiry], dates);
}

function syncCheck({ locale, token, checks }: VerifyCardData): CheckRow {
  const { verify, card } = textsFor(locale);
  const at = findInstant(token.lastSyncDateTime);
  const say = checks.sync === 'other' ? plain(token.lastSyncStatus) : verify.sync[checks.sync];
  return row(syncTones[checks.sync], card.label.lastSync, say, at === undefined ? [] : [clientDateTime(at)]);
}

function row(tone: Tone, label: string, say: string, dates: readonly string[] = []): CheckRow {
  const { text, color } = toned(tone, label);
  return { label: text, color, say, dates: dates.map((date) => ({ text: date })) };
}
