import { formats } from '../formats.ts';

const { duration, number } = formats.en;

/** What people asked of tokens, and what became of it. `name` is the token's title. Durations are milliseconds. */
export const history = {
  heading: 'Who did what',
  /** Of a sync that was started or joined. */
  outcome: {
    completed: (ms: number) => `Completed in ${duration(ms)}`,
    failed: (ms: number) => `Failed after ${duration(ms)}`,
    stuck: (ms: number) => `Stuck: still running after ${duration(ms)}`,
    noResult: (ms: number) => `No result within ${duration(ms)}`,
    deleted: 'The token was deleted meanwhile',
    notStarted: 'Did not start',
    lost: 'Its end was not seen',
    refused: 'Refused by Intune, nothing was started',
  },
  running: (ms: number) => `Running for ${duration(ms)}`,
  /** Of what came to nothing. */
  nothing: {
    coolingDown: 'Not started: it was synced shortly before',
    hopeless: 'Not started: its state does not allow it',
    refused: 'Refused, nothing was started',
    notAudited: 'Refused: it could not be written down',
    signInAsked: 'Asked to sign in first',
    notYours: 'Refused: somebody else’s button',
    expired: 'Refused: an old button',
    used: 'Refused: a used button',
    unknown: 'Refused: an unknown button',
    otherConversation: 'Refused: a button of another conversation',
    notManual: 'Refused: nobody pressed the button',
    cancelled: 'Cancelled',
  },
  /** Of what is done at once. */
  done: {
    renewMark: 'Renewal begun',
    alertsOn: 'Alerts switched on',
    alertsOff: 'Alerts switched off',
    acknowledge: 'Alert acknowledged',
    snooze: 'Alert snoozed',
  },
  other: (raw: string) => `Ended with “${raw}”`,
  joined: 'joined a running sync',
  more: (count: number) => `and ${number(count)} more`,
  none: 'Nobody has asked me to sync a token that you can see.',
  noneOf: (name: string) => `Nobody has asked me to sync ${name}.`,
  scope: 'This is what I was asked for, refusals too. Syncs that Intune runs by itself are not among it.',
  summary: (count: number) => `History: ${count === 1 ? 'one entry' : `${number(count)} entries`}`,
  summaryOf: (name: string, count: number) =>
    `${name}: ${count === 1 ? 'one entry' : `${number(count)} entries`} so far`,
} as const;
