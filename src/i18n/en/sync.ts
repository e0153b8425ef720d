import { formats } from '../formats.ts';

const { duration, wait } = formats.en;

/** `name` is the token's title, as `tokenNames` gives it. Durations are milliseconds. */
export const sync = {
  /** With the name: toasts, thread replies, plain messages. */
  running: (name: string) => `${name}: syncing`,
  joined: (name: string) => `${name}: a sync is already running`,
  completed: (name: string, ms: number) => `${name}: sync completed in ${duration(ms)}`,
  failed: (name: string, ms: number) => `${name}: sync failed after ${duration(ms)}`,
  stuck: (name: string) => `${name}: sync seems stuck`,
  noResult: (name: string, ms: number) => `${name}: no result of the sync after ${duration(ms)}`,
  deleted: (name: string) => `${name}: the token was deleted while it synced`,
  notStarted: (name: string) => `${name}: the sync did not start`,
  lost: (name: string) => `${name}: lost sight of the sync`,
  /** Without it: on the token's own card. */
  headline: {
    running: 'Syncing',
    joined: 'A sync is already running',
    completed: (ms: number) => `Sync completed in ${duration(ms)}`,
    failed: (ms: number) => `Sync failed after ${duration(ms)}`,
    stuck: (ms: number) => `Sync seems stuck: still running after ${duration(ms)}`,
    noResult: (ms: number) => `No result yet after ${duration(ms)}`,
    deleted: 'The token was deleted while it synced',
    notStarted: 'The sync did not start',
    lost: 'Lost sight of this sync',
  },
  detail: {
    running: 'This card follows it to its end.',
    joined: 'No second one was started. This card follows the running one to its end.',
    joinedBy: (person: string) => `${person} started it. No second one was started; this card follows it to its end.`,
    nothingChanged: 'The token’s state and expiry did not change.',
    stuck:
      'Intune rarely takes this long. Refresh later; if it still runs after an hour, check Intune’s service health.',
    noResult: 'If Intune is still at it, it goes on by itself. Refresh later to see how it ended.',
    deleted: 'Somebody removed it from Intune. There is nothing left to sync.',
    notStarted:
      'Intune gave no clear answer to the request, and nothing shows that a sync began. It was not asked twice; press Sync now to try again.',
    lost: 'The sync may go on in Intune, but its end could not be seen from here. Refresh to see the token as it is now.',
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
