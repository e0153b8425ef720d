import { formats } from '../formats.ts';

const { duration, number } = formats.en;
const tokens = (count: number) => (count === 1 ? '1 token' : `${number(count)} tokens`);

/** Syncing every token: the plan, its progress, its end. `name` is what the plan calls a token. */
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
    elapsed: (ms: number) => `Elapsed: ${duration(ms)}`,
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
