import { formats, roughly } from '../formats.ts';
import { tokens } from './counts.ts';

const { days, duration, number } = formats.en;

export const commands = {
  status: {
    name: 'status',
    usage: 'status contoso',
    summary: 'See a token’s state, expiry and last sync.',
    menu: 'See a token’s state, expiry and last sync: status contoso',
  },
  list: {
    name: 'list',
    usage: 'list expiring',
    summary: 'See all tokens, worst first; or only expiring, failed or stale ones.',
    menu: 'See all tokens, worst first: list, list expiring, list failed, list stale',
  },
  licenses: {
    name: 'licenses',
    usage: 'licenses contoso',
    summary: 'See licences per app, or of one app over all tokens; add “low” for apps running short.',
    menu: 'See used and free licences per app: licenses contoso',
  },
  renew: {
    name: 'renew',
    usage: 'renew contoso',
    summary: 'See how to renew a token, step by step.',
    menu: 'See how to renew a token, step by step: renew contoso',
  },
  verify: {
    name: 'verify',
    usage: 'verify contoso',
    summary: 'Check that a renewal worked.',
    menu: 'Check that a renewal worked: verify contoso',
  },
  history: {
    name: 'history',
    usage: 'history contoso',
    summary: 'See who synced a token, when, and how it ended.',
    menu: 'See who synced a token, when, and how it ended: history contoso',
  },
} as const;

const renewAdvice =
  'Download a new token file from Apple Business or Apple School Manager and upload it to this same token in Intune. Do not delete the token: its apps and assignments would be deleted too.';

/** States of a token and outcomes of its last sync, by Graph's own names. A name missing here is shown as it came. */
export const state = {
  word: {
    valid: 'Valid',
    expired: 'Expired',
    invalid: 'Invalid',
    assignedToExternalMDM: 'In use by another MDM',
    duplicateLocationId: 'Duplicate location',
    unknown: 'Unknown',
  },
  /** Instead of `valid`, when the expiry date says more. */
  validButExpiresSoon: 'Valid, expires soon',
  validButPast: 'Valid, but past its expiry date',
  expiredButAhead: 'Intune still says Expired',
  other: (raw: string) => `Intune says “${raw}”`,
  syncWord: { none: 'Never synced', inProgress: 'In progress', completed: 'Completed', failed: 'Failed' },
  lastSyncFailed: 'Last sync failed',
  advice: {
    expired: {
      cause:
        'The token passed its one-year term. Licences can’t be assigned and apps aren’t updated until it is renewed.',
      next: renewAdvice,
    },
    expiredButAhead: {
      cause: 'The expiry date is ahead, so the token was renewed. Intune updates its state at the next completed sync.',
      next: 'Sync it now.',
    },
    invalid: {
      cause:
        'The password or the domain of its Managed Apple Account changed, the account was disabled, its owner left, or the token expired. Intune doesn’t say which.',
      next: `Check that the account still works. ${renewAdvice}`,
    },
    assignedToExternalMDM: {
      cause: 'Another device management service has claimed this location. A token serves one service at a time.',
      next: 'Remove the token from the other service, then sync here again.',
    },
    duplicateLocationId: {
      cause:
        'Another token in Intune has the same Apple location. Licences can still be assigned and revoked, but new purchases may not appear.',
      next: 'Keep one of the two tokens in Intune and remove the duplicate.',
    },
    unknown: {
      cause: 'Intune doesn’t say what state the token is in.',
      next: 'Sync it once. If the state stays unknown, check the token in the Intune admin center.',
    },
    syncFailed: {
      cause:
        'Intune gives no reason. Often Apple has new terms that an Apple administrator must accept, or Apple or Intune had a fault.',
      next: 'Sync again. If it still fails, look for new terms in Apple Business or Apple School Manager.',
    },
    expiresSoon: { cause: '', next: `Renew it before it expires, or licences and app updates stop. ${renewAdvice}` },
  },
} as const;

const ago = (ms: number) => `${roughly(ms, 'en')} ago`;

/** A table of tokens. Durations are milliseconds; an unknown moment is left out. */
export const list = {
  heading: {
    all: (total: number) => (total === 1 ? '1 VPP token' : `${number(total)} VPP tokens, worst first`),
    expiring: (count: number, total: number) =>
      `${number(count)} of ${tokens(total)} within 30 days of expiry or past it`,
    failed: (count: number, total: number) => `${number(count)} of ${tokens(total)} with a failed sync or not valid`,
    stale: (count: number, total: number) => `${number(count)} of ${tokens(total)} without a sync for over 36 hours`,
  },
  count: {
    expired: (count: number) => `${number(count)} expired`,
    invalid: (count: number) => `${number(count)} invalid`,
    assignedToExternalMDM: (count: number) => `${number(count)} in use by another MDM`,
    duplicateLocationId: (count: number) => `${number(count)} with a duplicate location`,
    otherState: (count: number) => `${number(count)} of unknown state`,
    syncFailed: (count: number) => `${number(count)} with a failed sync`,
    expiring: (count: number) => `${number(count)} expiring soon`,
    stale: (count: number) => `${number(count)} not synced recently`,
    fine: (count: number) => `${number(count)} healthy`,
  },
  separator: ', ',
  timeline: 'Expiring in the next 12 months',
  later: 'Later',
  monthOf: (month: string, count: number) => `${month}: ${number(count)}`,
  sync: {
    completed: (agoMs: number) => `Synced ${ago(agoMs)}`,
    failed: (agoMs?: number) => (agoMs === undefined ? 'Last sync failed' : `Last sync failed, ${ago(agoMs)}`),
    running: 'Syncing now',
    stuck: (ms: number) => `Syncing for ${roughly(ms, 'en')}, seems stuck`,
    never: 'Never synced',
    other: (raw: string) => `Last sync: Intune says “${raw}”`,
  },
  /** Buttons; `count` tokens are of that kind. */
  filter: {
    all: (count: number) => `All (${number(count)})`,
    expiring: (count: number) => `Expiring (${number(count)})`,
    failed: (count: number) => `Failed (${number(count)})`,
    stale: (count: number) => `Stale (${number(count)})`,
  },
  hint: 'Select one to see its status and the next step.',
  unknownFilter: (asked: string) =>
    `I can’t list by “${asked}”. Say “list vpp” for all tokens, or “list vpp expiring”, “list vpp failed” or “list vpp stale”.`,
  noneMatch: {
    expiring: (total: number) => `None of the ${tokens(total)} you can see expires within 30 days or is past its date.`,
    failed: (total: number) => `All ${tokens(total)} you can see are valid, and no last sync failed.`,
    stale: (total: number) => `All ${tokens(total)} you can see synced within the last 36 hours.`,
  },
} as const;

/** The renewal checklist. `name` is the token's title; addresses are those of src/domain/renewal.ts. */
export const renew = {
  heading: (name: string) => `Renew ${name}`,
  summary: (name: string) => `How to renew ${name}`,
  site: {
    business: (address: string) => `Apple Business (${address})`,
    education: (address: string) => `Apple School Manager (${address})`,
    either: (business: string, school: string) => `Apple Business (${business}) or Apple School Manager (${school})`,
  },
  /** In the person's own chat. */
  wholeAppleId: (name: string, appleId: string) =>
    `To renew ${name}, sign in at Apple as ${appleId}. Others can read the conversation you asked in, so it shows only part of the address.`,
  wholeSent: (person: string) => `I have sent the whole address to ${person} in their own chat with me.`,
  askForWhole: (name: string) => `For the whole address write “renew ${name}” to the bot in your own chat.`,
  steps: {
    signIn: (site: string, appleId: string) =>
      `Sign in to ${site} as ${appleId}, the account this token was made with. Do not use another one.`,
    /** In a shared conversation, where the address is masked. */
    signInMasked: (site: string, appleId: string, whole: string) =>
      `Sign in to ${site} as ${appleId}, the account this token was made with. Do not use another one. ${whole}`,
    signInUnknown: (site: string) =>
      `Sign in to ${site} with the account this token was made with. Intune does not name it.`,
    download: {
      business: (location: string) =>
        `Open Settings → Payments & Billing → Apps & Books, find ${location} and download its file.`,
      education: (location: string) =>
        `Open Preferences → Payments and Billing → Apps and Books, find ${location} under Content Tokens and download its file.`,
      either: (location: string) =>
        `Open Settings (Apple Business) or Preferences (Apple School Manager) → Payments & Billing → Apps & Books, find ${location} and download its file.`,
    },
    open: (name: string) =>
      `In the Intune admin center open Tenant administration → Connectors and tokens → Apple VPP tokens, and there ${name}.`,
    upload: 'Next to Basics choose Edit, upload the file to this same token and save.',
    verify: (name: string) =>
      `Come back and press “Check renewal”, or say “verify vpp ${name}”. The new date may take a few minutes to show.`,
  },
  keep: 'Update the token in place. Do not delete the token: its apps and assignments would be deleted too.',
  /** Until somebody has started it. With monitoring, the bot notices the new date without “verify”. */
  notStarted: {
    watched:
      'Press “I have started” when you begin. I’ll note the current date, Apple ID and organisation, and write here once Intune shows the new date.',
    unwatched:
      'Press “I have started” when you begin. I’ll note the current date, Apple ID and organisation, so that “Check renewal” can compare.',
  },
  startedBy: (person: string) => `Renewal started by ${person}`,
  started: {
    watched: 'I’ll let whoever started it know, in the same place, once Intune shows the new date.',
    unwatched: 'Press “Check renewal” to see if Intune shows the new date.',
  },
  /** One line to whoever started the renewal. `date` is the token’s new expiry date. */
  ended: {
    renewed: (name: string, date: string) => `✓ ${name} is renewed. It now expires on ${date}.`,
    otherAccount: (name: string, date: string) =>
      `⚠\ufe0e ${name} has a new expiry date, ${date}, but its file came from another Apple ID or organisation. Say “verify” and its name to compare.`,
  },
  /** In the person’s own chat, a day after they asked for it. */
  reminder: (name: string) => `Reminder: renew ${name}`,
  reminderNote: 'You asked me to remind you. The state is from when you asked; “Check renewal” reads it again.',
  reminderSet: (name: string) => `I’ll remind you tomorrow in your own chat with me to renew ${name}.`,
  /** In the person’s own chat, when they asked for it elsewhere. */
  reminderSetHere: (name: string) => `I’ll remind you here tomorrow to renew ${name}.`,
  reminderWhere: (toType: string) =>
    `I can’t write to your own chat yet. Open a chat with me and say “renewal reminder ${toType}” there.`,
  buttons: {
    start: 'I have started',
    check: 'Check renewal',
    remind: 'Remind me tomorrow',
    steps: 'Show steps',
    openBusiness: 'Open Apple Business',
    openSchool: 'Open Apple School Manager',
  },
  notice: {
    invalid: 'Check first that the account in step 1 still works: renewing with a disabled account doesn’t help.',
    assignedToExternalMDM:
      'Renewing alone doesn’t fix this: another device management service has claimed the location. Remove the token there first.',
    duplicateLocationId:
      'Renewing doesn’t fix this: another token in Intune has the same location. Remove the duplicate.',
  },
  open: 'Open in Intune admin center',
} as const;

/** Checking that a renewal arrived. `name` is a text to type that means the token. */
export const verify = {
  /** Title of the button that goes on with a chosen token. */
  actionTitle: 'Verify',
  headline: {
    done: 'Renewed and healthy',
    notYet: 'Not renewed yet, according to Intune',
    otherAccount: 'The token file came from another account',
    noRenewal: 'No renewal is under way',
    notWorking: 'Renewed, but not healthy yet',
  },
  label: { organization: 'Organisation' },
  expiry: {
    moved: 'Moved to a later date',
    ahead: 'No earlier date to compare with, but it is as far ahead as after a renewal',
    notMoved: 'Unchanged',
    earlier: 'Moved to an earlier date',
    near: 'Too soon for a token that was just renewed: these are valid for a year',
    past: 'Has passed',
    unknown: 'Intune gives no date',
  },
  /** Without a renewal under way. */
  nothingBefore: 'Nothing to compare it with',
  /** `date` is when the renewal was started. */
  comparedWith: (date: string) => `Compared with ${date}`,
  sameness: {
    same: (_before: string, after: string) => `${after}, as before`,
    changed: (before: string, after: string) => `Changed: ${before} → ${after}`,
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
    done: 'Nothing to do. Licences and app updates continue.',
    otherAppleId: (appleId: string) =>
      `Download the file as ${appleId}, the previous account, and upload it to this same token. Do not delete the token.`,
    otherAppleIdMasked: (appleId: string, whole: string) =>
      `Download the file as ${appleId}, the previous account, and upload it to this same token. Do not delete the token. ${whole}`,
    askForWhole: (name: string) => `For the whole address write “verify ${name}” to the bot in your own chat.`,
    otherOrganization: (organization: string) =>
      `Download the file of ${organization}, the previous organisation, and upload it to this same token. Do not delete the token.`,
    tryAgain: (name: string) =>
      `Intune’s date may lag behind. Say “verify vpp ${name}” again in a few minutes; if it is still unchanged, upload the file to this same token again.`,
    maybeBefore: (count: number, name: string) =>
      `With ${days(count)} left, it may have been renewed before you started; if so, you’re done. Otherwise say “verify vpp ${name}” again in a few minutes, because the date may lag behind.`,
    sync: (name: string) => `Say “sync vpp ${name}” and, when it has ended, “verify vpp ${name}”.`,
    noRenewal: (name: string) => `To renew it, say “renew vpp ${name}”.`,
    notNeeded: (count: number) => `Nothing to do. It is valid for ${days(count)}.`,
    waitForSync: (name: string) => `Wait for the sync to end, then say “verify vpp ${name}” again.`,
  },
} as const;

/** Attempts on tokens, and how they ended. `name` is the token's title. Durations are milliseconds. */
export const history = {
  heading: 'Sync history',
  lastResults: (count: number) => `Last ${number(count)} results`,
  results: {
    good: (count: number) => `${number(count)} completed`,
    attention: (count: number) => `${number(count)} failed or refused`,
    warning: (count: number) => `${number(count)} not certain`,
    busy: (count: number) => `${number(count)} running`,
    plain: (count: number) => `${number(count)} without a sync`,
  },
  /** A sync that was started or joined. */
  outcome: {
    completed: (ms?: number) => (ms === undefined ? 'Completed' : `Completed in ${duration(ms)}`),
    failed: (ms?: number) => (ms === undefined ? 'Failed' : `Failed after ${duration(ms)}`),
    stuck: (ms?: number) => (ms === undefined ? 'Stuck' : `Stuck: still running after ${duration(ms)}`),
    noResult: (ms?: number) => (ms === undefined ? 'No result' : `No result within ${duration(ms)}`),
    deleted: 'The token was deleted meanwhile',
    notStarted: 'Did not start',
    lost: 'Its result was not seen',
    refused: 'Refused by Intune, nothing was started',
  },
  running: (ms: number) => `Running for ${duration(ms)}`,
  /** All syncs of one `sync all`. */
  batch: (count: number, completed: number, runningCount: number, otherCount: number) => {
    const parts = [
      `${number(completed)} completed`,
      ...(otherCount > 0 ? [`${number(otherCount)} not`] : []),
      ...(runningCount > 0 ? [`${number(runningCount)} running`] : []),
    ];
    return `Sync of ${tokens(count)}: ${parts.join(', ')}`;
  },
  /** Attempts that changed nothing. */
  nothing: {
    coolingDown: 'Not started: it was synced shortly before',
    hopeless: 'Not started: its state does not allow it',
    refused: 'Refused, nothing was started',
    notAudited: 'Refused: it could not be recorded',
    signInAsked: 'Asked to sign in first',
    notYours: 'Refused: somebody else’s button',
    expired: 'Refused: an old button',
    used: 'Refused: a used button',
    unknown: 'Refused: an unknown button',
    otherConversation: 'Refused: a button of another conversation',
    notManual: 'Refused: nobody pressed the button',
    cancelled: 'Cancelled',
  },
  /** Changes that are made at once. */
  done: {
    renewStart: 'Renewal started',
    alertsOn: 'Alerts switched on',
    alertsOff: 'Alerts switched off',
    acknowledge: 'Alert acknowledged',
    snooze: 'Alert snoozed',
    undoAlert: 'Acknowledge or snooze undone',
  },
  other: (raw: string) => `Ended with “${raw}”`,
  joined: 'joined a running sync',
  /** Heading of the syncs of one `sync all`. */
  ofBatch: 'Syncs that were started together',
  openBatch: (said: string) => `Show each sync: ${said}`,
  none: 'Nobody has asked me to sync a token that you can see.',
  noneOf: (name: string) => `Nobody has asked me to sync ${name}.`,
  scope: 'Shows what people asked me for, including refusals. Syncs that Intune runs on its own are not included.',
  summary: (count: number) => `History: ${count === 1 ? 'one entry' : `${number(count)} entries`}`,
  summaryOf: (name: string, count: number) =>
    `${name}: ${count === 1 ? 'one entry' : `${number(count)} entries`} so far`,
} as const;
