import { formats } from '../formats.ts';

const { days } = formats.en;

/** Whether a renewal arrived. `name` is what one can type to mean the token. */
export const verify = {
  /** Of the button that goes on with a chosen token. */
  actionTitle: 'Verify',
  headline: {
    done: 'Renewed, and everything is in order',
    notYet: 'Not renewed yet, as far as Intune shows',
    otherAccount: 'The token file came from another account',
    notWorking: 'Renewed, but not in order yet',
  },
  label: { organization: 'Organisation' },
  expiry: {
    moved: 'Moved to a later date',
    ahead: 'No earlier date to compare with, but as far ahead as right after a renewal',
    notMoved: 'Has not moved',
    earlier: 'Moved to an earlier date',
    near: 'Too near for a token that was just renewed: these are good for a year',
    past: 'Has passed',
    unknown: 'Intune names no date',
  },
  /** `date` is when the steps were asked for. */
  comparedWith: (date: string) => `Compared with ${date}`,
  sameness: {
    same: (_before: string, after: string) => `${after}, as before`,
    changed: (before: string, after: string) => `Not the same: ${before} → ${after}`,
    nothingToCompare: (_before: string, after: string) => `${after}; nothing to compare it with`,
  },
  sync: {
    completed: 'Completed',
    running: 'In progress',
    failed: 'Failed',
    never: 'Never synced',
    stale: 'Completed, but over 36 hours ago',
    stuck: 'In progress for over 30 minutes, seems stuck',
  },
  next: {
    done: 'Nothing. Licences and app updates go on.',
    otherAppleId: (appleId: string) =>
      `Download the file as ${appleId}, the account of before, and upload it to this same token. Do not delete the token.`,
    otherOrganization: (organization: string) =>
      `Download the file of ${organization}, the organisation of before, and upload it to this same token. Do not delete the token.`,
    tryAgain: (name: string) =>
      `The date Intune shows may lag behind. Say “verify vpp ${name}” again in some minutes; if nothing has moved then, upload the file once more to this same token.`,
    maybeBefore: (count: number, name: string) =>
      `With ${days(count)} left it may have been renewed before the steps were asked for; then all is done. Else say “verify vpp ${name}” again in some minutes, because the date may lag behind.`,
    sync: (name: string) => `Say “sync vpp ${name}” and, when it has ended, “verify vpp ${name}”.`,
    waitForSync: (name: string) => `Wait for the sync to end, then say “verify vpp ${name}” again.`,
  },
} as const;
