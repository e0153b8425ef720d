import { formats } from '../formats.ts';
import { roughly } from '../roughly.ts';

const { days, number } = formats.en;
const apps = (count: number) => (count === 1 ? '1 app' : `${number(count)} apps`);
const long = (ms: number) => roughly(ms, 'en');

/** What is wrong with a token, as an alert tells it. `name` is the token's title. Durations are milliseconds. */
export const alert = {
  severity: { critical: 'Critical', warning: 'Warning', info: 'Notice' },
  /** Conditions by name, where no number stands beside them. */
  name: {
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
    expired: 'The token has expired',
    invalid: 'Apple no longer accepts the token',
    assignedToExternalMDM: 'Another MDM uses the token’s location',
    duplicateLocationId: 'Another token stands for the same location',
    expiring: (left: number) => (left === 0 ? 'Expires in less than a day' : `Expires in ${days(left)}`),
    expiringSoon: 'Expires soon',
    syncFailed: 'The last sync failed',
    syncStuck: (ms?: number) => (ms === undefined ? 'A sync seems stuck' : `A sync seems stuck, for ${long(ms)}`),
    syncStale: (ms: number) => `No completed sync for ${long(ms)}`,
    licensesLow: (count: number) => `Licences of ${apps(count)} are nearly used up`,
    licensesUsedUp: (count: number) => `Licences of ${apps(count)} are used up`,
    brokenTokens: 'I cannot read your organisation’s tokens',
    brokenLicenses: 'I cannot read the licences of your organisation’s tokens',
  },
  /** Stands in place of a token's name where an alert is of none. */
  monitoring: 'Monitoring',
  monitoringMeans: {
    tokens: 'Until this is mended, nobody is warned before a token breaks.',
    licenses: 'Until this is mended, nobody is warned before licences run out. All else is still watched.',
  },
  advice: {
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
    mustBeMended: (name: string, what: string, cause: string, who: string) =>
      `More urgent now: ${name}. ${what}, and that does not pass by itself any more. ${cause} Who can mend it: ${who}`,
    reminded: (name: string, what: string) => `Still so: ${name}. ${what}.`,
    cameBack: (name: string, what: string) => `Back again: ${name}. ${what}.`,
    standing: (name: string, what: string) => `Open already: ${name}. ${what}.`,
    returned: (name: string, what: string) => `Open again: ${name}. ${what}.`,
    changed: (name: string, what: string) => `Changed: ${name}. ${what}.`,
    resolved: (name: string, was: string, ms: number) => `Resolved after ${long(ms)}: ${name}. It was: ${was}.`,
    deleted: (name: string, was: string) => `The token was deleted: ${name}. It was: ${was}.`,
    superseded: (name: string, was: string) => `Something worse took its place: ${name}. It was: ${was}.`,
  },
  moreLines: (count: number) => `And ${number(count)} more.`,
  /** Answers to Acknowledge and Snooze. */
  told: {
    acknowledged: (name: string, what: string) =>
      `You took this: ${name}. ${what}. Everybody who sees the alert is shown it.`,
    taken: (person: string) => `${person} has acknowledged this already. Nothing was changed.`,
    takenByYou: 'You have acknowledged this already. Nothing was changed.',
    snoozed: (name: string, count: number) =>
      `Snoozed for ${days(count)}: ${name}. If it gets worse before that, it is told at once.`,
    ended: 'This alert has ended meanwhile. Nothing was changed.',
    expired:
      'An alert of an expired token cannot be snoozed. Acknowledge it to show that you are at it. Nothing was changed.',
    gone: 'This alert is not kept any more. Nothing was changed.',
    otherTenant: 'This alert is of another organisation than the one you are signed in to. Nothing was changed.',
    noToken: 'This alert is of no one token, so there is nothing to do this with.',
    busy: 'This alert is changing just now, so nothing was done. Try again.',
  },
} as const;
