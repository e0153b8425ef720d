import { formats } from '../formats.ts';
import { tokens } from './counts.ts';

const { number } = formats.en;

export const commands = {
  alertsSettings: {
    name: 'alerts settings',
    usage: 'alerts settings',
    summary: 'Change what alerts come here, in a form: tokens, events, quiet hours, weekly digest.',
  },
} as const;

const unchanged = 'Nothing was changed.';

/** The form behind “alerts settings”. A refusal begins with the label of the field that it is about. */
export const alertSettings = {
  heading: 'Alert settings',
  label: {
    tokens: 'Tokens',
    add: 'Add tokens by name',
    events: 'Alerts for',
    quiet: 'Quiet hours',
    from: 'Quiet from',
    until: 'Quiet until',
    zone: 'Time zone',
    weekly: 'Weekly digest',
  },
  all: 'All tokens, including later ones',
  /** Covered tokens for which the form has no room. */
  unshown: (count: number) =>
    `${count === 1 ? '1 more token stays' : `${number(count)} more tokens stay`} covered. To remove one, say “alerts off” and its name.`,
  /** In the empty field. */
  names: 'Names or IDs, with commas between',
  quietOn: 'Hold alerts that aren’t critical until quiet hours end',
  weeklyOn: 'On Mondays at 08:00',
  refused: {
    allAndOthers: (label: string) => `${label}: choose either all tokens or single ones, not both. ${unchanged}`,
    noTokens: (label: string) => `${label}: choose at least one. To stop alerts here, say “alerts off”. ${unchanged}`,
    hidden: (label: string) =>
      `${label}: Intune doesn’t show you one of these. Leave it out, or say “alerts settings” for a new form. ${unchanged}`,
    several: (label: string, asked: string, count: number) =>
      `${label}: “${asked}” matches ${tokens(count)}. Write more of the name. ${unchanged}`,
    noName: (label: string, asked: string) =>
      `${label}: you can see no token called “${asked}”. Check the spelling. ${unchanged}`,
    noEvents: (label: string) => `${label}: choose at least one. To stop alerts here, say “alerts off”. ${unchanged}`,
    noTime: (label: string) => `${label}: give a time such as 22:00, or switch quiet hours off. ${unchanged}`,
    sameTime: (label: string) => `${label}: quiet hours can’t begin and end at the same time. ${unchanged}`,
    noZone: (label: string, said: string) =>
      `${label}: I don’t know “${said}”. Write it like Europe/Berlin or Asia/Shanghai. ${unchanged}`,
    nearZone: (label: string, said: string, near: string) =>
      `${label}: “${said}” alone is not a time zone. Did you mean ${near}? ${unchanged}`,
  },
} as const;
