import { formats } from '../formats.ts';

const { number, wait } = formats.en;

export const commands = {
  signIn: {
    name: 'sign in',
    usage: 'sign in',
    summary: 'Let me use Intune with your permissions.',
  },
  signOut: {
    name: 'sign out',
    usage: 'sign out',
    summary: 'Delete your sign-in.',
    menu: 'Delete your sign-in from VPP Sync',
  },
  whoami: {
    name: 'whoami',
    usage: 'whoami',
    summary: 'See your account and what you can see in Intune.',
    menu: 'See your account and what you can see in Intune',
  },
} as const;

export const signIn = {
  /** On the sign-in card itself. */
  prompt: 'Sign in so I can use Intune with your permissions.',
  promptAgain: 'Your sign-in has expired. Sign in again and I’ll continue where we left off.',
  consentMissing:
    'I don’t have consent to use Intune for you yet. Press Sign in to agree. If Microsoft asks for an administrator’s approval, ask one to approve this app once for your whole organisation.',
  stepUp:
    'Your organisation requires one more check, such as a code on your phone. Press Sign in to complete it, and I’ll continue.',
  /** The card that replaces silent sign-in in channels. */
  continueHeading: (person: string) => `Continue as ${person}?`,
  continueWhat: (person: string, command: string) => `${person} asked for “${command}”.`,
  continueBound: (person: string) => `Only ${person} can continue; it uses their permissions in Intune.`,
  continueExpires: (ms: number) => `This button expires in ${wait(ms)}.`,
  continueSummary: (person: string) => `${person}, press Continue`,
  /** Neither the person's fault nor theirs to fix. */
  wrongSecret: (code: string) => ({
    what: `I couldn’t reach Intune for you: Microsoft Entra rejected the bot’s own credentials (${code}).`,
    cause: 'The bot’s client secret or certificate is wrong or has expired.',
    who: 'The bot’s operator. Signing in again won’t help.',
    next: 'Send the reference below to the operator.',
  }),
  blockedByPolicy: (code: string) => ({
    what: `Your organisation’s policy blocks access to Intune through this bot (${code}).`,
    cause: 'Conditional Access, or a similar policy, blocks the sign-in. Signing in again won’t help.',
    who: 'An Entra administrator in your organisation.',
    next: 'Show the administrator this code and the reference below; Entra’s sign-in log names the policy.',
  }),
  notInTenant: (code: string) => ({
    what: `Your organisation hasn’t added this app yet (${code}).`,
    cause: 'Nobody has consented for your organisation, so a service principal that this bot needs is missing.',
    who: 'An Entra administrator in your organisation.',
    next: 'Ask the administrator to consent to this app for your organisation, then ask again.',
  }),
  notConsented: (code: string) => ({
    what: `Microsoft Entra still says that nobody has consented to this app (${code}).`,
    cause: 'In your organisation only an administrator can consent to its permissions.',
    who: 'An Entra administrator in your organisation.',
    next: 'Ask the administrator to consent to this app for your organisation, then ask again.',
  }),
  versionOne: {
    what: 'I couldn’t use your sign-in: Microsoft Entra issues version 1 tokens for this bot.',
    cause: 'The bot accepts only version 2 tokens, and its app registration doesn’t ask for them.',
    who: 'The bot’s operator. Signing in again won’t help.',
    next: 'Ask the operator to set requestedAccessTokenVersion to 2 in the app’s registration in Entra.',
  },
  refused: (code: string) => ({
    what: `Microsoft Entra refused to sign you in to Intune (${code}).`,
    cause: 'I don’t know this code; Microsoft’s list of AADSTS codes explains it.',
    who: 'An Entra administrator in your organisation.',
    next: 'Show the administrator this code and the reference below.',
  }),
  throttled: (retryAfterMs?: number) => ({
    what: 'Microsoft Entra is too busy to sign you in right now.',
    cause: 'Too many sign-ins came at once.',
    who: 'Nobody has to; it clears up on its own.',
    next: retryAfterMs === undefined ? 'Ask again in a minute.' : `Ask again in ${wait(retryAfterMs)}.`,
  }),
  unavailable: {
    what: 'Microsoft Entra didn’t answer, so I couldn’t reach Intune for you.',
    cause: 'Entra or the network in between has a fault.',
    who: 'Usually nobody has to; it clears up on its own.',
    next: 'Ask again in a few minutes.',
  },
  expiredAgain: {
    what: 'Your sign-in had expired, twice in a row.',
    cause: 'Teams keeps sending an old one; its clock or this bot’s may be wrong.',
    who: 'You; otherwise the bot’s operator.',
    next: 'Sign out of Teams and back in, then ask again.',
  },
  rejected: {
    what: 'That sign-in can’t be used.',
    cause: 'It belongs to another account or another app.',
    who: 'You.',
    next: 'Sign in with the account you use in Teams.',
  },
  noPerson:
    'Nothing was done: Teams didn’t say who wrote this. Sign in to Teams with your organisation’s account, then ask again.',
  guestNotSetUp: (tenantId: string) => ({
    what: 'Your organisation is not set up for this bot.',
    cause: `You’re a guest here and sign in with your own organisation (${tenantId}), which the bot’s operator hasn’t added.`,
    who: 'The bot’s operator.',
    next: 'Ask a member of this organisation, or ask the operator to add yours.',
  }),
  failedAppMissing:
    'Teams couldn’t sign you in silently because you haven’t added this app for yourself yet. Add it, and next time no sign-in is needed; for now, press Sign in.',
  failedRegistration: (code: string) =>
    `Teams couldn’t sign you in silently because this bot’s registration doesn’t match (${code}). Its operator can fix that; for now, press Sign in.`,
  failed: 'Teams couldn’t sign you in silently. Press Sign in to do it in a window.',
  cancelled: 'Sign-in was cancelled. Press Sign in to continue.',
  cancelledPress: 'Sign-in was cancelled and nothing was done. Press the button again to continue.',
  codeNotAccepted:
    'This sign-in code wasn’t accepted: it was already used, has expired or belongs to somebody else. Ask again to get a new one.',
  requestExpired: 'That sign-in came too late, so the command was dropped. Nothing was done. Ask again.',
  signedIn: (person: string) => `You are signed in as ${person}.`,
  signedOut: 'You are signed out. I’ve deleted your sign-in.',
} as const;

/** The person as the bot knows them. */
export const whoami = {
  heading: 'Your access',
  label: { teams: 'In Teams', signedIn: 'Signed in as', tenant: 'Organisation', intune: 'In Intune' },
  until: 'until',
  notSignedIn: 'You’re not signed in. Commands that need a sign-in ask for one.',
  mayRead: (count: number) => (count === 1 ? 'You can see one token.' : `You can see ${number(count)} tokens.`),
  seesNothing: 'Intune answers, but shows you no tokens.',
  refused: (what: string, cause: string, next: string) => `Reading your tokens: ${what} ${cause} ${next}`,
  notAsked: 'Not known until you sign in.',
  tooSlow: 'Intune didn’t answer in time.',
  write: 'Whether you can also sync shows when you do: I never change anything just to find out.',
  summary: (name: string) => `${name}: your access`,
} as const;
