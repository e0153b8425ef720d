import type { AppChange, Change, LicenseCounts, TokenChange } from '../domain/licenses.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import { type Texts, textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { clientDate, findInstant } from '../lib/time.ts';
import { appleIdFor } from './apple-id.ts';
import type { CardRow } from './card-row.ts';
import { stateWord } from './token-state.ts';
import { untoned } from './tone.ts';

/** One change as a labelled row: what it was, and what it is. An Apple ID is shown as this conversation may see it. */
export function changeRow(change: Change, locale: Locale, kind: ConversationKind): CardRow {
  return change.what === 'app' ? appRow(change, locale) : tokenRow(change, locale, kind);
}

function appRow({ name, before, after }: AppChange, locale: Locale): CardRow {
  const { sync, card, licenses } = textsFor(locale);
  const say = ({ used, total }: LicenseCounts) => licenses.used(used, total);
  const [label, said] =
    before && after
      ? [sync.change.licenses, card.change(say(before), say(after))]
      : [after ? sync.change.appAdded : sync.change.appRemoved, say(after ?? before ?? { used: 0, total: 0 })];
  return { label, runs: [plain(name), said].map(untoned), dates: [] };
}

function tokenRow(changed: TokenChange, locale: Locale, kind: ConversationKind): CardRow {
  const texts = textsFor(locale);
  const { change } = texts.card;
  const label = labelOf(changed.what, texts);
  if (changed.what === 'expiry') {
    const [from, to] = [findInstant(changed.before), findInstant(changed.after)];
    if (from !== undefined && to !== undefined) {
      return { label, runs: [], dates: [untoned(change(clientDate(from), clientDate(to)))] };
    }
  }
  const say = (value: string | undefined) => sayValue(changed.what, value, locale, kind);
  return { label, runs: [untoned(change(say(changed.before), say(changed.after)))], dates: [] };
}

function sayValue(what: TokenChange['what'], value: string | undefined, locale: Locale, kind: ConversationKind) {
  const { nothing } = textsFor(locale).card;
  if (value === undefined) return nothing;
  if (what === 'state') return stateWord(value, locale);
  return (what === 'appleId' ? appleIdFor(value, kind) : plain(value)) || nothing;
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
