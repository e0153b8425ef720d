import { formats } from '../formats.ts';
import { apps } from './counts.ts';

const { days, number } = formats.en;

/** Licences per app of one token. `name` is the token's title. */
export const licenses = {
  heading: (name: string) => `Licences of ${name}`,
  apps,
  lowOf: (count: number, total: number) => `${number(count)} of ${apps(total)} with 95% or more in use`,
  count: {
    over: (count: number) => `${number(count)} over-assigned`,
    usedUp: (count: number) => `${number(count)} used up`,
    low: (count: number) => `${number(count)} nearly used up`,
    fine: (count: number) => `${number(count)} with licences left`,
    none: (count: number) => `${number(count)} without licences`,
    soon: (count: number) => `${number(count)} ${count === 1 ? 'runs' : 'run'} out within 14 days`,
  },
  label: { app: 'App', left: 'Licences left' },
  left: (count: number) => `${number(count)} left`,
  over: (count: number) => `${number(count)} too many in use`,
  none: 'No licences',
  used: (used: number, total: number) => `${number(used)} of ${number(total)} used`,
  /** At the pace of the last weeks. */
  runsOut: (count: number) => `runs out in about ${days(count)}`,
  runningOut: 'Running out',
  moreRunOut: (count: number) => `${apps(count)} more`,
  approximate:
    'Approximate: Intune gives only the Apple ID and organisation of an app’s token, and other tokens share both. Some of these apps may be theirs.',
  overAssigned: 'More licences are in use than were bought. Buy more from Apple, or take some back in Intune.',
  /** Buttons; `count` apps are low on licences, or there are in all. */
  filter: {
    low: (count: number) => `Low (${number(count)})`,
    all: (count: number) => `All apps (${number(count)})`,
  },
  uncounted: (count: number) =>
    count === 1
      ? 'Intune gives no licence numbers for 1 app, so it is not counted.'
      : `Intune gives no licence numbers for ${number(count)} apps, so they are not counted.`,
  noApps: (name: string) =>
    `Intune shows you no iPhone or iPad app with licences of ${name}. New ones appear after the next completed sync. Mac apps and books are not counted.`,
  appsUnknown: (name: string) =>
    `Intune doesn’t say which apps belong to ${name}: the token has no Apple ID to match them by.`,
  noneLow: (name: string, total: number) => `${name}: of ${apps(total)}, none has 95% or more of its licences in use.`,
  forbidden: {
    what: 'Intune denied you access to apps, so I can’t show their licences.',
    cause:
      'Intune doesn’t say which reason applies: your Intune role doesn’t include reading mobile apps, your account has no Intune licence, or your scope tags leave these apps out. The permission DeviceManagementApps.Read.All is needed as well.',
    who: 'An Intune administrator in your organisation.',
    next: 'Ask the administrator to give your role “Mobile apps: Read”.',
  },
} as const;
