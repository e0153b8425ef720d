import { formats, roughly } from '../formats.ts';
import { apps, tokens } from './counts.ts';

const { date, days, number } = formats.en;

export const commands = {
  alerts: {
    name: 'alerts',
    usage: 'alerts',
    summary: 'See what this conversation is told of by itself, and what is open.',
    menu: 'See what comes here by itself; alerts on, alerts on contoso, alerts off change it',
  },
  alertsOn: {
    name: 'alerts on',
    usage: 'alerts on all expiring',
    summary:
      'Be told here when something goes wrong with all tokens or one of them; add “quiet 22:00-07:00” for quiet hours.',
  },
  alertsOff: {
    name: 'alerts off',
    usage: 'alerts off',
    summary: 'End the alerts here, or with a name those of one token.',
  },
} as const;

const long = (ms: number) => roughly(ms, 'en');

/** An alert about a token: the fault, advice, and what people did about it. `name` is the token's title. Durations are milliseconds. */
export const alert = {
  severity: { critical: 'Critical', warning: 'Warning', info: 'Notice' },
  /** Conditions by name, where no number is given. */
  name: {
    tokenDeleted: 'Token deleted',
    expired: 'Expired',
    invalid: 'Invalid',
    assignedToExternalMDM: 'In use by another MDM',
    duplicateLocationId: 'Duplicate location',
    expiring: 'Expiring',
    syncFailed: 'Sync failed',
    syncStuck: 'Sync stuck',
    syncStale: 'Not synced for long',
    licenses: 'Licences running out',
    monitoringBroken: 'Monitoring broken',
  },
  what: {
    tokenDeleted: 'The token was deleted from Intune',
    expired: 'The token has expired',
    invalid: 'Apple no longer accepts the token',
    assignedToExternalMDM: 'Another MDM uses the token’s location',
    duplicateLocationId: 'Another token stands for the same location',
    expiring: (count: number) => (count === 0 ? 'Expires in less than a day' : `Expires in ${days(count)}`),
    expiringSoon: 'Expires soon',
    syncFailed: 'The last sync failed',
    syncStuck: (ms?: number) => (ms === undefined ? 'A sync seems stuck' : `A sync seems stuck, for ${long(ms)}`),
    syncStale: (ms: number) => `No completed sync for ${long(ms)}`,
    licensesLow: (count: number) => `Licences of ${apps(count)} are nearly used up`,
    licensesUsedUp: (count: number) => `Licences of ${apps(count)} are used up`,
    brokenTokens: 'I cannot read your organisation’s tokens',
    brokenLicenses: 'I cannot read the licences of your organisation’s tokens',
    allGone: 'Intune lists none of your organisation’s tokens any more',
  },
  /** In place of a token's name, for an alert about no token. */
  monitoring: 'Monitoring',
  monitoringMeans: {
    tokens: 'Until this is mended, nobody is warned before a token breaks.',
    licenses: 'Until this is mended, nobody is warned before licences run out. All else is still watched.',
  },
  /** For the fate of a deleted token's apps and licenses. */
  deletedMeans:
    'Intune deleted its apps and their assignments with it. Licences that were given out stay assigned at Apple, and Intune can no longer take them back.',
  advice: {
    tokenDeleted: {
      cause: 'Somebody deleted it, or a script did. Intune’s audit logs, under Tenant administration, name who it was.',
      next: 'If that was meant, acknowledge this. If not, add the token again with a new file from Apple, then assign its apps again.',
    },
    syncStuck: {
      cause: 'Intune rarely takes this long; its service may have a fault.',
      next: 'Sync once more. If that hangs as well, look at Intune’s service health.',
    },
    syncStale: {
      cause:
        'Intune syncs every token once a day by itself. Something has kept it from doing so, or each try has failed.',
      next: 'Sync once now; how that ends tells more.',
    },
    licenses: {
      cause: 'Nearly as many licences are in use as were bought.',
      next: 'Buy more at Apple and sync then, or take back licences that nobody needs any more.',
    },
  },
  /** Why monitoring is broken, where the check-up has no words for it. */
  broken: {
    forbidden: {
      text: 'Intune refuses my own read access, although it was consented to.',
      fix: 'Check that your organisation still has Intune licences, and consent to this app’s application permissions again.',
    },
    tokenRejected: {
      text: 'Microsoft Graph does not accept my own sign-in.',
      fix: 'The operator should look into the log; a policy of your organisation may bar apps.',
    },
    throttled: {
      text: 'Microsoft takes no more requests: too many came at once, from this bot or from other tools.',
      fix: 'Nothing. I go on trying.',
    },
    unavailable: {
      text: 'Microsoft Entra or Intune does not answer.',
      fix: 'Nothing yet; I go on trying. If it stays so, the operator should look at the network and at Microsoft’s service health.',
    },
    unreadable: {
      text: 'Something between me and Microsoft, such as a proxy, answered in its place.',
      fix: 'The operator should look at the network.',
    },
    allGone: {
      text: 'Intune listed tokens before and lists none now. Either all of them were deleted, or Intune has a fault.',
      fix: 'Look whether the Intune admin center still shows them. If not, Intune’s audit logs, under Tenant administration, name who deleted them.',
    },
    unexpected: {
      text: 'A fault of mine; it is written down in the log.',
      fix: 'The operator should look into the log.',
    },
  },
  ended: {
    resolved: (ms: number) => `Resolved after ${long(ms)}`,
    deleted: (ms: number) => `Ended after ${long(ms)}: the token was deleted from Intune`,
    superseded: (ms: number) => `Ended after ${long(ms)}: something worse of this token has its own alert`,
  },
  /** Below the state. A date follows `snoozedUntil`. */
  isOnIt: (person: string) => `${person} is on it`,
  snoozedUntil: 'Snoozed until',
  was: (name: string) => `It was: ${name}`,
  label: {
    noticed: 'Noticed',
    since: 'Since',
    acknowledgedBy: 'Acknowledged by',
    snoozedBy: 'Snoozed by',
    code: 'Code',
    snoozeFor: 'Snooze for',
  },
  until: 'until',
  apps: 'Apps short of licences',
  moreApps: (count: number) => `and ${number(count)} more; Licences on the token’s own card shows them`,
  snoozeFor: { one: days(1), three: days(3) },
  /** One line in the thread of an alert's card. `what` begins with a capital. */
  line: {
    opened: (name: string, what: string) => `New: ${name}. ${what}.`,
    escalated: (name: string, what: string) => `More urgent now: ${name}. ${what}.`,
    /** Monitoring is broken for a cause that passed by itself, then for another. `cause` and `who` are whole sentences. */
    needsFix: (name: string, what: string, cause: string, who: string) =>
      `More urgent now: ${name}. ${what}, and that does not pass by itself any more. ${cause} Who can mend it: ${who}`,
    reminded: (name: string, what: string) => `Still so: ${name}. ${what}.`,
    cameBack: (name: string, what: string) => `Back again: ${name}. ${what}.`,
    alreadyOpen: (name: string, what: string) => `Open already: ${name}. ${what}.`,
    returned: (name: string, what: string) => `Open again: ${name}. ${what}.`,
    changed: (name: string, what: string) => `Changed: ${name}. ${what}.`,
    resolved: (name: string, was: string, ms: number) => `Resolved after ${long(ms)}: ${name}. It was: ${was}.`,
    deleted: (name: string, was: string) => `The token was deleted: ${name}. It was: ${was}.`,
    superseded: (name: string, was: string) => `Something worse took its place: ${name}. It was: ${was}.`,
  },
  moreLines: (count: number) => `And ${number(count)} more.`,
  /** Answers to Acknowledge and Snooze. */
  answer: {
    acknowledged: (name: string, what: string) =>
      `You took this: ${name}. ${what}. Everybody who sees the alert is shown it.`,
    taken: (person: string) => `${person} has acknowledged this already. Nothing was changed.`,
    takenByYou: 'You have acknowledged this already. Nothing was changed.',
    undone: (name: string, what: string) => `Undone: ${name}. ${what}. Everybody who sees the alert is shown it.`,
    notTaken: 'Nobody has acknowledged or snoozed this. Nothing was changed.',
    snoozed: (name: string, count: number) =>
      `Snoozed for ${days(count)}: ${name}. If it gets worse before that, it is told at once.`,
    ended: 'This alert has ended meanwhile. Nothing was changed.',
    expired:
      'An alert of an expired token cannot be snoozed. Acknowledge it to show that you are at it. Nothing was changed.',
    deleted: 'The token of this alert was deleted from Intune, and the alert has ended. Nothing was changed.',
    gone: 'This alert is not kept any more. Nothing was changed.',
    otherTenant: 'This alert is of another organisation than the one you are signed in to. Nothing was changed.',
    noToken: 'This alert is of no one token, so there is nothing to do this with.',
    busy: 'This alert is changing just now, so nothing was done. Try again.',
  },
} as const;

/** Switching alerts on and off. `name` is a token's title, `person` the name of the person who did it. */
export const alerts = {
  /** Titles of the buttons that go on with a chosen token. */
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
  alwaysBroken: 'and when a token is deleted or monitoring itself is broken',
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
  /** What they were for before: `tokens`, `events`, and the words that bring that back, if a few do. */
  former: (which: string, events: string, words: string) =>
    `Before, they covered: ${which}. Told of: ${events}.${words === '' ? '' : ` To have that again, say ${words}.`}`,
  /** Open alerts of these tokens that are not among the chosen conditions. */
  leftOut: (count: number) =>
    count === 1
      ? '1 alert of these tokens is open that you did not choose to be told of.'
      : `${number(count)} alerts of these tokens are open that you did not choose to be told of.`,
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
    what: 'To change them, say “alerts on” with a token’s name or “all”, and what to be told of: expiring, expired, invalid, mdm, duplicate, failed, stuck, stale, licenses, deleted. A name that is one of these words goes in quotes.',
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

const alertCount = (count: number) => (count === 1 ? '1 alert' : `${number(count)} alerts`);

/** Several alerts on one card, and the weekly digest. */
export const digest = {
  heading: {
    alreadyOpen: (count: number) => `${alertCount(count)}, open already`,
    burst: (count: number) => `${alertCount(count)} at once`,
    morning: (count: number) => `${alertCount(count)} while it was quiet`,
  },
  /** For alerts that were open on subscribing, when some are over by now. */
  openEarlier: (count: number) => `${alertCount(count)}, open at the time`,
  count: {
    critical: (count: number) => `${number(count)} critical`,
    warning: (count: number) => (count === 1 ? '1 warning' : `${number(count)} warnings`),
    info: (count: number) => (count === 1 ? '1 notice' : `${number(count)} notices`),
    ended: (count: number) => `${number(count)} over by now`,
  },
  event: { escalated: 'more urgent now', reminded: 'still so', cameBack: 'back again' },
  acknowledgedBy: (person: string) => `acknowledged by ${person}`,
  snoozed: 'snoozed',
  more: (count: number) => `and ${number(count)} more; say “list” to see every token, worst first`,
  hint: 'Say “status” and a name for the cause and the next step.',
  weekly: {
    heading: (count: number) => `Your week with ${tokens(count)}`,
    noTokens: 'No token is watched for this chat any more.',
    openHeading: (count: number) => `Open: ${alertCount(count)}`,
    noneOpen: 'No alert is open',
    expiryHeading: (count: number) => `${tokens(count)} ${count === 1 ? 'expires' : 'expire'} within 60 days`,
    noneExpires: 'No token expires within 60 days',
    syncs: {
      line: (counts: string) => `Syncs in the last 7 days: ${counts}`,
      completed: (count: number) => `${number(count)} completed`,
      failed: (count: number) => `${number(count)} failed`,
      stuck: (count: number) => `${number(count)} stuck`,
      noResult: (count: number) => `${number(count)} without a result`,
    },
    more: (count: number) => `and ${number(count)} more`,
    hint: 'Say “list” for all tokens. “alerts on no weekly” ends this digest.',
  },
} as const;

/** Names a subscription by its date and size. `tokens`: how many it covers; undefined for all. */
const which = (since: number, tokens: number | undefined) => {
  const what = tokens === undefined ? 'all tokens' : tokens === 1 ? '1 token' : `${number(tokens)} tokens`;
  return `They were on there since ${date(since)}, for ${what}.`;
};

/** For the person who switched alerts on, when Teams accepts none any more in that conversation. */
export const suspended = {
  channel: (code: string, since: number, tokens?: number) =>
    `Alerts that you switched on in a team channel have stopped: Teams no longer takes messages from me there (${code}). ${which(since, tokens)} Add me to that team again, or mention me in that channel, and they go on with all that is open.`,
  groupChat: (code: string, since: number, tokens?: number) =>
    `Alerts that you switched on in a group chat have stopped: Teams no longer takes messages from me there (${code}). ${which(since, tokens)} Add me to that chat again, or mention me in it, and they go on with all that is open.`,
} as const;
