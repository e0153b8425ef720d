import { about, formats } from '../formats.ts';
import { tokens } from './counts.ts';

const { duration, number, wait } = formats.en;

export const commands = {
  sync: {
    name: 'sync',
    usage: 'sync contoso',
    summary: 'Sync a token’s licences with Apple; “sync all” shows a plan for all tokens first.',
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
  lost: (name: string) => `${name}: lost track of the sync`,
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
    lost: 'Lost track of this sync',
  },
  detail: {
    running: 'I’ll update this card until it finishes.',
    soFar: (ms: number) => `${duration(ms)} so far.`,
    soFarOfUsual: (ms: number, usualMs: number) => `${duration(ms)} so far; usually about ${about(usualMs, 'en')}.`,
    usual: (ms: number) => `Usually about ${about(ms, 'en')}.`,
    untimed: {
      restarted: 'The bot restarted meanwhile, so the duration isn’t known.',
      joined: 'It was already running, so the duration isn’t known.',
      unseen: 'Intune never showed it in progress, only as failed like the one before, so the duration isn’t known.',
    },
    joined: 'No second sync was started. I’ll update this card until the running one finishes.',
    joinedBy: (person: string) =>
      `${person} started it. No second sync was started; I’ll update this card until it finishes.`,
    nothingChanged:
      'Nothing changed: state, expiry, account, iPhone and iPad apps and their licences are the same as before.',
    tokenUnchanged: 'State, expiry and account did not change.',
    stuck:
      'Intune rarely takes this long. Refresh later; if it is still running after an hour, check Intune’s service health.',
    noResult: 'If Intune is still working on it, it will finish on its own. Refresh later to see the result.',
    deleted: 'Somebody removed it from Intune. There is nothing left to sync.',
    notStarted:
      'Intune gave no clear answer, and nothing shows that a sync began. I didn’t ask twice; press Sync now to try again.',
    refusedLate: (why?: string) =>
      `Intune took a while, then refused the request${why === undefined ? '' : `: ${why}`}. Nothing was started.`,
    stoppedAsking:
      'The bot stopped while sending the request, so Intune may not have received it. Nothing shows that a sync began; press Sync now to try again.',
    lost: 'The sync may still be running in Intune, but I can’t see its result. Refresh to see the token’s current state.',
  },
  change: {
    organization: 'Organisation',
    location: 'Location',
    licenses: 'Licences',
    appAdded: 'App added',
    appRemoved: 'App removed',
  },
  licenses: {
    pending: 'Comparing apps and licences.',
    approximate:
      'Apps and licences are approximate: Intune gives only an app’s Apple ID and organisation, and other tokens share both.',
    notCompared: 'Apps and licences weren’t compared.',
    notComparedAs: (why: string) => `Apps and licences weren’t compared: ${why}.`,
    why: {
      forbidden: 'Intune denied access to apps',
      missingScope: 'the bot lacks the permission to read apps',
      slow: 'Intune took too long to list the apps',
      unavailable: 'Intune could not list the apps',
      noAccount: 'Intune doesn’t say which apps belong to this token',
      ambiguous: 'Intune didn’t say both times which apps belong to this token',
      joined: 'the sync was already running',
      signInEnded: 'the sign-in of the person who asked had ended',
      stopped: 'the bot stopped while sending the request',
    },
  },
  /** Many tokens at once. */
  batch: {
    nothingChanged:
      'Nothing changed on any of them: state, expiry, account, iPhone and iPad apps and their licences are the same as before.',
    tokensUnchanged: 'No token’s state, expiry or account changed.',
    notCompared: (count: number) => `Apps and licences of ${tokens(count)} weren’t compared.`,
    notComparedAs: (count: number, why: string) => `Apps and licences of ${tokens(count)} weren’t compared: ${why}.`,
  },
  /** Refusals: nothing was started. */
  refused: {
    coolDown: (name: string, agoMs: number, waitMs: number) =>
      `${name} was synced ${duration(agoMs)} ago, and Apple needs a pause between syncs. Try again in ${wait(waitMs)}.`,
    expired: (name: string) => `${name} has expired, so it can’t sync. Nothing was started.`,
    invalid: (name: string) => `${name} is invalid, so it can’t sync. Nothing was started.`,
    assignedToExternalMDM: (name: string) => `${name} is in use by another MDM, so it can’t sync. Nothing was started.`,
  },
} as const;

/** Syncing every token: the plan, its progress, its end. `name` is a token's name in the plan. */
export const syncAll = {
  plan: {
    heading: (run: number, total: number) => `Sync ${number(run)} of ${tokens(total)}?`,
    nothing: (total: number) => `None of ${tokens(total)} can be synced now`,
    nothingNext: 'Nothing was started. The reasons are above.',
    run: (count: number) => `Will run: ${number(count)}`,
    skipped: {
      inProgress: (count: number) => `Skipped, a sync is already running: ${number(count)}`,
      coolingDown: (count: number) => `Skipped, synced minutes ago: ${number(count)}`,
      expired: (count: number) => `Skipped, expired: ${number(count)}`,
      invalid: (count: number) => `Skipped, invalid: ${number(count)}`,
      assignedToExternalMDM: (count: number) => `Skipped, in use by another MDM: ${number(count)}`,
    },
    more: (count: number) => `and ${number(count)} more`,
    bound: (ms: number) =>
      `Nothing has started. Only you can start this; it uses your permissions. The plan is valid for ${duration(ms)}. You can also type “apply” or “cancel”.`,
    /** Where others see it too. */
    boundTo: (person: string, ms: number) =>
      `Nothing has started. Only ${person} can start this; it uses their permissions. The plan is valid for ${duration(ms)}. You can also type “apply” or “cancel”.`,
    drifted: 'Nothing was started: this changed since the plan was made. Apply to start the new plan.',
    driftedToNothing: 'Nothing was started: this changed since the plan was made.',
    drift: {
      gone: (name: string) => `${name} is no longer in Intune`,
      added: (name: string) => `${name} can also run now`,
      inProgress: (name: string) => `${name} is already syncing`,
      coolingDown: (name: string) => `${name} was just synced`,
      expired: (name: string) => `${name} has expired`,
      invalid: (name: string) => `${name} is invalid`,
      assignedToExternalMDM: (name: string) => `${name} is in use by another MDM`,
    },
  },
  progress: {
    action: { retry: 'Retry failed', list: 'List', history: 'History' },
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
      joined: (count: number) => `Joined a sync that was already running: ${number(count)}`,
    },
    elapsed: (ms: number) => `${duration(ms)} so far`,
    askedBy: (person: string) => `Asked by ${person}. Each sync uses their permissions.`,
    follows: 'I’ll update this card until all of them finish.',
    trouble: 'Not completed',
    more: (count: number) => `and ${number(count)} more`,
    restarted:
      'The bot restarted before it had requested all of them. I’ll follow the ones that started; the rest were not started.',
    restartedNext: 'Say “sync all” to plan the rest again.',
    stopped: 'Intune refused for a reason that applies to all of them, so I didn’t request the rest.',
  },
  /** Why a token did not complete, after its name. */
  reason: {
    failed: 'the sync failed; Intune gives no reason',
    failedIn: (state: string) => `the sync failed; the token’s state: ${state}`,
    stuck: 'seems stuck; it may still be running in Intune',
    noResult: 'no result by the deadline; it continues in Intune',
    deleted: 'the token was deleted meanwhile',
    notStarted: 'Intune gave no clear answer and nothing shows that it began',
    stoppedAsking: 'the bot stopped while sending the request, and nothing shows that it began',
    lost: 'its result couldn’t be seen',
    notAsked: 'not started',
    coolingDown: 'not started: somebody synced it minutes ago',
    refused: 'Intune refused it',
    unexpected: 'an error in the bot; the log has the details',
    badRequest: 'Intune didn’t understand the request',
    tokenRejected: 'Intune rejected your sign-in',
    claimsChallenge: 'Intune requires a new sign-in',
    missingScope: 'the bot lacks a permission in Microsoft Graph',
    forbidden: 'Intune denied access: role, licence or scope tags',
    notFound: 'no longer in Intune, or hidden from you',
    conflict: 'Intune is already working on it',
    throttled: 'Intune refused further requests',
    unavailable: 'Intune wasn’t available',
    timedOut: 'Intune didn’t answer in time',
    unreadable: 'Intune’s answer couldn’t be read',
    mayHaveStarted: 'Intune didn’t confirm it; it may have started',
  },
} as const;
