import { menuCardId } from '../domain/card-record.ts';
import type { CardContent, Locale } from '../domain/turn.ts';
import type { Explanation, Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { bandOf, buttonsOf, foldOf, header, lineWithSymbol, render } from './render.ts';

export type ReadingOutcome =
  | { readonly kind: 'read'; readonly count: number }
  /** `isPassing`: waiting helps; the person's rights are not the cause. */
  | { readonly kind: 'refused'; readonly explanation: Explanation; readonly isPassing: boolean }
  | { readonly kind: 'tooSlow' };

/** The result of one check: good, worth attention, or broken. */
export interface Finding {
  readonly tone: 'good' | 'warning' | 'attention';
  readonly text: string;
  /** The one thing to do; absent where all is well. */
  readonly fix?: string;
  /** Only whoever operates the bot can do something about it. */
  readonly isForOperator?: true;
}

export type CheckName = keyof Texts['doctor']['name'];

export interface DoctorCardData {
  readonly locale: Locale;
  /** In the order in which the way from Teams to Intune runs. */
  readonly findings: readonly NamedFinding[];
  /** The reader operates the bot, and nobody else reads along. */
  readonly isOperator: boolean;
  readonly isTargeted?: boolean;
  /** Where the operator can be asked, if anywhere is known. */
  readonly support?: string;
  /** The turn's correlationId. */
  readonly reference: string;
}

interface NamedFinding {
  readonly name: CheckName;
  readonly finding: Finding;
}

// So that every part may go wrong at once and the card still keeps its size.
const longestText = 400;
const longestFix = 240;

/** What is wrong comes first, each with what to do about it; what is well is folded. */
export function doctorCard(data: DoctorCardData): CardContent {
  const { locale, findings, support, reference } = data;
  const { doctor, card, buttons } = textsFor(locale);
  const shown = problemsFor(data);
  const elsewhere = findings.filter(({ finding }) => finding.tone !== 'good').length - shown.length;
  const passed = findings.filter(({ finding }) => finding.tone === 'good');
  return render('doctor-card', locale, summaryOfDoctorCard(data), {
    ...header(doctor.heading),
    band: [bandOf(worstOf(findings), verdictOf(data))],
    problems: shown.map(({ name, finding: { tone, text, fix } }) => ({
      ...lineWithSymbol(tone, doctor.name[name]),
      finding: safeLine(text, longestText),
      fix: fix === undefined ? [] : [{ label: card.labelled(card.label.next), text: safeLine(fix, longestFix) }],
    })),
    operator: elsewhere === 0 ? [] : [{ text: doctor.forOperator(elsewhere, support) }],
    passed:
      passed.length === 0
        ? []
        : [
            {
              ...foldOf(doctor.passed(passed.length)),
              checks: passed.map(({ name, finding: { tone, text } }) => ({
                ...lineWithSymbol(tone, doctor.name[name]),
                finding: safeLine(text, longestText),
              })),
            },
          ],
    reference: card.reference(safeLine(reference)),
    ...buttonsOf([{ title: buttons.runAgain, verb: 'doctor/again', id: menuCardId('doctor', data.isTargeted) }]),
  });
}

export const summaryOfDoctorCard = (data: DoctorCardData): string =>
  textsFor(data.locale).doctor.summary(verdictOf(data));

/** The worst first. Nobody but an operator sees what only an operator can fix: it may say where the bot is weak. */
const problemsFor = ({ findings, isOperator }: DoctorCardData): readonly NamedFinding[] =>
  (['attention', 'warning'] as const).flatMap((tone) =>
    findings.filter(({ finding }) => finding.tone === tone && (isOperator || !finding.isForOperator)),
  );

const worstOf = (findings: readonly NamedFinding[]): Finding['tone'] =>
  (['attention', 'warning'] as const).find((tone) => findings.some(({ finding }) => finding.tone === tone)) ?? 'good';

function verdictOf({ locale, findings }: DoctorCardData): string {
  const { doctor } = textsFor(locale);
  const count = (tone: Finding['tone']) => findings.filter(({ finding }) => finding.tone === tone).length;
  if (count('attention') > 0) return doctor.toFix(count('attention'));
  return count('warning') > 0 ? doctor.toCheck(count('warning')) : doctor.well;
}
