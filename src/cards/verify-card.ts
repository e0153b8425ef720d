import { type BeforeRenewal, freshDays, type RenewalChecks, type Sameness } from '../domain/renewal.ts';
import { findExpiry, type VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import { findInstant } from '../lib/time.ts';
import {
  appleIdFor,
  bandOf,
  clientDate,
  clientDateTime,
  header,
  line,
  lineWithSymbol,
  render,
  type Tone,
} from './render.ts';
import { daysLeftLine, tokenNames } from './token-parts.ts';
import { stateWord } from './token-state.ts';

interface VerifyCardData extends Reader {
  readonly conversationKind: ConversationKind;
  /** Intune's page of VPP tokens. */
  readonly intuneUrl: string;
  /** As Graph just showed it. */
  readonly token: VppToken;
  /** The token when its renewal was started; absent when nobody has said so. */
  readonly before?: BeforeRenewal & { readonly startedAt: number };
  readonly checks: RenewalChecks;
  /** Typed, it means this token and no other. */
  readonly callName: string;
  /** The name of whom the whole former Apple ID was sent to, where the card shows only a part of it. */
  readonly sentTo?: string;
  /** Opaque id of the stored record behind the button. */
  readonly recordId: string;
}

/** Says if a renewal arrived: one line per check with its symbol, then the one next step. */
export function verifyCard(data: VerifyCardData): CardContent {
  const { locale, token, now } = data;
  const { card, renew } = textsFor(locale);
  const { title, others } = tokenNames(token, locale);
  const verdict = verdictOf(data);
  return render('verify-card', locale, summaryOfVerifyCard(data), {
    ...header(title, others),
    band: [bandOf(verdictTones[verdict], textsFor(locale).verify.headline[verdict])],
    checks: checkRows(data),
    advice: [{ label: card.labelled(card.label.next), text: safeSentence(nextStep(data)) }],
    footer: [line(`${card.asOf} ${clientDateTime(now)}`)],
    presses: buttonsOf(data),
    links: verdict === 'done' || verdict === 'noRenewal' ? [] : [{ title: renew.open, url: data.intuneUrl }],
  });
}

function buttonsOf(data: VerifyCardData) {
  const { renew, buttons } = textsFor(data.locale);
  switch (verdictOf(data)) {
    case 'done':
      return [];
    case 'noRenewal':
      return [{ title: buttons.renew, verb: 'renew/show', id: data.recordId }];
    default:
      return [{ title: renew.buttons.check, verb: 'renew/check', id: data.recordId }];
  }
}

/** The name and whether it is renewed. */
export function summaryOfVerifyCard(data: VerifyCardData): string {
  const { card, verify } = textsFor(data.locale);
  return card.summary(tokenNames(data.token, data.locale).title, verify.headline[verdictOf(data)]);
}

type Verdict = 'done' | 'notYet' | 'otherAccount' | 'notWorking' | 'noRenewal';

const verdictTones: Readonly<Record<Verdict, Tone>> = {
  done: 'good',
  notYet: 'attention',
  otherAccount: 'attention',
  notWorking: 'attention',
  noRenewal: 'plain',
};

/** The worst that the checks found: another account, then no new date, then a renewed token that does not work. */
function verdictOf({ before, checks }: VerifyCardData): Verdict {
  const { expiry, appleId, organization, state, sync } = checks;
  if (!before) return 'noRenewal';
  if (appleId === 'changed' || organization === 'changed') return 'otherAccount';
  if (expiry !== 'moved' && expiry !== 'ahead') return 'notYet';
  return state === 'valid' && sync === 'completed' ? 'done' : 'notWorking';
}

/** The one thing to do now. */
function nextStep(data: VerifyCardData): string {
  const { locale, token, before, checks, callName, now, timeZone } = data;
  const { verify, renew, state: states } = textsFor(locale);
  const { next } = verify;
  switch (verdictOf(data)) {
    case 'done':
      return next.done;
    case 'noRenewal': {
      const days = findExpiry(token, now, timeZone)?.days ?? 0;
      return days >= freshDays ? next.notNeeded(days) : next.noRenewal(callName);
    }
    case 'otherAccount': {
      if (checks.appleId !== 'changed') return next.otherOrganization(safeLine(before?.organizationName ?? ''));
      const { conversationKind, sentTo } = data;
      const account = appleIdFor(before?.appleId ?? '', conversationKind);
      if (conversationKind === 'personal') return next.otherAppleId(account);
      const whole = sentTo === undefined ? next.askForWhole(callName) : renew.wholeSent(safeLine(sentTo));
      return next.otherAppleIdMasked(account, whole);
    }
    case 'notYet': {
      const days = findExpiry(token, now, timeZone)?.days ?? 0;
      return checks.expiry === 'notMoved' && days >= freshDays
        ? next.maybeBefore(days, callName)
        : next.tryAgain(callName);
    }
    case 'notWorking': {
      const { state } = token;
      if (state === 'assignedToExternalMDM' || state === 'duplicateLocationId') return states.advice[state].next;
      return checks.sync === 'running' ? next.waitForSync(callName) : next.sync(callName);
    }
  }
}

interface CheckRow {
  /** The symbol, and the name of the check. */
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
function checkRows(data: VerifyCardData): CheckRow[] {
  const { locale, token, before, checks, conversationKind } = data;
  const { verify, card } = textsFor(locale);
  const account = (appleId: string | undefined) => (appleId ? appleIdFor(appleId, conversationKind) : card.nothing);
  const name = (organization: string | undefined) => safeLine(organization ?? '') || card.nothing;
  const compared = (label: string, sameness: Sameness, earlier: string, after: string) =>
    checkRow(samenessTones[sameness], label, verify.sameness[sameness](earlier, after));
  const { organizationName: organization } = token;
  return [
    expiryCheck(data),
    compared(card.label.appleId, checks.appleId, account(before?.appleId), account(token.appleId)),
    compared(verify.label.organization, checks.organization, name(before?.organizationName), name(organization)),
    checkRow(checks.state === 'valid' ? 'good' : 'attention', card.label.state, stateWord(token.state, locale)),
    syncCheck(data),
  ];
}

function expiryCheck(data: VerifyCardData): CheckRow {
  const { locale, token, before, checks } = data;
  const { verify, card } = textsFor(locale);
  const [earlier, after] = [findInstant(before?.expirationDateTime), findInstant(token.expirationDateTime)];
  const { text: left } = daysLeftLine(token, data);
  const dates = [
    ...(earlier !== undefined && after !== undefined && earlier !== after
      ? [`${card.change(clientDate(earlier), clientDate(after))} · ${left}`]
      : after === undefined
        ? []
        : [`${clientDate(after)} · ${left}`]),
    ...(before ? [verify.comparedWith(clientDateTime(before.startedAt))] : []),
  ];
  const isNeutral = !before && (checks.expiry === 'ahead' || checks.expiry === 'near');
  return isNeutral
    ? checkRow('plain', card.label.expires, verify.nothingBefore, dates)
    : checkRow(expiryTones[checks.expiry], card.label.expires, verify.expiry[checks.expiry], dates);
}

function syncCheck({ locale, token, checks }: VerifyCardData): CheckRow {
  const { verify, card } = textsFor(locale);
  const at = findInstant(token.lastSyncDateTime);
  const say = checks.sync === 'other' ? safeLine(token.lastSyncStatus) || card.unknown : verify.sync[checks.sync];
  return checkRow(syncTones[checks.sync], card.label.lastSync, say, at === undefined ? [] : [clientDateTime(at)]);
}

function checkRow(tone: Tone, label: string, say: string, dates: readonly string[] = []): CheckRow {
  const { text, color } = lineWithSymbol(tone, label);
  return { label: text, color, say, dates: dates.map((date) => ({ text: date })) };
}
