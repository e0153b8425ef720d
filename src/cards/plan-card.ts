import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { joinSentences, safeLine, safeSentence } from '../lib/text.ts';
import { bandOf, buttonsOf, header, lineWithSymbol, render } from './render.ts';

/** Why a token is left out of a plan. */
export const skipReasons = ['inProgress', 'coolingDown', 'expired', 'invalid', 'assignedToExternalMDM'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** A change to a token between a plan and its application. */
export interface Drift {
  readonly name: string;
  readonly what: 'gone' | 'added' | SkipReason;
}

export interface PlanCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** The person whose plan it is; nobody else's click applies it. */
  readonly person: string;
  /** Names of the tokens that would run, in the order shown. */
  readonly run: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: SkipReason }[];
  /** Why the plan before this one was not carried out; empty for a first plan. */
  readonly drifts: readonly Drift[];
  /** Absent when there is nothing to apply: then the card asks nothing. */
  readonly recordId?: string;
  readonly expiresInMs: number;
}

/** Names of a group that the card shows. */
export const mostNames = 12;

/** The plan of a sync of every token, before any of it is done. Names beyond the twelfth of a group are only counted. */
export function planCard(data: PlanCardData): CardContent {
  const { syncAll, buttons } = textsFor(data.locale);
  const { plan } = syncAll;
  const { run, skipped, drifts, recordId } = data;
  const names = (all: readonly string[]) =>
    [
      ...all.slice(0, mostNames).map((name) => safeLine(name)),
      ...(all.length > mostNames ? [plan.more(all.length - mostNames)] : []),
    ].join(' · ');
  const isDrifted = drifts.length > 0;
  const runs = plan.run(run.length);
  const running =
    run.length === 0 ? [] : [{ titles: isDrifted ? [lineWithSymbol('busy', runs)] : [], names: names(run) }];
  const skips = skipReasons.flatMap((reason) => {
    const of = skipped.filter((each) => each.reason === reason).map(({ name }) => name);
    return of.length === 0
      ? []
      : [{ titles: [lineWithSymbol('plain', plan.skipped[reason](of.length))], names: names(of) }];
  });
  return render('plan-card', data.locale, summaryOfPlanCard(data), {
    ...header(headingOf(data)),
    band: isDrifted ? [bandOf('warning', driftHeading(data))] : run.length > 0 ? [bandOf('busy', runs)] : [],
    drifts: driftLines(data),
    groups: [...running, ...skips],
    note: recordId === undefined ? plan.nothingNext : safeSentence(boundOf(data)),
    ...buttonsOf(
      recordId === undefined
        ? []
        : [
            { title: buttons.apply, verb: 'syncAll/apply', id: recordId },
            { title: buttons.cancel, verb: 'dialog/cancel', id: recordId },
          ],
    ),
  });
}

/** The question itself, or that there is none. */
export const summaryOfPlanCard = (data: PlanCardData): string =>
  data.drifts.length === 0 ? headingOf(data) : joinSentences(driftHeading(data), headingOf(data));

function headingOf({ locale, run, skipped }: PlanCardData): string {
  const { plan } = textsFor(locale).syncAll;
  const total = run.length + skipped.length;
  return run.length === 0 ? plan.nothing(total) : plan.heading(run.length, total);
}

function boundOf({ locale, conversationKind, person, expiresInMs }: PlanCardData): string {
  const { plan } = textsFor(locale).syncAll;
  return conversationKind === 'personal' ? plan.bound(expiresInMs) : plan.boundTo(safeLine(person), expiresInMs);
}

function driftHeading({ locale, recordId }: PlanCardData): string {
  const { plan } = textsFor(locale).syncAll;
  return recordId === undefined ? plan.driftedToNothing : plan.drifted;
}

function driftLines(data: PlanCardData) {
  const { plan } = textsFor(data.locale).syncAll;
  const rest = data.drifts.length - mostNames;
  const rows = data.drifts.slice(0, mostNames).map(({ name, what }) => plan.drift[what](safeLine(name)));
  return [...rows, ...(rest > 0 ? [plan.more(rest)] : [])].map((text) => ({ text }));
}
