import { formats } from '../formats.ts';

const { and, days, number, wait } = formats.en;
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
    details: 'Details',
  },
  accountType: { business: 'Business', education: 'Education' },
  autoUpdate: { on: 'Automatic', off: 'Not automatic' },
  unnamedToken: 'Token without a name',
  /** A person whom Teams does not name. */
  somebody: 'Somebody',
  unknown: 'Not known',
  nothing: 'none',
  daysLeft: (count: number) => (count === 0 ? 'less than a day left' : `${days(count)} left`),
  daysAgo: (count: number) => (count === 0 ? 'less than a day ago' : `${days(count)} ago`),
  /** Rows of a list that are shown: from the first to the last, of all. */
  page: (firstCount: number, lastCount: number, total: number) =>
    `${firstCount === lastCount ? '' : `${number(firstCount)}–`}${number(lastCount)} of ${number(total)}`,
  /** Read out for a row that can be tapped: the token's name and its state. */
  openRow: (name: string, state: string) => `Show status: ${name}, ${state}`,
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

export const buttons = {
  syncNow: 'Sync now',
  refresh: 'Refresh',
  licences: 'Licences',
  renew: 'Renew',
  history: 'History',
  continue: 'Continue',
  signIn: 'Sign in',
  apply: 'Apply',
  cancel: 'Cancel',
  acknowledge: 'Acknowledge',
  snooze: 'Snooze',
  undo: 'Undo',
  previous: 'Previous',
  next: 'Next',
} as const;

/** Answers to a button that does nothing any more. */
export const cardAction = {
  unknown: 'This button is not known any more. Ask again to get a new card.',
  used: 'This button was used already. Ask again to get a new card.',
  expired: 'This button has expired. Ask again to get a new card.',
  somebodyElses: (person: string) => `This is for ${person} alone. Ask for it yourself to get your own.`,
  notYours: 'This is for the person who asked. Ask for it yourself to get your own.',
  notManual: 'Nothing was done: this happens only when somebody presses the button.',
  working: 'Working on it. The answer appears here.',
  noPerson:
    'Nothing was done: Teams did not say who pressed this. Sign in to Teams with an account of your organisation, then press again.',
  otherConversation: 'This button belongs to another conversation. Ask here to get a new card.',
} as const;

/** From a typed name to one token. `asked` is what the person typed. */
export const resolve = {
  which: (asked: string, count: number) => `“${asked}” matches ${number(count)} tokens. Which one do you mean?`,
  whichOfAll: (count: number) => `Which of the ${number(count)} tokens do you mean?`,
  label: 'Tokens',
  /** Titles of the button that goes on with the chosen token. */
  show: { status: 'Show status', licenses: 'Show licences', history: 'Show history' },
  required: 'Choose a token first.',
  typeInstead: 'You can also type its number, or more of its name.',
  notShown: (count: number) =>
    count === 1 ? 'One more matches and is not shown.' : `${number(count)} more match and are not shown.`,
  none: (asked: string) => `No token you can see is called “${asked}”.`,
  nearest: 'These names come nearest. Is it one of them?',
  noneAndNothingNear:
    'Type part of the token’s name, its organisation, location or Apple ID, as the Intune admin center shows it.',
  /** A token that was deleted; `on` is a date. */
  deleted: (name: string, on: string) =>
    `“${name}” was deleted from Intune on ${on}. Nothing was changed. Intune’s audit logs, under Tenant administration, name who deleted it.`,
  /** A token that Intune may have deleted; `since` is a date with its time. */
  missing: (name: string, since: string) =>
    `Intune has not listed “${name}” since ${since}. Nothing was changed. I ask again by myself whether it was deleted; look in the Intune admin center to know at once.`,
  noTokens:
    'There is no Apple VPP token that you can see. Either none was added to Intune yet, or your scope tags hide them. An Intune administrator can tell which.',
  numberOutside: (count: number) => `Type a number from 1 to ${number(count)}, or more of the name.`,
  cancelled: 'Cancelled. Nothing was changed.',
  /** What becomes of a question's card once it was answered in words. */
  chosen: (answer: string) => `Answered: ${answer}.`,
  applied: 'Applied. The newest card shows how it goes.',
} as const;

/** Explanations of faults. The keys of `graph` are the reasons of a failed Graph call. */
export const errors = {
  graph: {
    badRequest: {
      what: 'Intune did not understand the request. Nothing was changed.',
      cause: 'The bot asked in a way that Intune no longer accepts.',
      who: 'Whoever operates this bot.',
      next: 'Send the reference below to the operator.',
    },
    tokenRejected: {
      what: 'Intune did not accept your sign-in. Nothing was changed.',
      cause: 'It ran out, was revoked, or a permission was granted only minutes ago.',
      who: 'You.',
      next: 'Say “sign out”, then ask again and sign in.',
    },
    claimsChallenge: {
      what: 'Microsoft Graph asks for more than your sign-in proves. Nothing was changed.',
      cause: 'A policy of your organisation, such as Conditional Access, is not satisfied by it.',
      who: 'An Entra administrator of your organisation.',
      next: 'Ask again. If this comes back after the check, show the reference below to the administrator.',
    },
    missingScope: (scopes: readonly string[]) => ({
      what: 'The bot lacks a permission in Microsoft Graph. Nothing was changed.',
      cause: scopes.length === 0 ? 'Consent was not given for it.' : `Consent was not given for ${and(scopes)}.`,
      who: 'An Entra administrator of your organisation.',
      next: 'Ask the administrator to grant consent for this app, then ask again.',
    }),
    forbidden: {
      what: 'Intune refused this to you. Nothing was changed.',
      cause:
        'Intune does not say which of three it is: your Intune role does not include managed apps, your account has no Intune licence, or your scope tags leave out this token.',
      who: 'An Intune administrator of your organisation.',
      next: 'Ask the administrator to check your role, licence and scope tags, in this order.',
    },
    notFound: {
      what: 'Intune no longer knows this token. Nothing was changed.',
      cause: 'It was deleted, or your scope tags now hide it.',
      who: 'An Intune administrator of your organisation.',
      next: 'Look for the token in the Intune admin center.',
    },
    conflict: {
      what: 'Intune is already at work on this token.',
      cause: 'A sync or another change is running.',
      who: 'Nobody needs to; it passes by itself.',
      next: 'Ask for its status in a minute.',
    },
    throttled: (retryAfterMs?: number) => ({
      what: 'Intune takes no more requests from your organisation just now.',
      cause: 'Too many came at once, from this bot or from other tools.',
      who: 'Nobody needs to; it passes by itself.',
      next: retryAfterMs === undefined ? 'Ask again in a minute.' : `Ask again in ${wait(retryAfterMs)}.`,
    }),
    unavailable: {
      what: 'Intune is not available just now.',
      cause: 'Its service has a fault or is under maintenance.',
      who: 'Microsoft; usually it passes by itself.',
      next: 'Ask again in a few minutes.',
    },
    timedOut: {
      what: 'Intune did not answer in time.',
      cause: 'Its service or the network between us is slow.',
      who: 'Usually nobody needs to; it passes by itself.',
      next: 'Ask again in a few minutes.',
    },
    unreadable: {
      what: 'Intune’s answer could not be read.',
      cause: 'Something between us and Microsoft Graph, such as a proxy, answered in its place.',
      who: 'Whoever operates this bot.',
      next: 'Ask once more; if it happens again, send the reference below to the operator.',
    },
    mayHaveStarted: {
      what: 'Intune did not confirm the sync, but it may have started.',
      cause: 'The connection broke after the request was sent.',
      who: 'Usually nobody needs to.',
      next: 'Ask for the token’s status in a minute before you sync again.',
    },
  },
  busy: {
    what: 'The bot is busy.',
    cause: 'Many people asked it at the same moment.',
    who: 'Nobody needs to; it passes by itself.',
    next: 'Try again in a moment.',
  },
  storeUnavailable: {
    what: 'The bot cannot reach its own records just now. Nothing was done.',
    cause: 'Its database does not answer, or takes nothing more.',
    who: 'Whoever operates this bot; often it passes by itself.',
    next: 'Ask again in a few minutes.',
  },
  /** The process ended during the turn. */
  interrupted: {
    what: 'I was stopped before I had an answer for you.',
    cause: 'The bot was restarted, or broke off, while it worked on this. No sync was begun by it.',
    who: 'Nobody needs to; the bot is at work again.',
    next: 'Ask once more.',
  },
  /** A change that cannot be recorded first is not made. */
  notAudited: {
    what: 'I could not write down what you asked for, so I did not do it. Nothing was started.',
    cause: 'The bot’s store cannot be written just now.',
    who: 'Whoever operates this bot.',
    next: 'Ask again in a few minutes; if it stays so, send the reference below to the operator.',
  },
  /** A fault in the bot itself. */
  unexpected: {
    what: 'A fault in the bot stopped this.',
    cause: 'It is written down under the reference below.',
    who: 'Whoever operates this bot.',
    next: 'Ask once more; if it happens again, send the reference to the operator.',
  },
  tooLong: (limit: number) => `That message is too long for me. Use at most ${formats.en.number(limit)} characters.`,
  /** `nearest` is a command as somebody would type it. */
  unknownCommand: (nearest?: string) =>
    nearest === undefined
      ? 'I do not know that command. Say “help” to see what I can do.'
      : `I do not know that command. Did you mean “${nearest}”? Say “help” to see all.`,
} as const;
