import { formats } from '../formats.ts';

const { duration, number } = formats.en;

/** Past syncs. `name` is the token's title. Durations are milliseconds. */
export const history = {
  heading: 'Who synced what',
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
  other: (raw: string) => `Ended with “${raw}”`,
  joined: 'joined a running sync',
  more: (count: number) => `and ${number(count)} more`,
  none: 'Nobody has asked me to sync a token that you can see.',
  noneOf: (name: string) => `Nobody has asked me to sync ${name}.`,
  scope: 'These are the syncs that I was asked for. Those that Intune runs by itself are not among them.',
  summary: (count: number) => `History: ${count === 1 ? 'one sync' : `${number(count)} syncs`}`,
  summaryOf: (name: string, count: number) => `${name}: ${count === 1 ? 'one sync' : `${number(count)} syncs`} so far`,
} as const;
