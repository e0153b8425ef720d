import { formats } from '../formats.ts';

const { and, days, number, wait } = formats.en;
/** Words of the cards that belong to no one command. */
export const card = {
  allTokens: 'all tokens',
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
    who: 'Who can fix it',
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
  runAgain: 'Run again',
  undo: 'Undo',
  previous: 'Previous',
  next: 'Next',
  openAlerts: 'Open alerts',
  settings: 'Settings',
  save: 'Save',
} as const;

/** Answers to a button that does nothing any more. */
export const cardAction = {
  unknown: 'This button no longer works. Ask again to get a new card.',
  used: 'This button was already used. Ask again to get a new card.',
  expired: 'This button has expired. Ask again to get a new card.',
  somebodyElses: (person: string) => `Only ${person} can use this. Ask for it yourself to get your own.`,
  notYours: 'Only the person who asked can use this. Ask for it yourself to get your own.',
  notManual: 'Nothing was done: somebody has to press the button.',
  working: 'Working on it. The answer will appear here.',
  noPerson:
    'Nothing was done: Teams didn’t say who pressed this. Sign in to Teams with your organisation’s account, then press again.',
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
  /** In the empty field in which choices are searched. */
  search: 'Type a part of the name',
  typeInstead: 'You can also type its number, or more of its name.',
  notShown: (count: number) =>
    count === 1 ? 'One more matches and is not shown.' : `${number(count)} more match and are not shown.`,
  none: (asked: string) => `No token you can see is called “${asked}”.`,
  nearest: 'These names are closest. Did you mean one of them?',
  /** Of several names at once, those that do not mean one token each. */
  unclear: (names: string) =>
    `I can’t tell which token you mean by ${names}. Nothing was started. Use names that each match one token.`,
  noneAndNothingNear:
    'Type part of the token’s name, its organisation, location or Apple ID, as the Intune admin center shows it.',
  /** A token that was deleted; `on` is a date. */
  deleted: (name: string, on: string) =>
    `“${name}” was deleted from Intune on ${on}. Nothing was changed. Intune’s audit logs, under Tenant administration, say who deleted it.`,
  /** A token that Intune may have deleted; `since` is a date with its time. */
  missing: (name: string, since: string) =>
    `Intune has not listed “${name}” since ${since}. Nothing was changed. I’ll check on my own whether it was deleted; to know at once, look in the Intune admin center.`,
  noTokens:
    'There is no Apple VPP token you can see. Either none has been added to Intune or your scope tags hide them. An Intune administrator knows which.',
  numberOutside: (firstCount: number, lastCount: number) =>
    `Type a number from ${number(firstCount)} to ${number(lastCount)}, or more of the name.`,
  cancelled: 'Cancelled. Nothing was changed.',
  /** What becomes of a question's card once it was answered in words. */
  chosen: (answer: string) => `Answered: ${answer}.`,
  applied: 'Applied. The newest card shows the progress.',
} as const;

/** Explanations of faults. The keys of `graph` are the reasons of a failed Graph call. */
export const errors = {
  graph: {
    badRequest: {
      what: 'Intune didn’t understand the request. Nothing was changed.',
      cause: 'Intune no longer accepts requests in the bot’s form.',
      who: 'The bot’s operator.',
      next: 'Send the reference below to the operator.',
    },
    tokenRejected: {
      what: 'Intune rejected your sign-in. Nothing was changed.',
      cause: 'It expired, was revoked, or a permission was granted only minutes ago.',
      who: 'You.',
      next: 'Say “sign out”, then ask again and sign in.',
    },
    claimsChallenge: {
      what: 'Microsoft Graph requires a stronger sign-in. Nothing was changed.',
      cause: 'Yours doesn’t meet a policy of your organisation, such as Conditional Access.',
      who: 'An Entra administrator in your organisation.',
      next: 'Ask again. If this comes back after the check, show the reference below to the administrator.',
    },
    missingScope: (scopes: readonly string[]) => ({
      what: 'The bot lacks a permission in Microsoft Graph. Nothing was changed.',
      cause: scopes.length === 0 ? 'Consent was not given for it.' : `Consent was not given for ${and(scopes)}.`,
      who: 'An Entra administrator in your organisation.',
      next: 'Ask the administrator to grant consent for this app, then ask again.',
    }),
    forbidden: {
      what: 'Intune denied access. Nothing was changed.',
      cause:
        'Intune doesn’t say which of three reasons applies: your Intune role doesn’t include managed apps, your account has no Intune licence, or your scope tags leave out this token.',
      who: 'An Intune administrator in your organisation.',
      next: 'Ask the administrator to check your role, licence and scope tags, in this order.',
    },
    notFound: {
      what: 'Intune no longer has this token. Nothing was changed.',
      cause: 'It was deleted, or your scope tags now hide it.',
      who: 'An Intune administrator in your organisation.',
      next: 'Look for the token in the Intune admin center.',
    },
    conflict: {
      what: 'Intune is already working on this token.',
      cause: 'A sync or another change is running.',
      who: 'Nobody has to; it clears up on its own.',
      next: 'Check its status in a minute.',
    },
    throttled: (retryAfterMs?: number) => ({
      what: 'Intune refuses your organisation’s requests for now.',
      cause: 'Too many came at once, from this bot or other tools.',
      who: 'Nobody has to; it clears up on its own.',
      next: retryAfterMs === undefined ? 'Ask again in a minute.' : `Ask again in ${wait(retryAfterMs)}.`,
    }),
    unavailable: {
      what: 'Intune isn’t available right now.',
      cause: 'It has a fault or is under maintenance.',
      who: 'Microsoft; it usually clears up on its own.',
      next: 'Ask again in a few minutes.',
    },
    timedOut: {
      what: 'Intune didn’t answer in time.',
      cause: 'Intune or the network in between is slow.',
      who: 'Usually nobody has to; it clears up on its own.',
      next: 'Ask again in a few minutes.',
    },
    unreadable: {
      what: 'I couldn’t read Intune’s answer.',
      cause: 'Something between me and Microsoft Graph, such as a proxy, answered instead.',
      who: 'The bot’s operator.',
      next: 'Ask again; if it happens again, send the reference below to the operator.',
    },
    mayHaveStarted: {
      what: 'Intune didn’t confirm the sync, but it may have started.',
      cause: 'The connection broke after the request was sent.',
      who: 'Usually nobody has to.',
      next: 'Check the token’s status in a minute before you sync again.',
    },
  },
  busy: {
    what: 'The bot is busy.',
    cause: 'Many people are using it at once.',
    who: 'Nobody has to; it clears up on its own.',
    next: 'Try again in a moment.',
  },
  storeUnavailable: {
    what: 'The bot can’t reach its database right now. Nothing was done.',
    cause: 'The database doesn’t answer or is full.',
    who: 'The bot’s operator; it often clears up on its own.',
    next: 'Ask again in a few minutes.',
  },
  /** The process ended during the turn. */
  interrupted: {
    what: 'I was interrupted before I could answer.',
    cause: 'The bot restarted while it worked on this. It did not start a sync.',
    who: 'Nobody has to; the bot is running again.',
    next: 'Ask again.',
  },
  /** A change that cannot be recorded first is not made. */
  notAudited: {
    what: 'I couldn’t record your request, so I didn’t carry it out. Nothing was started.',
    cause: 'The bot can’t write to its database right now.',
    who: 'The bot’s operator.',
    next: 'Ask again in a few minutes; if it lasts, send the reference below to the operator.',
  },
  /** A fault in the bot itself. */
  unexpected: {
    what: 'An error in the bot stopped this.',
    cause: 'The log has the details under the reference below.',
    who: 'The bot’s operator.',
    next: 'Ask again; if it happens again, send the reference to the operator.',
  },
  tooLong: (limit: number) => `That message is too long. Use at most ${formats.en.number(limit)} characters.`,
  /** `nearest` is a command as somebody would type it. */
  unknownCommand: (nearest?: string) =>
    nearest === undefined
      ? 'I don’t know that command. Say “help” to see what I can do.'
      : `I don’t know that command. Did you mean “${nearest}”? Say “help” to see all.`,
} as const;
