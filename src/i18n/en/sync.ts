import { about, formats } from '../formats.ts';
import { tokens } from './counts.ts';

const { duration, number, wait } = formats.en;

export const commands = {
  sync: {
    name: 'sync',
    usage: 'sync contoso',
    summary:
      'Sync a token’s licences with Apple and follow it to the end; “sync all” shows a plan for all of them first.',
    menu: 'Sync a token’s licences with Apple: sync contoso',
  },
} as const;

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
  /** Many tokens at once. */
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

/** Syncing every token: the plan, its progress, its end. `name` is a token's name in the plan. */
export const syncAll = {
  plan: {
    heading: (run: number, total: number) => `Sync ${number(run)} of ${tokens(total)}?`,
    nothing: (total: number) => `None of ${tokens(total)} can be synced now`,
    nothingNext: 'Nothing was started. The reasons are below.',
    run: (count: number) => `Will run: ${number(count)}`,
    skipped: {
      inProgress: (count: number) => `Skipped, a sync is already running: ${number(count)}`,
      coolingDown: (count: number) => `Skipped, synced minutes ago: ${number(count)}`,
      expired: (count: number) => `Skipped, expired: ${number(count)}`,
      invalid: (count: number) => `Skipped, invalid: ${number(count)}`,
      assignedToExternalMDM: (count: number) => `Skipped, in use by another MDM: ${number(count)}`,
    },
    more: (count: number) => `and ${number(count)} more`,
    bound: (person: string, ms: number) =>
      `Nothing has started. Apply starts exactly these, as ${person} and for nobody else; the plan is good for ${duration(ms)}. You can also type “apply” or “cancel”.`,
    drifted: 'Nothing was started: since the plan was made, this changed. Apply to start the new one.',
    driftedToNothing: 'Nothing was started: since the plan was made, this changed.',
    drift: {
      gone: (name: string) => `${name} is no longer in Intune`,
      added: (name: string) => `${name} can run now, too`,
      inProgress: (name: string) => `${name} is already syncing`,
      coolingDown: (name: string) => `${name} was just synced`,
      expired: (name: string) => `${name} has expired`,
      invalid: (name: string) => `${name} is invalid`,
      assignedToExternalMDM: (name: string) => `${name} is in use by another MDM`,
    },
  },
  progress: {
    title: (total: number) => `Sync of ${tokens(total)}`,
    done: (done: number, total: number) => `${number(done)} of ${number(total)} done`,
    running: (done: number, total: number) => `Syncing ${tokens(total)}: ${number(done)} done`,
    ended: {
      good: (total: number, ms: number) => `All ${tokens(total)} synced in ${duration(ms)}`,
      mixed: (completed: number, total: number, ms: number) =>
        `${number(completed)} of ${tokens(total)} synced in ${duration(ms)}`,
    },
    count: {
      completed: (count: number) => `Completed: ${number(count)}`,
      running: (count: number) => `Running: ${number(count)}`,
      waiting: (count: number) => `Waiting: ${number(count)}`,
      failed: (count: number) => `Failed: ${number(count)}`,
      noResult: (count: number) => `No result: ${number(count)}`,
      notStarted: (count: number) => `Not started: ${number(count)}`,
      joined: (count: number) => `Joined a sync that somebody else had begun: ${number(count)}`,
    },
    elapsed: (ms: number) => `${duration(ms)} so far`,
    askedBy: (person: string) => `Asked by ${person}. Every sync is asked for with their own rights.`,
    follows: 'This card follows all of them to their end.',
    trouble: 'Not completed',
    more: (count: number) => `and ${number(count)} more`,
    restarted:
      'The bot was restarted before it had asked for all of them. What had begun is followed to its end; the rest was not started.',
    restartedNext: 'Say “sync all” to plan the rest anew.',
    stopped: 'Intune refused something that holds for all of them, so the rest was not asked for.',
  },
  /** Why a token did not complete, after its name. */
  reason: {
    failed: 'the sync failed; Intune gives no reason',
    failedIn: (state: string) => `the sync failed; the token’s state: ${state}`,
    stuck: 'seems stuck; it may go on in Intune',
    noResult: 'no result by the deadline; it goes on in Intune',
    deleted: 'the token was deleted meanwhile',
    notStarted: 'Intune gave no clear answer and nothing shows that it began',
    stoppedAsking: 'the bot was stopped while it was asking, and nothing shows that it began',
    lost: 'its end could not be seen from here',
    notAsked: 'not started',
    coolingDown: 'not started: somebody synced it minutes ago',
    refused: 'Intune refused it',
    unexpected: 'a fault in the bot; it is in the log',
    badRequest: 'Intune did not understand the request',
    tokenRejected: 'Intune did not accept your sign-in',
    claimsChallenge: 'Intune wants a fresh sign-in',
    missingScope: 'the bot lacks a permission in Microsoft Graph',
    forbidden: 'refused to you: role, licence or scope tags',
    notFound: 'no longer in Intune, or hidden from you',
    conflict: 'Intune is at work on it already',
    throttled: 'Intune took no more requests',
    unavailable: 'Intune was not available',
    timedOut: 'Intune did not answer in time',
    unreadable: 'Intune’s answer could not be read',
    mayHaveStarted: 'Intune did not confirm it; it may have begun',
  },
} as const;
