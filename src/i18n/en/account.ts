import { formats } from '../formats.ts';

const { number, wait } = formats.en;

export const commands = {
  signIn: {
    name: 'sign in',
    usage: 'sign in',
    summary: 'Let me ask Intune as you.',
  },
  signOut: {
    name: 'sign out',
    usage: 'sign out',
    summary: 'Make me forget your sign-in.',
    menu: 'Make VPP Sync forget your sign-in',
  },
  whoami: {
    name: 'whoami',
    usage: 'whoami',
    summary: 'See who you are to me and what you can see in Intune.',
  },
} as const;

export const signIn = {
  /** On the sign-in card itself. */
  prompt: 'Sign in, so that Intune is asked as you and with your rights alone.',
  promptAgain: 'Your sign-in ran out. Sign in once more and I go on where we were.',
  consentMissing:
    'This bot may not yet ask Intune on your behalf. Press Sign in to agree to it; if Microsoft says that an administrator must approve, ask one to approve it for your organisation, once for everybody.',
  stepUp:
    'Your organisation asks for one more check, such as a code on your phone. Press Sign in to pass it, and I go on.',
  /** The card that replaces silent sign-in in channels. */
  continueHeading: 'One press, then it goes on',
  continueWhat: (person: string, command: string) => `${person} asked for “${command}”.`,
  continueBound: (person: string) =>
    `It runs as ${person}, with their own rights in Intune. Nobody else’s press starts it.`,
  continueExpires: (ms: number) => `This offer ends in ${wait(ms)}.`,
  continueSummary: (person: string) => `${person}, press Continue to go on`,
  /** Neither the person's fault nor theirs to fix. */
  wrongSecret: (code: string) => ({
    what: `I could not ask Intune for you: Microsoft Entra refused the bot itself (${code}).`,
    cause: 'The bot’s client secret or certificate is wrong or has expired.',
    who: 'Whoever operates this bot. Signing in again would not help.',
    next: 'Send the reference below to the operator.',
  }),
  blockedByPolicy: (code: string) => ({
    what: `A policy of your organisation does not let you ask Intune through this bot (${code}).`,
    cause: 'Conditional Access, or a policy like it, blocks the sign-in. Signing in again would not help.',
    who: 'An Entra administrator of your organisation.',
    next: 'Show the administrator this code and the reference below; Entra’s sign-in log names the policy.',
  }),
  notInTenant: (code: string) => ({
    what: `Your organisation has not taken this app in yet (${code}).`,
    cause: 'It lacks a service principal that this bot needs: nobody has consented for your organisation.',
    who: 'An Entra administrator of your organisation.',
    next: 'Ask the administrator to consent to this app for your organisation, then ask again.',
  }),
  notConsented: (code: string) => ({
    what: `Microsoft Entra still says that nobody has consented to this app (${code}).`,
    cause: 'In your organisation only an administrator can consent to its permissions.',
    who: 'An Entra administrator of your organisation.',
    next: 'Ask the administrator to consent to this app for your organisation, then ask again.',
  }),
  versionOne: {
    what: 'I could not take your sign-in: Microsoft Entra issues version 1 tokens for this bot.',
    cause: 'The bot’s app registration does not ask for version 2 tokens, which alone are accepted.',
    who: 'Whoever operates this bot. Signing in again would not help.',
    next: 'Ask the operator to set requestedAccessTokenVersion to 2 in the app’s registration in Entra.',
  },
  refused: (code: string) => ({
    what: `Microsoft Entra refused to sign you in to Intune (${code}).`,
    cause: 'I do not know this code; Microsoft’s list of AADSTS codes explains it.',
    who: 'An Entra administrator of your organisation.',
    next: 'Show the administrator this code and the reference below.',
  }),
  throttled: (retryAfterMs?: number) => ({
    what: 'Microsoft Entra is too busy to sign you in just now.',
    cause: 'Too many sign-ins came at once.',
    who: 'Nobody needs to; it passes by itself.',
    next: retryAfterMs === undefined ? 'Ask again in a minute.' : `Ask again in ${wait(retryAfterMs)}.`,
  }),
  unavailable: {
    what: 'Microsoft Entra did not answer, so I could not ask Intune for you.',
    cause: 'Its service or the network between us has a fault.',
    who: 'Usually nobody needs to; it passes by itself.',
    next: 'Ask again in a few minutes.',
  },
  expiredAgain: {
    what: 'Your sign-in had run out, twice in a row.',
    cause: 'Teams keeps handing over an old one; its clock or this bot’s may be wrong.',
    who: 'You; else whoever operates this bot.',
    next: 'Sign out of Teams and in again, then ask once more.',
  },
  rejected: {
    what: 'That sign-in could not be used.',
    cause: 'It was made for another account or another app.',
    who: 'You.',
    next: 'Sign in with the account that you use in Teams.',
  },
  noPerson:
    'Nothing was done: Teams did not say who wrote this. Sign in to Teams with an account of your organisation, then ask again.',
  guestNotSetUp: (tenantId: string) => ({
    what: 'Your organisation is not set up for this bot.',
    cause: `You are a guest here and sign in with your own organisation (${tenantId}), which its operator has not added.`,
    who: 'Whoever operates this bot.',
    next: 'Ask a member of this organisation, or ask the operator to add yours.',
  }),
  failedAppMissing:
    'Teams could not sign you in silently, because this app is not among your own apps yet. Add it there and it goes by itself next time; for now press Sign in.',
  failedRegistration: (code: string) =>
    `Teams could not sign you in silently, because this bot’s registration does not fit (${code}); its operator can mend that. For now press Sign in.`,
  failed: 'Teams could not sign you in silently. Press Sign in to do it in a window.',
  cancelled: 'Sign-in was cancelled; press Sign in to go on.',
  cancelledPress: 'Sign-in was cancelled, and nothing was done. Press the button again to go on.',
  codeNotAccepted:
    'This sign-in code was not accepted: it was used before, came too late or belongs to somebody else. Ask again to get a new one.',
  requestExpired: 'That sign-in came too late, and the command was dropped. Nothing was done. Ask again.',
  signedIn: (person: string) => `You are signed in as ${person}.`,
  signedOut: 'You are signed out. I hold nothing more of your sign-in.',
} as const;

/** The person as the bot knows them. */
export const whoami = {
  heading: 'Who you are to me',
  label: { teams: 'In Teams', signedIn: 'Signed in as', tenant: 'Organisation id', intune: 'In Intune' },
  until: 'until',
  notSignedIn: 'Nobody: you are not signed in. Any command that needs it asks for it.',
  mayRead: (count: number) => (count === 1 ? 'You can see one token.' : `You can see ${number(count)} tokens.`),
  seesNothing: 'Intune answers you, but shows you no token.',
  refused: (what: string, cause: string, next: string) => `Reading your tokens: ${what} ${cause} ${next}`,
  notAsked: 'Not known before you sign in.',
  tooSlow: 'Intune did not answer in time.',
  write: 'Whether you may sync as well shows when you do: I try nothing that changes anything to find out.',
  summary: (name: string) => `${name}: who you are to me`,
} as const;
