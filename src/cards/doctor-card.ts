import type { CardContent, Locale } from '../domain/turn.ts';
import type { Explanation, Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { header, lineWithSymbol, render } from './render.ts';

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
}

export type CheckName = keyof Texts['doctor']['name'];

export interface DoctorCardData {
  readonly locale: Locale;
  /** In the order shown. */
  readonly findings: readonly { readonly name: CheckName; readonly finding: Finding }[];
  /** The turn's correlationId. */
  readonly reference: string;
}

// So that every part may go wrong at once and the card still keeps its size.
const longestText = 400;
const longestFix = 240;

/** Every part that was checked, its state, and what to do about it. */
export function doctorCard(data: DoctorCardData): CardContent {
  const { doctor, card } = textsFor(data.locale);
  return render('doctor-card', data.locale, summaryOfDoctorCard(data), {
    ...header(doctor.heading),
    verdict: verdictOf(data),
    findings: data.findings.map(({ name, finding }) => {
      const { text: headline, color } = lineWithSymbol(finding.tone, doctor.name[name]);
      const fix = finding.fix === undefined ? [] : [safeLine(finding.fix, longestFix)];
      return {
        name: headline,
        color,
        text: safeLine(finding.text, longestText),
        fix: fix.map((text) => ({ label: card.labelled(card.label.next), text })),
      };
    }),
    reference: card.reference(safeLine(data.reference)),
  });
}

export const summaryOfDoctorCard = (data: DoctorCardData): string =>
  textsFor(data.locale).doctor.summary(verdictOf(data));

function verdictOf({ locale, findings }: DoctorCardData): string {
  const { doctor } = textsFor(locale);
  const count = (tone: Finding['tone']) => findings.filter(({ finding }) => finding.tone === tone).length;
  if (count('attention') > 0) return doctor.toFix(count('attention'));
  return count('warning') > 0 ? doctor.toCheck(count('warning')) : doctor.well;
}
