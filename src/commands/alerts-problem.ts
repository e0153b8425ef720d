import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import type { AlertsProblem } from './alerts-asked.ts';

/** Why nothing was done with what somebody said, and how to say it. */
export function explainProblem(problem: AlertsProblem, locale: Locale): string {
  const words = textsFor(locale).alerts.problem;
  switch (problem.kind) {
    case 'twoTargets':
      return words.twoTargets(plain(problem.said));
    case 'twoNames':
      return words.twoNames(plain(problem.said), plain(problem.other));
    case 'noHours':
      return words.noHours;
    case 'sameHours':
      return words.sameHours;
    case 'noZone':
      return problem.near === undefined
        ? words.noZone(plain(problem.said))
        : words.nearZone(plain(problem.said), plain(problem.near));
  }
}
