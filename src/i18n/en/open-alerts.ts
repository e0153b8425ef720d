import { formats } from '../formats.ts';
import { alerts as alertCount, tokens } from './counts.ts';

const { days, number } = formats.en;

export const commands = {
  alertsOpen: {
    name: 'alerts open',
    usage: 'alerts open',
    summary: 'See the open alerts of this conversation, and acknowledge or snooze one, a kind or all of them.',
  },
  digest: {
    name: 'digest now',
    usage: 'digest now',
    summary: 'Get the weekly digest of the alerts here at once.',
  },
} as const;

/** The open alerts of a conversation on one card, and what people do about them there. */
export const openAlerts = {
  heading: (count: number) => (count === 1 ? '1 open alert' : `${number(count)} open alerts`),
  none: 'No alert is open here',
  noneHint: 'When something goes wrong with a token that these alerts cover, it appears here.',
  /** Over the alerts of one condition. */
  group: (name: string, count: number) => `${name} · ${alertCount(count)}`,
  which: 'Which alerts',
  placeholder: 'Choose one, a kind or all',
  choose: 'Choose which alerts first.',
  choice: {
    all: (count: number) => (count === 1 ? 'The one open alert' : `All ${alertCount(count)}`),
    condition: (name: string, count: number) => `${name}: all ${number(count)}`,
  },
  hint: 'In words: “alerts acknowledge all”, “alerts snooze expiring 3”, “alerts undo contoso”.',
  done: {
    acknowledge: (count: number) => `${alertCount(count)} acknowledged.`,
    snooze: (count: number, forDays: number) => `${alertCount(count)} snoozed for ${days(forDays)}.`,
    undo: (count: number) => `Undone for ${alertCount(count)}.`,
  },
  /** Why some stay as they were. */
  left: {
    sentence: (reasons: string) => `Not changed: ${reasons}.`,
    taken: (count: number) => `${number(count)} already acknowledged`,
    notTaken: (count: number) => `${number(count)} that nobody had acknowledged or snoozed`,
    hidden: (count: number) => `${number(count)} about tokens that Intune doesn’t show you`,
    expired: (count: number) => `${number(count)} of expired tokens, which can’t be snoozed`,
    ended: (count: number) => `${number(count)} that ended meanwhile`,
    other: (count: number) => `${number(count)} that changed meanwhile`,
  },
  /** Beyond those that are changed at once. */
  more: (count: number) => `${alertCount(count)} more: do it again for them.`,
  nothingMeant: (asked: string) => `No open alert here is about “${asked}”. Nothing was changed. Say “alerts open”.`,
  several: (asked: string, count: number) =>
    `“${asked}” matches ${tokens(count)} with open alerts. Say more of the name. Nothing was changed.`,
} as const;
