import type { VppToken } from '../graph/vpp-token.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Locale } from '../turn.ts';
import type { CardRow, Line } from './card-row.ts';
import type { Change } from './change.ts';
import { clientDate, clientDateTime, findInstant } from './instant.ts';
import { plain } from './plain.ts';
import { stateWord, syncFailedAdvice } from './token-state.ts';
import { type Tone, toned, untoned } from './tone.ts';

/** How a followed sync ended. `deleted`: the token went meanwhile. `notStarted`: it never began. `lost`: its end could not be seen. */
export type SyncOutcome = 'completed' | 'failed' | 'stuck' | 'noResult' | 'deleted' | 'notStarted' | 'lost';

export type TokenPhase =
  | { readonly kind: 'state' }
  | {
      readonly kind: 'running';
      readonly startedAt: number;
      readonly joined?: { readonly byName?: string; readonly alreadyRunning: true };
    }
  | {
      readonly kind: 'ended';
      readonly outcome: SyncOutcome;
      readonly durationMs: number;
      readonly changes: readonly Change[];
    };

interface PhaseData {
  readonly phase: TokenPhase;
  readonly locale: Locale;
  readonly token: VppToken;
  readonly now: number;
}

/** How serious each way to end is. */
export const outcomeTones: Readonly<Record<SyncOutcome, Tone>> = {
  completed: 'good',
  failed: 'attention',
  stuck: 'warning',
  noResult: 'warning',
  deleted: 'attention',
  notStarted: 'attention',
  lost: 'warning',
};
export const isSyncOutcome = (outcome: string): outcome is SyncOutcome => Object.hasOwn(outcomeTones, outcome);

const mostChanges = 10;

/** What the card says of the sync it follows: nothing, one block while it runs, the receipt at its end. */
export function phaseBlocks({ phase, locale, token, now }: PhaseData) {
  if (phase.kind === 'state') return [];
  if (phase.kind === 'running') return [runningBlock(phase, locale)];
  const failed = phase.outcome === 'failed';
  return [{ ...endedBlock(phase, locale), advice: failed ? syncFailedAdvice(token, now, locale) : [] }];
}

function runningBlock({ startedAt, joined }: Extract<TokenPhase, { kind: 'running' }>, locale: Locale) {
  const { sync, card } = textsFor(locale);
  const detail = joined
    ? joined.byName
      ? sync.detail.joinedBy(plain(joined.byName))
      : sync.detail.joined
    : sync.detail.running;
  return {
    ...headline('busy', joined ? sync.headline.joined : sync.headline.running),
    since: [untoned(`${card.since} ${clientDateTime(startedAt)}`)],
    details: [untoned(detail)],
    advice: [],
    changes: [],
  };
}

function endedBlock({ outcome, durationMs, changes }: Extract<TokenPhase, { kind: 'ended' }>, locale: Locale) {
  const { sync, card } = textsFor(locale);
  const said = sync.headline[outcome];
  const told = changes.some(({ what }) => what !== 'lastSync') ? changes : [];
  const rest = told.length - mostChanges;
  return {
    ...headline(outcomeTones[outcome], typeof said === 'function' ? said(durationMs) : said),
    since: [],
    details: detailOf(outcome, told.length > 0, locale),
    changes:
      told.length === 0
        ? []
        : [
            {
              heading: card.label.changed,
              rows: told.slice(0, mostChanges).map((change) => changeRow(change, locale)),
              more: rest > 0 ? [untoned(card.moreChanges(rest))] : [],
            },
          ],
  };
}

function detailOf(outcome: SyncOutcome, changed: boolean, locale: Locale): Line[] {
  const { detail } = textsFor(locale).sync;
  if (outcome === 'completed') return changed ? [] : [untoned(detail.nothingChanged)];
  return outcome === 'failed' ? [] : [untoned(detail[outcome])];
}

function changeRow({ what, before, after }: Change, locale: Locale): CardRow {
  const { label, change } = textsFor(locale).card;
  const lines = [before, after].map((value) => (what === 'state' ? undefined : findInstant(value)));
  const [from, to] = lines;
  if (from !== undefined && to !== undefined) {
    const write = what === 'expiry' ? clientDate : clientDateTime;
    return { label: labelOf(what, label), runs: [], dates: [untoned(change(write(from), write(to)))] };
  }
  const say = (value: string | undefined) => sayValue(what, value, locale);
  return { label: labelOf(what, label), runs: [untoned(change(say(before), say(after)))], dates: [] };
}

function sayValue(what: Change['what'], value: string | undefined, locale: Locale): string {
  const { card } = textsFor(locale);
  if (value === undefined) return what === 'lastSync' ? card.never : card.nothing;
  return what === 'state' ? stateWord(value, locale) : plain(value);
}

const headline = (tone: Tone, text: string) => {
  const { text: said, color } = toned(tone, text);
  return { headline: said, color };
};

const labelOf = (what: Change['what'], label: { state: string; expires: string; lastSync: string }) =>
  what === 'state' ? label.state : what === 'expiry' ? label.expires : label.lastSync;
