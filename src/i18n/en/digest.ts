import { formats } from '../formats.ts';

const { number } = formats.en;
const alerts = (count: number) => (count === 1 ? '1 alert' : `${number(count)} alerts`);
const tokens = (count: number) => (count === 1 ? '1 token' : `${number(count)} tokens`);

/** Several alerts on one card, and the weekly digest. */
export const digest = {
  heading: {
    standing: (count: number) => `${alerts(count)}, open already`,
    burst: (count: number) => `${alerts(count)} at once`,
    morning: (count: number) => `${alerts(count)} while it was quiet`,
  },
  /** Some of what was told as open already is over by now. */
  stood: (count: number) => `${alerts(count)}, open at the time`,
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
    openHeading: (count: number) => `Open: ${alerts(count)}`,
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
