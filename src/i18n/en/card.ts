import { formats } from '../formats.ts';

const { days, number } = formats.en;

/** Words of the cards that belong to no one command. */
export const card = {
  label: {
    expires: 'Expires',
    lastSync: 'Last sync',
    accountType: 'Account type',
    appleId: 'Apple ID',
    region: 'Region',
    autoUpdate: 'App updates',
    askedBy: 'Asked by',
    state: 'State',
    cause: 'Likely cause',
    who: 'Who can mend it',
    next: 'Next step',
    changed: 'What changed',
  },
  accountType: { business: 'Business', education: 'Education' },
  autoUpdate: { on: 'Automatic', off: 'Not automatic' },
  unnamedToken: 'Token without a name',
  /** Whom Teams does not name. */
  somebody: 'Somebody',
  unknown: 'Not known',
  never: 'Never',
  nothing: 'none',
  daysLeft: (count: number) => (count === 0 ? 'less than a day left' : `${days(count)} left`),
  daysAgo: (count: number) => (count === 0 ? 'less than a day ago' : `${days(count)} ago`),
  /** Before a date the client writes in the reader's own time. */
  asOf: 'As of',
  since: 'Since',
  before: 'Before that:',
  change: (before: string, after: string) => `${before} → ${after}`,
  moreChanges: (count: number) => `and ${number(count)} more`,
  labelled: (label: string) => `${label}: `,
  summary: (name: string, state: string, left?: string) => `${name}: ${state}${left === undefined ? '' : `, ${left}`}`,
  /** Support looks this up in the log. */
  reference: (id: string) => `Reference: ${id}`,
} as const;
