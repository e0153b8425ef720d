import { formats } from '../formats.ts';

const { number } = formats.en;
const apps = (count: number) => (count === 1 ? '1 app' : `${number(count)} apps`);

/** Licences per app of one token. `name` is the token's title. */
export const licenses = {
  heading: (name: string) => `Licences of ${name}`,
  apps,
  lowOf: (count: number, total: number) => `${number(count)} of ${apps(total)} with 95 % or more in use`,
  count: {
    over: (count: number) => `${number(count)} over-assigned`,
    usedUp: (count: number) => `${number(count)} used up`,
    low: (count: number) => `${number(count)} nearly used up`,
    fine: (count: number) => `${number(count)} with licences left`,
    none: (count: number) => `${number(count)} without licences`,
  },
  label: { app: 'App', left: 'Licences left' },
  left: (count: number) => `${number(count)} left`,
  over: (count: number) => `${number(count)} too many in use`,
  none: 'No licences',
  used: (used: number, total: number) => `${number(used)} of ${number(total)} used`,
  approximate:
    'Approximate: Intune names only the Apple ID and organisation of an app’s token, and other tokens share both. Some of these apps may be theirs.',
  overAssigned: 'More licences are in use than were bought. Buy more at Apple, or take some back in Intune.',
  more: (count: number) => `and ${number(count)} more`,
  moreAndFilter: (count: number) => `and ${number(count)} more; add “low” to see those with 95 % or more in use alone`,
  noApps: (name: string) =>
    `Intune shows you no iPhone or iPad app with licences of ${name}. New ones appear after the next completed sync.`,
  untold: (name: string) =>
    `Intune does not tell which apps belong to ${name}: the token has no Apple ID that they could be matched by.`,
  noneLow: (name: string, total: number) => `${name}: of ${apps(total)}, none has 95 % or more of its licences in use.`,
  forbidden: {
    what: 'Intune refused to show you apps, so I cannot tell their licences.',
    cause:
      'Intune does not say which it is: your Intune role does not include reading mobile apps, your account has no Intune licence, or your scope tags leave these apps out. The app’s permission DeviceManagementApps.Read.All is needed as well.',
    who: 'An Intune administrator of your organisation.',
    next: 'Ask the administrator to give your role “Mobile apps: Read”.',
  },
} as const;
