import { formats, roughly } from '../formats.ts';
import { alerts as alertCount, apps, tokens } from './counts.ts';

const { date, days, number } = formats.en;

export const commands = {
  alerts: {
    name: 'alerts',
    usage: 'alerts',
    summary: 'See which alerts come here and what is open.',
    menu: 'See which alerts come here; alerts on, alerts on contoso, alerts off change that',
  },
  alertsOn: {
    name: 'alerts on',
    usage: 'alerts on all expiring',
    summary:
      'Get alerts here for all tokens and the push certificate, or for one by name; add “quiet 22:00-07:00” for quiet hours.',
  },
  alertsOff: {
    name: 'alerts off',
    usage: 'alerts off',
    summary: 'Turn alerts off here; add a name for one token only.',
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
    syncStale: 'Not synced recently',
    licenses: 'Licences running out',
    monitoringBroken: 'Monitoring broken',
  },
  what: {
    tokenDeleted: 'The token was deleted from Intune',
    expired: 'The token has expired',
    invalid: 'Apple no longer accepts the token',
    assignedToExternalMDM: 'Another MDM uses the token’s location',
    duplicateLocationId: 'Another token has the same location',
    expiring: (count: number) => (count === 0 ? 'Expires in less than a day' : `Expires in ${days(count)}`),
    expiringSoon: 'Expires soon',
    syncFailed: 'The last sync failed',
    syncStuck: (ms?: number) => (ms === undefined ? 'A sync seems stuck' : `A sync seems stuck after ${long(ms)}`),
    syncStale: (ms: number) => `No completed sync for ${long(ms)}`,
    licensesLow: (count: number) => `Licences of ${apps(count)} are nearly used up`,
    licensesRunOut: (count: number, withinDays: number) =>
      count === 1
        ? `1 app runs out of licences in about ${days(withinDays)}`
        : `${apps(count)} run out of licences, the first in about ${days(withinDays)}`,
    licensesUsedUp: (count: number) => `Licences of ${apps(count)} are used up`,
    brokenTokens: 'I can’t read your organisation’s tokens',
    brokenLicenses: 'I can’t read your organisation’s licences',
    allGone: 'Intune no longer lists any of your organisation’s tokens',
  },
  /** In place of a token's name, for an alert about no token. */
  monitoring: 'Monitoring',
  monitoringMeans: {
    tokens: 'Until this is fixed, nobody is warned before a token breaks.',
    licenses: 'Until this is fixed, nobody is warned before licences run out. Everything else is still monitored.',
  },
  /** For the fate of a deleted token's apps and licenses. */
  deletedMeans:
    'Intune deleted its apps and their assignments too. Licences already given out stay assigned at Apple, and Intune can no longer take them back.',
  advice: {
    tokenDeleted: {
      cause: 'Somebody or a script deleted it. Intune’s audit logs, under Tenant administration, say who.',
      next: 'If that was intended, acknowledge this. If not, add the token again with a new file from Apple, then assign its apps again.',
    },
    syncStuck: {
      cause: 'Intune rarely takes this long; it may have a fault.',
      next: 'Sync again. If that gets stuck too, check Intune’s service health.',
    },
    syncStale: {
      cause:
        'Intune syncs every token once a day on its own. Something has prevented that, or every attempt has failed.',
      next: 'Sync now to see whether it works.',
    },
    licenses: {
      cause: 'Nearly all the licences you bought are in use.',
      next: 'Buy more from Apple and then sync, or take back licences that nobody needs.',
    },
    licensesRunOut: {
      cause: 'More licences are taken every day. At the pace of the last four weeks, none will be left by then.',
      next: 'Buy more from Apple and then sync, or take back licences that nobody needs.',
    },
  },
  /** Why monitoring is broken, where the check-up has no words for it. */
  broken: {
    forbidden: {
      text: 'Intune denies my own read access, although consent was given.',
      fix: 'Check that your organisation still has Intune licences, then consent to this app’s application permissions again.',
    },
    tokenRejected: {
      text: 'Microsoft Graph rejects my own sign-in.',
      fix: 'The operator should check the log; your organisation’s policy may block apps.',
    },
    throttled: {
      text: 'Microsoft refuses requests for now: too many came at once, from this bot or other tools.',
      fix: 'Nothing to do. I’ll keep trying.',
    },
    unavailable: {
      text: 'Microsoft Entra or Intune isn’t answering.',
      fix: 'Nothing yet; I’ll keep trying. If it lasts, the operator should check the network and Microsoft’s service health.',
    },
    unreadable: {
      text: 'Something between me and Microsoft, such as a proxy, answered instead.',
      fix: 'The operator should check the network.',
    },
    allGone: {
      text: 'Intune listed tokens before and lists none now. Either all of them were deleted or Intune has a fault.',
      fix: 'Check whether the Intune admin center still shows them. If not, Intune’s audit logs, under Tenant administration, say who deleted them.',
    },
    unexpected: {
      text: 'I had an internal error; the log has the details.',
      fix: 'The operator should check the log.',
    },
  },
  ended: {
    resolved: (ms: number) => `Resolved after ${long(ms)}`,
    deleted: (ms: number) => `Ended after ${long(ms)}: it was deleted from Intune`,
    superseded: (ms: number) => `Ended after ${long(ms)}: a more serious alert replaced it`,
  },
  /** Below the state. A date follows `snoozedUntil`. */
  isOnIt: (person: string) => `${person} is on it`,
  snoozedUntil: 'Snoozed until',
  was: (name: string) => `Was: ${name}`,
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
  moreApps: (count: number) => `and ${number(count)} more; press Licences on the token’s card to see them`,
  snoozeFor: { one: days(1), three: days(3) },
  /** One line in the thread of an alert's card. `what` begins with a capital. */
  line: {
    opened: (name: string, what: string) => `New: ${name}. ${what}.`,
    escalated: (name: string, what: string) => `More urgent now: ${name}. ${what}.`,
    /** Monitoring is broken for a cause that passed by itself, then for another. `cause` and `who` are whole sentences. */
    needsFix: (name: string, what: string, cause: string, who: string) =>
      `More urgent now: ${name}. ${what}, and it won’t clear up on its own. ${cause} Who can fix it: ${who}`,
    reminded: (name: string, what: string) => `Still open: ${name}. ${what}.`,
    cameBack: (name: string, what: string) => `Back again: ${name}. ${what}.`,
    alreadyOpen: (name: string, what: string) => `Already open: ${name}. ${what}.`,
    returned: (name: string, what: string) => `Open again: ${name}. ${what}.`,
    changed: (name: string, what: string) => `Changed: ${name}. ${what}.`,
    resolved: (name: string, was: string, ms: number) => `Resolved after ${long(ms)}: ${name}. Was: ${was}.`,
    deleted: (name: string, was: string) => `Deleted from Intune: ${name}. Was: ${was}.`,
    superseded: (name: string, was: string) => `A more serious alert replaced it: ${name}. Was: ${was}.`,
  },
  moreLines: (count: number) => `And ${number(count)} more.`,
  /** Answers to Acknowledge and Snooze. */
  answer: {
    acknowledged: (name: string, what: string) =>
      `Acknowledged: ${name}. ${what}. Everyone who sees the alert can see that you’re on it.`,
    taken: (person: string) => `${person} has already acknowledged this. Nothing was changed.`,
    takenByYou: 'You have already acknowledged this. Nothing was changed.',
    undone: (name: string, what: string) => `Undone: ${name}. ${what}. Everyone who sees the alert can see that.`,
    notTaken: 'Nobody has acknowledged or snoozed this. Nothing was changed.',
    snoozed: (name: string, count: number) =>
      `Snoozed for ${days(count)}: ${name}. If it gets worse before then, I’ll alert you at once.`,
    ended: 'This alert has already ended. Nothing was changed.',
    expired:
      'An alert about an expired token can’t be snoozed. Acknowledge it to show that you’re on it. Nothing was changed.',
    deleted: 'This alert’s token was deleted from Intune, so the alert has ended. Nothing was changed.',
    gone: 'This alert is no longer kept. Nothing was changed.',
    otherTenant: 'This alert belongs to another organisation than the one you’re signed in to. Nothing was changed.',
    noToken: 'This alert isn’t about one token, so this doesn’t apply.',
    busy: 'This alert is changing right now, so nothing was done. Try again.',
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
    events: 'Alerts for',
    quiet: 'Quiet hours',
    zone: 'Time zone',
    weekly: 'Weekly digest',
    by: 'Set up by',
    open: 'Open now',
    suspended: 'Stopped',
  },
  allTokens: 'All tokens and the push certificate of your organisation, including later ones',
  someTokens: tokens,
  moreTokens: (count: number) => `and ${number(count)} more`,
  goneTokens: (count: number) =>
    count === 1 ? '1 that is no longer in Intune' : `${number(count)} that are no longer in Intune`,
  everyEvent: 'Everything that goes wrong',
  alwaysBroken: 'and when a token is deleted or monitoring itself is broken',
  quiet: (from: string, to: string) => `${from} to ${to}; critical alerts still come at once`,
  noQuiet: 'None',
  zone: {
    said: (zone: string) => zone,
    kept: (zone: string) => zone,
    client: (zone: string) => `${zone}, from your Teams`,
    none: (zone: string) =>
      `${zone}, because Teams didn’t say yours; say “alerts on zone” and yours, such as Europe/Berlin`,
  },
  weeklyOn: 'Mondays at 08:00',
  off: 'Off',
  suspended: (code: string) => `Teams refused my messages here (${code}). Say “alerts on” to start again.`,
  partial: (count: number) =>
    `These alerts cover the ${tokens(count)} you can see. Intune hides your organisation’s other tokens from you.`,
  unknownExtent: (count: number) =>
    `These alerts cover the ${tokens(count)} you can see. I haven’t read your organisation’s tokens myself yet: say “alerts on” again in a few minutes to cover later ones too.`,
  narrowed: 'They covered all tokens before. Say “alerts on all” to go back to that.',
  /** What they were for before: `tokens`, `events`, and the words that bring that back, if a few do. */
  former: (which: string, events: string, words: string) =>
    `Before, they covered: ${which}. Alerts for: ${events}.${words === '' ? '' : ` To go back to that, say ${words}.`}`,
  /** Open alerts of these tokens that are not among the chosen conditions. */
  leftOut: (count: number) =>
    count === 1
      ? '1 open alert on these tokens is not among those you chose.'
      : `${number(count)} open alerts on these tokens are not among those you chose.`,
  added: (name: string) => `${name} is now covered too.`,
  already: (name: string) => `${name} was already covered.`,
  eventsOfAll: (count: number) => `Your choice of alerts applies to all ${tokens(count)} here.`,
  eventsKept: 'The choice of alerts stays as it was. Say “alerts on all events” to get every alert.',
  hidden: (person: string) =>
    `${person} set up these alerts, also for tokens that Intune hides from you, so I left them unchanged. To replace them with yours, say “alerts off” first.`,
  otherOrganisation: (person: string) =>
    `${person} set up these alerts for another organisation, so I left them unchanged. To replace them with yours, say “alerts off” first.`,
  follows: (count: number) =>
    count === 1
      ? '1 alert is already open; a card follows.'
      : `${number(count)} alerts are already open; a card follows.`,
  weeklyToo: 'A weekly digest is included. Say “alerts on no weekly” to leave it out.',
  weeklyShared: 'The weekly digest comes only to personal chats.',
  monitorOff: 'Monitoring is switched off, so no alerts come. The operator can set MONITOR to on.',
  change: {
    what: 'To change them, say “alerts on” with a token’s name or “all”, and what to be alerted about: expiring, expired, invalid, mdm, duplicate, failed, stuck, stale, licenses, deleted. Put a name that is one of these words in quotes.',
    quiet: 'Also “alerts on quiet 22:00-07:00 Europe/Berlin”, “alerts on quiet off”, and “alerts off” to end them.',
    weekly: 'And “alerts on weekly” or “alerts on no weekly”.',
  },
  none: 'No alerts are on here. Say “alerts on” for everything that goes wrong with any token you can see, “alerts on contoso” for one token, or “alerts on all expiring failed” for those events only.',
  unknown: (asked: string) =>
    `I don’t understand “${asked}” here. Say “alerts” to see what is on, “alerts on” to get alerts, or “alerts off” to stop them.`,
  ended: (person: string) => `${person} turned alerts off here. Say “alerts on” to turn them on again.`,
  endedOwn: 'Alerts are off here. Say “alerts on” to turn them on again.',
  notOn: 'No alerts are on here, so nothing was changed.',
  takenOut: (name: string, count: number) =>
    `${name} is no longer covered. ${tokens(count)} still ${count === 1 ? 'is' : 'are'}.`,
  takenOutBy: (person: string, name: string, count: number) =>
    `${person} removed ${name} from the alerts here. ${tokens(count)} still ${count === 1 ? 'is' : 'are'} covered.`,
  notInList: (asked: string) => `None of the tokens covered here is called “${asked}”. Nothing was changed.`,
  oneOfAll: (asked: string) =>
    `These alerts cover all tokens, so “${asked}” can’t be left out on its own. Say “alerts off”, then “alerts on” and a name for each token you want. Nothing was changed.`,
  problem: {
    twoTargets: (said: string) =>
      `Say either “all” or a token’s name: I read both “all” and “${said}”. Put a name that is also a command word in quotes. Nothing was changed.`,
    twoNames: (said: string, other: string) =>
      `I read two names, “${said}” and “${other}”. Say one at a time, in quotes if it is a single name. Nothing was changed.`,
    noHours:
      'After “quiet”, give hours, such as “quiet 22:00-07:00”, or say “quiet off”. Put a token’s name that begins this way in quotes. Nothing was changed.',
    sameHours: 'Quiet hours can’t begin and end at the same time. Give two different times. Nothing was changed.',
    noZone: (said: string) =>
      `I don’t know the time zone “${said}”. Write it like “Europe/Berlin” or “Asia/Shanghai”, and put a token’s name before “quiet”. Nothing was changed.`,
    nearZone: (said: string, near: string) =>
      `“${said}” alone is not a time zone. Did you mean “${near}”? Nothing was changed.`,
  },
  /** In the welcome after the bot was removed and added again. */
  again: {
    heading: 'Alerts were on here before I was removed',
    what: (person: string) => `${person} set them up. They’re off now. To turn them on again, say:`,
    more: (count: number) => `They covered ${tokens(count)}; “alerts on” covers every token you can see.`,
  },
} as const;

/** Several alerts on one card, and the weekly digest. */
export const digest = {
  heading: {
    alreadyOpen: (count: number) => (count === 1 ? '1 open alert' : `${number(count)} open alerts`),
    burst: (count: number) => `${alertCount(count)} at once`,
    morning: (count: number) => `${alertCount(count)} during quiet hours`,
  },
  /** For alerts that were open on subscribing, when some are over by now. */
  openEarlier: (count: number) => `${alertCount(count)} open at that time`,
  count: {
    critical: (count: number) => `${number(count)} critical`,
    warning: (count: number) => (count === 1 ? '1 warning' : `${number(count)} warnings`),
    info: (count: number) => (count === 1 ? '1 notice' : `${number(count)} notices`),
    ended: (count: number) => `${number(count)} ended`,
  },
  event: { escalated: 'more urgent now', reminded: 'still open', cameBack: 'back again' },
  acknowledgedBy: (person: string) => `acknowledged by ${person}`,
  snoozed: 'snoozed',
  more: (count: number) => `and ${number(count)} more; say “list” to see every token, worst first`,
  hint: 'Say “status” and a name for the cause and the next step.',
  weekly: {
    heading: (count: number) => `Your week with ${tokens(count)}`,
    noTokens: 'This chat no longer has any tokens to monitor.',
    openHeading: (count: number) => `Open: ${alertCount(count)}`,
    noneOpen: 'No alert is open',
    expiryHeading: (count: number) => `${tokens(count)} ${count === 1 ? 'expires' : 'expire'} within 60 days`,
    noneExpires: 'No token expires within 60 days',
    runsOutHeading: (count: number) =>
      count === 1 ? '1 app runs out of licences within 14 days' : `${apps(count)} run out of licences within 14 days`,
    syncs: {
      line: (counts: string) => `Syncs in the last 7 days: ${counts}`,
      completed: (count: number) => `${number(count)} completed`,
      failed: (count: number) => `${number(count)} failed`,
      stuck: (count: number) => `${number(count)} stuck`,
      noResult: (count: number) => `${number(count)} without a result`,
    },
    more: (count: number) => `and ${number(count)} more`,
    hint: 'Say “list” for all tokens. “alerts on no weekly” ends this digest.',
    hintShared: 'Say “list” for all tokens.',
  },
} as const;

/** Names a subscription by its date and size. `tokens`: how many it covers; undefined for all. */
const which = (since: number, tokens: number | undefined) => {
  const what = tokens === undefined ? 'all tokens' : tokens === 1 ? '1 token' : `${number(tokens)} tokens`;
  return `They had been on since ${date(since)}, for ${what}.`;
};

/** For the person who switched alerts on, when Teams accepts none any more in that conversation. */
export const suspended = {
  channel: (code: string, since: number, tokens?: number) =>
    `Alerts that you turned on in a team channel have stopped: Teams no longer accepts my messages there (${code}). ${which(since, tokens)} Add me to that team again, or mention me in that channel, and they continue with everything that is open.`,
  groupChat: (code: string, since: number, tokens?: number) =>
    `Alerts that you turned on in a group chat have stopped: Teams no longer accepts my messages there (${code}). ${which(since, tokens)} Add me to that chat again, or mention me in it, and they continue with everything that is open.`,
} as const;
