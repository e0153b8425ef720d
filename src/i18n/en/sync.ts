import { about } from '../about.ts';
import { formats } from '../formats.ts';

const { duration, number, wait } = formats.en;
const tokens = (count: number) => (count === 1 ? '1 token' : `${number(count)} tokens`);

/** `name` is the token's title, as `tokenNames` gives it. Durations are milliseconds; one that is not known is left out. */
export const sync = {
  /** With the name: toasts, thread replies, plain messages. */
  running: (name: string) => `${name}: syncing`,
  joined: (name: string) => `${name}: a sync is already running`,
  completed: (name: string, ms?: number) => `${name}: sync completed${ms === undefined ? '' : ` in ${duration(ms)}`}`,
  failed: (name: string, ms?: number) => `${name}: sync failed${ms === undefined ? '' : ` after ${duration(ms)}`}`,
  stuck: (name: string) => `${name}: sync seems stuck`,
  noResult: (name: string, ms?: number) =>
    `${name}: no result of the sync${ms === undefined ? '' : ` after ${duration(ms)}`}`,
  deleted: (name: string) => `${name}: the token was deleted while it synced`,
  refusedLate: (name: string) => `${name}: Intune refused the sync`,
  notStarted: (name: string) => `${name}: the sync did not start`,
  lost: (name: string) => `${name}: lost sight of the sync`,
  /** Without it: on the token's own card. */
  headline: {
    running: 'Syncing',
    joined: 'A sync is already running',
    completed: (ms?: number) => (ms === undefined ? 'Sync completed' : `Sync completed in ${duration(ms)}`),
    failed: (ms?: number) => (ms === undefined ? 'Sync failed' : `Sync failed after ${duration(ms)}`),
    stuck: (ms?: number) => `Sync seems stuck${ms === undefined ? '' : `: still running after ${duration(ms)}`}`,
    noResult: (ms?: number) => `No result yet${ms === undefined ? '' : ` after ${duration(ms)}`}`,
    deleted: 'The token was deleted while it synced',
    refusedLate: 'Intune refused the sync',
    notStarted: 'The sync did not start',
    lost: 'Lost sight of this sync',
  },
  detail: {
    running: 'This card follows it to its end.',
    soFar: (ms: number) => `${duration(ms)} so far.`,
    soFarOfUsual: (ms: number, usualMs: number) => `${duration(ms)} so far; usually about ${about(usualMs, 'en')}.`,
    usual: (ms: number) => `Usually about ${about(ms, 'en')}.`,
    untimed: {
      restarted: 'The bot was restarted meanwhile, so how long it took is not known.',
      joined: 'It was already running when this was asked for, so how long it took is not known.',
      unseen:
        'Intune never showed it in progress, only as failed like the one before, so how long it took is not known.',
    },
    joined: 'No second one was started. This card follows the running one to its end.',
    joinedBy: (person: string) => `${person} started it. No second one was started; this card follows it to its end.`,
    nothingChanged:
      'Nothing changed: state, expiry, account, iPhone and iPad apps and their licences are as they were.',
    tokenUnchanged: 'State, expiry and account did not change.',
    stuck:
      'Intune rarely takes this long. Refresh later; if it still runs after an hour, check Intune’s service health.',
    noResult: 'If Intune is still at it, it goes on by itself. Refresh later to see how it ended.',
    deleted: 'Somebody removed it from Intune. There is nothing left to sync.',
    notStarted:
      'Intune gave no clear answer to the request, and nothing shows that a sync began. It was not asked twice; press Sync now to try again.',
    refusedLate: (why?: string) =>
      `Intune took its time over the request and then refused it${why === undefined ? '' : `: ${why}`}. Nothing was started.`,
    stoppedAsking:
      'The bot was stopped while it was asking, so it is not known whether Intune was asked. Nothing shows that a sync began; press Sync now to try again.',
    lost: 'The sync may go on in Intune, but its end could not be seen from here. Refresh to see the token as it is now.',
  },
  change: {
    organization: 'Organisation',
    location: 'Location',
    licenses: 'Licences',
    appAdded: 'App added',
    appRemoved: 'App removed',
  },
  licenses: {
    pending: 'Apps and licences are being compared.',
    approximate:
      'Apps and licences are approximate: Intune names only an app’s Apple ID and organisation, and other tokens share both.',
    notCompared: 'Apps and licences were not compared.',
    notComparedAs: (why: string) => `Apps and licences were not compared: ${why}.`,
    why: {
      forbidden: 'Intune refused to show apps',
      missingScope: 'the bot lacks the permission to read apps',
      slow: 'Intune took too long to list the apps',
      unavailable: 'Intune could not list the apps',
      noAccount: 'Intune does not tell which apps are this token’s',
      ambiguous: 'Intune did not tell both times which apps are this token’s',
      joined: 'the sync was already running when this one was asked for',
      signInEnded: 'the sign-in of whoever asked could no longer be used',
      stopped: 'the bot was stopped while it asked for the sync',
    },
  },
  /** Of many tokens at once. */
  batch: {
    nothingChanged:
      'Nothing changed on any of them: state, expiry, account, iPhone and iPad apps and their licences are as they were.',
    tokensUnchanged: 'State, expiry and account of none of them changed.',
    notCompared: (count: number) => `Apps and licences of ${tokens(count)} were not compared.`,
    notComparedAs: (count: number, why: string) => `Apps and licences of ${tokens(count)} were not compared: ${why}.`,
  },
  /** Refusals: nothing was started. */
  refused: {
    coolDown: (name: string, agoMs: number, waitMs: number) =>
      `${name} was synced ${duration(agoMs)} ago, and Apple needs a pause between syncs. Try again in ${wait(waitMs)}.`,
    expired: (name: string) => `${name} has expired, so syncing cannot work. Nothing was started.`,
    invalid: (name: string) => `${name} is invalid, so syncing cannot work. Nothing was started.`,
    assignedToExternalMDM: (name: string) =>
      `${name} is in use by another MDM, so syncing cannot work. Nothing was started.`,
  },
} as const;
