import { kindOf, readKind } from '../domain/connector.ts';
import type { AppChange, Change, LicenseCounts, TokenChange } from '../domain/licenses.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import { type ConnectorReading, findExpiry, type Trouble, type VppToken } from '../domain/token.ts';
import type { ConversationKind, ConversationReference, Locale, Reader } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { formats } from '../i18n/formats.ts';
import { isKeyOf, textsFor } from '../i18n/texts.ts';
import { joinSentences, safeLine } from '../lib/text.ts';
import { findInstant } from '../lib/time.ts';
import type { Choice } from './choice-card.ts';
import {
  appleIdFor,
  type CardRow,
  clientDate,
  clientDateTime,
  colored,
  foldOf,
  type Line,
  line,
  lineWithSymbol,
  rowOf,
  type Tone,
} from './render.ts';
import { stateWord } from './token-state.ts';

interface TokenNames {
  /** The name a token goes by, everywhere: cards, sentences, toasts. */
  readonly title: string;
  /** Its other names, each once. */
  readonly others: readonly string[];
}

/**
 * displayName, else locationName, else organizationName, each a `safeLine`. v1.0 of Graph knows only the last. A connector that is no VPP
 * token says its kind.
 */
export function tokenNames(
  token: Pick<VppToken, 'id' | 'displayName' | 'locationName' | 'organizationName'>,
  locale: Locale,
): TokenNames {
  const { connector } = textsFor(locale);
  const kind = kindOf(token);
  if (kind === 'push') return { title: connector.pushTitle, others: [] };
  if (kind === 'ade') {
    return { title: safeLine(token.displayName ?? '') || connector.kind.ade, others: [connector.kind.ade] };
  }
  const names = [token.displayName, token.locationName, token.organizationName]
    .map((name) => safeLine(name ?? ''))
    .filter((name) => name !== '');
  const [title = textsFor(locale).card.unnamedToken, ...others] = new Set(names);
  return { title, others };
}

/** Why there are no connectors of a kind to show: not set up, not covered, switched off, or not read right now. */
export function explainKind(reading: ConnectorReading, locale: Locale): string {
  const { connector } = textsFor(locale);
  const what = connector.kinds[reading.kind];
  switch (reading.is) {
    case 'notCovered':
      return connector.notCovered(what, formats[locale].or(reading.permissions.map((each) => safeLine(each))));
    case 'off':
      return connector.off(what);
    case 'unread':
      return connector.unread(what);
    case 'read':
      return connector.notSetUp(what);
  }
}

/**
 * The name of each token in a list, by its id; where several have the same, with another name or the Apple ID behind it. Each is
 * a `safeLine` and short: a hundred of them must fit on a card. Several tokens with one organisation name are the normal case.
 */
export function tokenLabels(
  tokens: readonly VppToken[],
  where: { readonly locale: Locale; readonly conversation: Pick<ConversationReference, 'kind'> },
): ReadonlyMap<string, string> {
  const named = tokens.map((token) => ({ token, ...tokenNames(token, where.locale) }));
  const counts = new Map<string, number>();
  for (const { title } of named) counts.set(title, (counts.get(title) ?? 0) + 1);
  const labels = new Map(
    named.map(({ token, title, others }) => {
      const appleId = token.appleId && appleIdFor(token.appleId, where.conversation.kind);
      const mark = counts.get(title) === 1 ? undefined : (others[0] ?? appleId);
      return [token.id, mark ? `${safeLine(title, 26)} (${safeLine(mark, 32)})` : safeLine(title, 48)] as const;
    }),
  );
  const labelCounts = new Map<string, number>();
  for (const label of labels.values()) labelCounts.set(label, (labelCounts.get(label) ?? 0) + 1);
  // Namesakes whose other names and Apple IDs read alike, too, are told apart by the beginning of their ids.
  return new Map(
    named.map(({ token: { id }, title }) => {
      const label = labels.get(id) ?? title;
      return [id, labelCounts.get(label) === 1 ? label : `${safeLine(title, 26)} (${id.slice(0, shownIdLength)})`];
    }),
  );
}

/** The name to type for this token and no other: its title where that does, else its id. */
export function callNameOf(token: VppToken, tokens: readonly VppToken[], locale: Locale): string {
  const { title } = tokenNames(token, locale);
  const kind = kindOf(token);
  if (kind === 'push') return kind;
  const meant = resolveToken(
    title,
    tokens.filter((each) => kindOf(each) === kind),
  );
  if (kind === 'ade') return meant.kind === 'one' && meant.token.id === token.id ? `${kind} ${title}` : token.id;
  const isMeant = meant.kind === 'one' && meant.token.id === token.id && readKind(title).kind === 'vpp';
  return isMeant ? title : token.id;
}

/** Tokens as choices: their number is the value; the detail distinguishes namesakes. */
export function tokenChoices(
  tokens: readonly VppToken[],
  where: Omit<Reader, 'now'> & { readonly conversation: Pick<ConversationReference, 'kind'> },
  now: number,
): Choice[] {
  const { card } = textsFor(where.locale);
  const choices = tokens.map((token, index) => {
    const { title, others } = tokenNames(token, where.locale);
    const expiry = findExpiry(token, now, where.timeZone);
    const left = expiry && expiry.stage !== 'past' ? [card.daysLeft(expiry.days)] : [];
    const appleId = token.appleId ? [appleIdFor(token.appleId, where.conversation.kind)] : [];
    const detail = [...others, ...appleId, stateWord(token.state, where.locale), ...left].join(' · ');
    return { value: String(index + 1), title, detail };
  });
  return distinguish(choices, tokens, where.locale);
}

/** Adds to lines that read the same what differs between their tokens: country, last sync, at last the beginning of the id. */
function distinguish(choices: readonly Choice[], tokens: readonly VppToken[], locale: Locale): Choice[] {
  const { lastSync } = textsFor(locale).card.label;
  const marksOf: readonly ((token: VppToken) => string)[] = [
    ({ countryOrRegion }) => (countryOrRegion ? regionName(countryOrRegion, locale) : ''),
    ({ lastSyncDateTime }) => {
      const at = findInstant(lastSyncDateTime);
      return at === undefined ? '' : `${lastSync} ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    },
    ({ id }) => id.slice(0, shownIdLength),
    ({ id }) => id,
  ];
  return marksOf.reduce<Choice[]>(
    (lines, markOf) => {
      const marks = tokens.map(markOf);
      const isSame = (one: Choice | undefined, other: Choice) =>
        one?.title === other.title && one.detail === other.detail;
      return lines.map((line, index) => {
        const mark = marks[index] ?? '';
        const differs = lines.some((other, at) => at !== index && isSame(other, line) && marks[at] !== mark);
        return differs && mark !== '' ? { ...line, detail: `${line.detail} · ${mark}` } : line;
      });
    },
    [...choices],
  );
}

/** The beginning of an id that may be typed in its place. */
const shownIdLength = 8;

export interface TokenRowsData extends Reader {
  readonly token: VppToken;
  readonly conversationKind: ConversationKind;
  /** The name of the person who asked. */
  readonly requestedBy?: string;
}

/** The account, and where others read along who asked; both stay true when the token is gone. */
export function identityRows({ locale, token, conversationKind, requestedBy }: TokenRowsData): CardRow[] {
  const { label } = textsFor(locale).card;
  return [
    ...accountRow(label.appleId, token.appleId ? appleIdFor(token.appleId, conversationKind) : ''),
    ...row(label.askedBy, conversationKind === 'personal' ? undefined : requestedBy),
  ];
}

/** Data of the part `details`: facts that help rarely, folded until somebody asks for them. */
export function detailsOf({ locale, token }: TokenRowsData) {
  const { label, accountType, autoUpdate } = textsFor(locale).card;
  const updates = token.automaticallyUpdateApps;
  const rows = [
    ...row(label.accountType, token.vppTokenAccountType, (raw) =>
      isKeyOf(accountType, raw) ? accountType[raw] : safeLine(raw),
    ),
    ...row(label.region, token.countryOrRegion, (raw) => regionName(raw, locale)),
    ...row(label.autoUpdate, updates === undefined ? undefined : autoUpdate[updates ? 'on' : 'off']),
  ];
  return rows.length === 0 ? [] : [{ ...foldOf(label.details), rows }];
}

const troubleTones: Readonly<Record<Trouble, Tone>> = {
  expired: 'attention',
  invalid: 'attention',
  assignedToExternalMDM: 'attention',
  duplicateLocationId: 'warning',
  otherState: 'warning',
  syncFailed: 'attention',
  expiring: 'warning',
  stale: 'warning',
  fine: 'good',
};

/** As serious as the worst that is wrong with several tokens. */
export const worstToneOf = (found: readonly Trouble[]): Tone =>
  (['attention', 'warning'] as const).find((tone) => found.some((trouble) => troubleTones[trouble] === tone)) ?? 'good';

const expiryTones = { past: 'attention', soon: 'warning', later: 'plain' } as const;

/** The date, and how far it is away unless the card's band says so. */
export function expiryRow({ token, ...reader }: TokenRowsData, saysDays = true): CardRow {
  const { locale, now } = reader;
  const { label, unknown } = textsFor(locale).card;
  const expiry = findExpiry(token, now);
  if (!expiry) return rowOf(label.expires, line(safeLine(token.expirationDateTime ?? '') || unknown));
  const { text, color } = daysLeftLine(token, reader);
  const date = clientDate(expiry.at);
  const said = saysDays ? { text: `${date} · ${text}`, color } : line(date);
  return { label: label.expires, runs: [], dates: [said] };
}

/** How many days a token has left, or how long ago it expired. */
export function daysLeftLine(token: Pick<VppToken, 'expirationDateTime'>, { locale, now, timeZone }: Reader): Line {
  const { daysLeft, daysAgo, unknown } = textsFor(locale).card;
  const expiry = findExpiry(token, now, timeZone);
  if (!expiry) return line(unknown);
  const { days, stage } = expiry;
  return colored(expiryTones[stage], stage === 'past' ? daysAgo(-days) : daysLeft(days));
}

const syncTones: ReadonlyMap<string, Tone> = new Map([
  ['completed', 'good'],
  ['failed', 'attention'],
  ['inProgress', 'busy'],
  ['none', 'plain'],
]);

/** `isDateEarlier`: the date is that of a sync before the one whose outcome is shown. */
export function lastSyncRow({ locale, token }: TokenRowsData, isDateEarlier = false): CardRow {
  const texts = textsFor(locale);
  const { lastSyncStatus: status, lastSyncDateTime } = token;
  const at = findInstant(lastSyncDateTime);
  const { syncWord } = texts.state;
  const word = isKeyOf(syncWord, status) ? syncWord[status] : safeLine(status);
  const isBefore = status === 'inProgress' || (status === 'failed' && isDateEarlier);
  const dates: Line[] =
    at === undefined ? [] : [line(joinSentences(isBefore ? texts.card.before : '', clientDateTime(at)))];
  return rowOf(texts.card.label.lastSync, lineWithSymbol(syncTones.get(status) ?? 'warning', word), dates);
}

// What a card of 320 px has room for in one line.
const longestOnOneLine = 32;

/** An address that is too long for a line of a phone goes on below from its @ on: a client would break it within a word. */
function accountRow(label: string, account: string): CardRow[] {
  const at = account.lastIndexOf('@');
  const isWhole = at <= 0 || account.length <= longestOnOneLine;
  const parts = isWhole ? [account] : [account.slice(0, at), account.slice(at)];
  return account === '' ? [] : [{ label, runs: parts.map(line), dates: [] }];
}

function row(label: string, raw: string | undefined, say: (raw: string) => string = safeLine): CardRow[] {
  const text = raw === undefined ? '' : say(raw);
  return text === '' ? [] : [rowOf(label, line(text))];
}

function regionName(code: string, locale: Locale): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return safeLine(code);
  return new Intl.DisplayNames(locale, { type: 'region' }).of(code.toUpperCase()) ?? code;
}

/** One change as a labelled row: the value before, and the value now. An Apple ID is shown as this conversation may see it. */
export function changeRow(change: Change, locale: Locale, kind: ConversationKind): CardRow {
  return change.what === 'app' ? appChangeRow(change, locale) : tokenChangeRow(change, locale, kind);
}

function appChangeRow({ name, before, after }: AppChange, locale: Locale): CardRow {
  const { sync, card, licenses } = textsFor(locale);
  const say = ({ used, total }: LicenseCounts) => licenses.used(used, total);
  const [label, said] =
    before && after
      ? [sync.change.licenses, card.change(say(before), say(after))]
      : [after ? sync.change.appAdded : sync.change.appRemoved, say(after ?? before ?? { used: 0, total: 0 })];
  return { label, runs: [safeLine(name), said].map(line), dates: [] };
}

function tokenChangeRow(changed: TokenChange, locale: Locale, kind: ConversationKind): CardRow {
  const texts = textsFor(locale);
  const { change } = texts.card;
  const label = labelOf(changed.what, texts);
  if (changed.what === 'expiry') {
    const [from, to] = [findInstant(changed.before), findInstant(changed.after)];
    if (from !== undefined && to !== undefined) {
      return { label, runs: [], dates: [line(change(clientDate(from), clientDate(to)))] };
    }
  }
  const say = (value: string | undefined) => sayValue(changed.what, value, locale, kind);
  return rowOf(label, line(change(say(changed.before), say(changed.after))));
}

function sayValue(what: TokenChange['what'], value: string | undefined, locale: Locale, kind: ConversationKind) {
  const { nothing } = textsFor(locale).card;
  if (value === undefined) return nothing;
  if (what === 'state') return stateWord(value, locale);
  return (what === 'appleId' ? appleIdFor(value, kind) : safeLine(value)) || nothing;
}

function labelOf(what: TokenChange['what'], { card, sync }: Texts): string {
  switch (what) {
    case 'state':
      return card.label.state;
    case 'expiry':
      return card.label.expires;
    case 'appleId':
      return card.label.appleId;
    default:
      return sync.change[what];
  }
}
