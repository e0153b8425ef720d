import type { VppToken } from '../domain/token.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { clientDate, clientDateTime, daysBetween, findInstant } from '../lib/time.ts';
import { appleIdFor } from './apple-id.ts';
import type { CardRow, Line } from './card-row.ts';
import { expirySoonDays } from './token-state.ts';
import { colored, type Tone, toned, untoned } from './tone.ts';

export interface TokenRowsData {
  readonly locale: Locale;
  readonly now: number;
  readonly token: VppToken;
  readonly conversationKind: ConversationKind;
  /** Who asked, by name. */
  readonly requestedBy?: string;
}

/** The facts of a token that stay true when it is gone. */
export function identityRows({ locale, token, conversationKind, requestedBy }: TokenRowsData): CardRow[] {
  const { label, accountType, autoUpdate } = textsFor(locale).card;
  const updates = token.automaticallyUpdateApps;
  return [
    ...row(label.accountType, token.vppTokenAccountType, (raw) => wordOr(accountType, raw)),
    ...row(label.appleId, token.appleId, (raw) => appleIdFor(raw, conversationKind)),
    ...row(label.region, token.countryOrRegion, (raw) => regionName(raw, locale)),
    ...row(label.autoUpdate, updates === undefined ? undefined : autoUpdate[updates ? 'on' : 'off']),
    ...row(label.askedBy, requestedBy),
  ];
}

export function expiryRow({ locale, now, token }: TokenRowsData): CardRow {
  const { label, daysLeft, daysAgo, unknown } = textsFor(locale).card;
  const at = findInstant(token.expirationDateTime);
  if (at === undefined)
    return { label: label.expires, runs: [untoned(plain(token.expirationDateTime ?? '') || unknown)], dates: [] };
  const days = daysBetween(now, at);
  const tone: Tone = at <= now ? 'attention' : days <= expirySoonDays ? 'warning' : 'plain';
  const left = at <= now ? daysAgo(-days) : daysLeft(days);
  return { label: label.expires, runs: [], dates: [colored(tone, `${clientDate(at)} · ${left}`)] };
}

const syncTones: Readonly<Record<string, Tone>> = {
  completed: 'good',
  failed: 'attention',
  inProgress: 'busy',
  none: 'plain',
};

/** `isDateEarlier`: the date is known to be that of a sync before the one whose outcome is shown. */
export function lastSyncRow({ locale, token }: TokenRowsData, isDateEarlier = false): CardRow {
  const texts = textsFor(locale);
  const { lastSyncStatus: status, lastSyncDateTime } = token;
  const at = findInstant(lastSyncDateTime);
  const word = wordOr(texts.state.syncWord, status);
  const isBefore = status === 'inProgress' || (status === 'failed' && isDateEarlier);
  const dates: Line[] =
    at === undefined ? [] : [untoned(`${isBefore ? `${texts.card.before} ` : ''}${clientDateTime(at)}`)];
  return {
    label: texts.card.label.lastSync,
    runs: [toned(Object.hasOwn(syncTones, status) ? (syncTones[status] ?? 'plain') : 'warning', word)],
    dates,
  };
}

function row(label: string, raw: string | undefined, say: (raw: string) => string = plain): CardRow[] {
  const text = raw === undefined ? '' : say(raw);
  return text === '' ? [] : [{ label, runs: [untoned(text)], dates: [] }];
}

/** Graph's enums are open: a value without a word is shown as it came. */
function wordOr<Words extends object>(words: Words & Readonly<Record<string, string>>, raw: string): string {
  return Object.hasOwn(words, raw) ? (words[raw] ?? plain(raw)) : plain(raw);
}

function regionName(code: string, locale: Locale): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return plain(code);
  return new Intl.DisplayNames(locale, { type: 'region' }).of(code.toUpperCase()) ?? code;
}
