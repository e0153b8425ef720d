import { formats } from '../formats.ts';

const { number } = formats.en;
const tokens = (count: number) => (count === 1 ? '1 token' : `${number(count)} tokens`);

/** Switching alerts on and off. `name` is a token's title, `person` who did it. */
export const alerts = {
  /** Of the buttons that go on with a chosen token. */
  actionTitle: { on: 'Alerts on', off: 'Alerts off' },
  heading: {
    on: 'Alerts are on here',
    changed: 'Alerts changed',
    shown: 'Alerts here',
  },
  summary: (heading: string, what: string) => `${heading}: ${what}`,
  label: {
    tokens: 'Tokens',
    events: 'Told of',
    quiet: 'Quiet hours',
    zone: 'Time zone',
    weekly: 'Weekly digest',
    by: 'Set up by',
    open: 'Open now',
    suspended: 'Stopped',
  },
  allTokens: 'All tokens of your organisation, later ones too',
  someTokens: tokens,
  moreTokens: (count: number) => `and ${number(count)} more`,
  goneTokens: (count: number) =>
    count === 1 ? '1 that is no longer in Intune' : `${number(count)} that are no longer in Intune`,
  everyEvent: 'Everything that goes wrong',
  alwaysBroken: 'and when monitoring itself is broken',
  quiet: (from: string, to: string) => `${from} to ${to}, but what is critical comes at once`,
  noQuiet: 'None',
  zone: {
    said: (zone: string) => zone,
    kept: (zone: string) => zone,
    client: (zone: string) => `${zone}, as your Teams says`,
    none: (zone: string) =>
      `${zone}, because Teams did not tell yours; say “alerts on zone” and yours, such as Europe/Berlin`,
  },
  weeklyOn: 'Mondays at 08:00',
  off: 'Off',
  nothingOpen: 'Nothing',
  suspended: (code: string) => `Teams did not take what I sent here (${code}). Say “alerts on” to start anew.`,
  partial: (count: number) =>
    `These alerts cover the ${tokens(count)} you can see. Intune hides others of your organisation from you.`,
  unknownExtent: (count: number) =>
    `These alerts cover the ${tokens(count)} you can see. I have not looked at your organisation’s tokens myself yet: say “alerts on” again in some minutes to cover later ones, too.`,
  narrowed: 'Before, they covered all tokens. Say “alerts on all” to have that again.',
  replaced: (count: number) => `Before, they covered ${tokens(count)}.`,
  added: (name: string) => `${name} is covered now, too.`,
  already: (name: string) => `${name} was covered already.`,
  eventsOfAll: (count: number) => `What you chose to be told of holds for all ${tokens(count)} here.`,
  eventsKept: 'What to be told of stays as it was chosen before. Say “alerts on all events” to be told of everything.',
  hidden: (person: string) =>
    `${person} set up these alerts, also for tokens that Intune hides from you, so I left them as they are. To have yours in their place, say “alerts off” first.`,
  otherOrganisation: (person: string) =>
    `${person} set up these alerts for another organisation than yours, so I left them as they are. To have yours in their place, say “alerts off” first.`,
  follows: (count: number) =>
    count === 1
      ? '1 alert is open already; a card with it follows.'
      : `${number(count)} alerts are open already; a card with them follows.`,
  weeklyToo: 'A weekly digest comes with them. Say “alerts on no weekly” to leave it out.',
  weeklyShared: 'The weekly digest comes to personal chats alone.',
  monitorOff: 'Monitoring is switched off, so no alert comes. The operator can set MONITOR to on.',
  change: {
    what: 'To change them, say “alerts on” with a token’s name or “all”, and what to be told of: expiring, expired, invalid, mdm, duplicate, failed, stuck, stale, licenses. A name that is one of these words goes in quotes.',
    quiet: 'Also “alerts on quiet 22:00-07:00 Europe/Berlin”, “alerts on quiet off”, and “alerts off” to end them.',
    weekly: 'And “alerts on weekly” or “alerts on no weekly”.',
  },
  none: 'No alerts are on here. Say “alerts on” to be told of everything that goes wrong with any token you can see, “alerts on contoso” for one token, or “alerts on all expiring failed” for some of it.',
  unknown: (asked: string) =>
    `I do not understand “${asked}” here. Say “alerts” to see what is on here, “alerts on” to be told when something goes wrong, or “alerts off”.`,
  ended: (person: string) =>
    `${person} switched the alerts off. Nothing more comes here; say “alerts on” to have them again.`,
  endedOwn: 'Alerts are off. Nothing more comes here; say “alerts on” to have them again.',
  notOn: 'No alerts are on here, so nothing was changed.',
  takenOut: (name: string, count: number) =>
    `${name} is covered no more. ${tokens(count)} still ${count === 1 ? 'is' : 'are'}.`,
  takenOutBy: (person: string, name: string, count: number) =>
    `${person} took ${name} out of the alerts here. ${tokens(count)} still ${count === 1 ? 'is' : 'are'} covered.`,
  notInList: (asked: string) => `None of the tokens covered here is called “${asked}”. Nothing was changed.`,
  oneOfAll: (asked: string) =>
    `These alerts cover all tokens, and “${asked}” cannot be left out alone. Say “alerts off” to end them, then “alerts on” and a name for each token to be told of. Nothing was changed.`,
  problem: {
    twoTargets: (said: string) =>
      `Say either “all” or a token’s name: I read both “all” and “${said}”. A name that is also a word of mine goes in quotes. Nothing was changed.`,
    twoNames: (said: string, other: string) =>
      `I read two names, “${said}” and “${other}”. Say one at a time, in quotes if it is a single name. Nothing was changed.`,
    noHours:
      'After “quiet” say hours, such as “quiet 22:00-07:00”, or “quiet off”. A token’s name that begins so goes in quotes. Nothing was changed.',
    sameHours: 'These quiet hours would begin and end at the same time. Say two different ones. Nothing was changed.',
    noZone: (said: string) =>
      `“${said}” is no time zone that I know. Say it as “Europe/Berlin” or “Asia/Shanghai”; a token’s name goes before “quiet”. Nothing was changed.`,
    nearZone: (said: string, near: string) =>
      `“${said}” is no time zone by itself. Do you mean “${near}”? Nothing was changed.`,
  },
  /** In the welcome after the bot was removed and added again. */
  again: {
    heading: 'Alerts were on here before I was removed',
    what: (person: string) => `${person} had set them up. They are off now. To have them again, say:`,
    more: (count: number) => `It was ${tokens(count)} in all; “alerts on” covers every one you can see.`,
  },
} as const;
