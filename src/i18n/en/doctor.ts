import { formats } from '../formats.ts';

const { and, date, duration, number } = formats.en;

export const commands = {
  doctor: {
    name: 'doctor',
    usage: 'doctor',
    summary: 'Check everything between this chat and Intune, each finding with its fix.',
    menu: 'Check everything between this chat and Intune, each finding with its fix',
  },
} as const;

const inBrackets = (code: string) => (code === '' ? '' : ` (${code})`);
const lastReadings = (count: number) => (count === 1 ? 'The last look' : `The last ${number(count)} looks`);

/** The checks from chat to Intune, each with the fix when it fails. Names of variables are for the operator. */
export const doctor = {
  heading: 'Check-up',
  well: 'Everything that I can look at from here is well.',
  toFix: (count: number) => (count === 1 ? 'One thing needs mending.' : `${number(count)} things need mending.`),
  toCheck: (count: number) => (count === 1 ? 'One thing needs a look.' : `${number(count)} things need a look.`),
  summary: (verdict: string) => `Check-up: ${verdict}`,
  name: {
    registration: 'Registration with Teams',
    inboundKeys: 'Teams’ signing keys',
    address: 'Public address',
    signIn: 'Your sign-in',
    consent: 'Consent',
    role: 'Your Intune role',
    monitoring: 'Monitoring',
    clock: 'Clock',
    store: 'Store',
    audit: 'Audit',
    version: 'Version',
  },
  tooSlow: (ms: number) => ({
    text: `No answer within ${duration(ms)}.`,
    fix: 'Ask again in a minute. If it stays so, the operator should look at the network and at Microsoft’s service health.',
  }),
  broken: {
    text: 'This could not be looked at: a fault of mine.',
    fix: 'Send the reference below to the operator.',
  },
  registration: {
    good: 'Teams’ message came in signed for me, and Teams takes what I send.',
    refused: (status: string) => ({
      text: `Teams’ message came in signed for me, but Teams refused what I sent (${status}).`,
      fix: 'The operator should check that BOT_ID, BOT_TYPE and BOT_PASSWORD belong to one bot registration.',
    }),
    unreachable: {
      text: 'Teams’ message came in signed for me, but Teams cannot be reached from here.',
      fix: 'The operator should allow outgoing connections to Teams’ connector.',
    },
  },
  inboundKeys: {
    good: 'Read, so forged messages are refused.',
    missing: {
      text: 'They cannot be read, so new messages cannot be checked.',
      fix: 'The operator should allow outgoing connections to the address of the channel’s OpenID document.',
    },
  },
  address: {
    good: 'It is https.',
    loopback: {
      text: 'It is this machine alone: a rehearsal.',
      fix: 'For real use the operator should set PUBLIC_URL to an https address.',
    },
    insecure: {
      text: 'It is not https, and Teams opens no sign-in window there.',
      fix: 'The operator should set PUBLIC_URL to an https address.',
    },
  },
  signIn: {
    good: (person: string) => `You are signed in as ${person}.`,
    missing: { text: 'You are not signed in.', fix: 'Say “sign in”, then “doctor” again: more can be looked at then.' },
    /** In the words that the chat has for a failed sign-in. */
    refused: (what: string, cause: string) => `${what} ${cause}`,
    fix: (who: string, next: string) => `${next} Who can mend it: ${who}`,
    stepUp: {
      text: 'Your organisation wants one more check of you before I may ask Intune.',
      fix: 'Say “sign in”, press Sign in and pass the check.',
    },
  },
  consent: {
    good: 'Your sign-in covers what I need from Microsoft Graph.',
    unreadable: 'Microsoft Entra gave me a sign-in for Intune.',
    lacks: (scopes: readonly string[]) => ({
      text: `Your sign-in does not cover ${and(scopes)}.`,
      fix: 'Ask an Entra administrator to grant consent for this app, then say “sign out” and “sign in”.',
    }),
    missing: {
      text: 'Microsoft Entra says that nobody has consented for your organisation.',
      fix: 'Ask an Entra administrator to grant consent for this app, once for everybody.',
    },
    notKnown: { text: 'Not known before you sign in.', fix: 'Say “sign in”, then “doctor” again.' },
  },
  role: {
    good: (count: number) =>
      count === 1 ? 'Intune shows you one token.' : `Intune shows you ${number(count)} tokens.`,
    nothing: {
      text: 'Intune answers you, but shows you no token.',
      fix: 'Ask an Intune administrator whether there is a token, and whether your scope tags hide it.',
    },
    refused: (what: string, cause: string) => `Reading your tokens: ${what} ${cause}`,
    notKnown: { text: 'Not known before you sign in.', fix: 'Say “sign in”, then “doctor” again.' },
  },
  monitoring: {
    good: 'My own read-only access to your organisation’s tokens works.',
    off: {
      text: 'It is switched off, so nobody is warned before a token breaks.',
      fix: 'The operator can set MONITOR to on.',
    },
    consent: {
      text: 'I was not given read access of my own in your organisation.',
      fix: 'Ask an Entra administrator to consent to this app’s application permissions.',
    },
    lacks: (roles: readonly string[]) => ({
      text: `My own access in your organisation lacks ${and(roles)}.`,
      fix: 'Ask an Entra administrator to consent to this app’s application permissions.',
    }),
    wrongSecret: (code: string) => ({
      text: `Microsoft Entra refused me: the app’s secret or certificate is wrong or expired${inBrackets(code)}.`,
      fix: 'The operator should put a new secret into AAD_APP_CLIENT_SECRET, or a certificate at AAD_APP_CERTIFICATE_PATH.',
    }),
    blockedByPolicy: (code: string) => ({
      text: `A policy of your organisation, such as Conditional Access for apps, blocks my own sign-in${inBrackets(code)}.`,
      fix: 'Show this code to an Entra administrator of your organisation; Entra’s sign-in log names the policy.',
    }),
    notInTenant: (code: string) => ({
      text: `Your organisation lacks a service principal that I need${inBrackets(code)}.`,
      fix: 'Ask an Entra administrator of your organisation to consent to this app.',
    }),
    tenantNotAllowed: {
      text: 'Your organisation is not set up for me.',
      fix: 'The operator can add it to ALLOWED_TENANTS.',
    },
    throttled: { text: 'Microsoft Entra is too busy to tell just now.', fix: 'Ask again in a minute.' },
    unavailable: {
      text: 'Microsoft Entra did not answer.',
      fix: 'Ask again in a few minutes; if it stays so, the operator should look at the network.',
    },
    refused: (code: string) => ({
      text: `Microsoft Entra refused me (${code}).`,
      fix: 'Show this code to an Entra administrator of your organisation.',
    }),
    notYet: 'The first look at them has not ended yet.',
    lastGood: (age: string) => `The last good look was ${age} ago.`,
    neverGood: 'None was good so far.',
    overdue: (age: string) => ({
      text: `I should have looked at them again by now: the last look was ${age} ago.`,
      fix: 'The operator should look at the log and at the store.',
    }),
    failed: {
      tokens: (count: number) => `${lastReadings(count)} at your organisation’s tokens failed.`,
      licenses: (count: number) =>
        `${lastReadings(count)} at your organisation’s licences failed; its tokens are watched.`,
    },
    why: {
      forbidden: {
        text: 'Intune refused me and does not say why.',
        fix: 'Ask an Intune administrator whether the organisation’s Intune licence is active, and consent to this app’s application permissions again.',
      },
      busy: { text: 'Microsoft took no more requests from me.', fix: 'Nothing to do: I look again by myself.' },
      noAnswer: {
        text: 'Microsoft did not answer.',
        fix: 'If it stays so, the operator should look at the network and at Microsoft’s service health.',
      },
      unreadable: {
        text: 'Microsoft Graph answered something that cannot be read.',
        fix: 'If it stays so, the operator should look at the log and at Microsoft’s service health.',
      },
      other: {
        text: 'It was none of the failures that I know.',
        fix: 'The operator should look at the log.',
      },
    },
  },
  clock: {
    good: 'It agrees with Microsoft’s.',
    wrong: (ms: number) => ({
      text: `It differs from Microsoft’s by ${duration(ms)}, so good sign-ins may be refused.`,
      fix: 'The operator should let the machine’s clock be set over the network.',
    }),
    notKnown: {
      text: 'Microsoft Graph did not tell the time.',
      fix: 'The operator should allow outgoing connections to Microsoft Graph.',
    },
  },
  store: {
    good: (step: string, age: string) => `Writes and reads. Newest step: ${step}, ${age}.`,
    broken: {
      text: 'It cannot be written or read, so commands and sign-ins are lost.',
      fix: 'The operator should check DATABASE_URL, the disk’s room and its permissions.',
    },
  },
  audit: {
    none: 'Nothing is written down yet.',
    good: (count: number, since: number) =>
      count === 1
        ? `Its one entry, of ${date(since)}, is as it was written.`
        : `All ${number(count)} entries since ${date(since)} are as they were written.`,
    unproven: (entry: number, at?: number) => ({
      text: `Whether entries up to ${number(entry)} are as they were written cannot be told: they were sealed with another key${at === undefined ? '' : ` (until ${date(at)})`}.`,
      fix: 'The operator should run “npm run audit -- check”: it says what can be done.',
    }),
    broken: (entry: number, at?: number) => ({
      text: `It is not as it was written, from entry ${number(entry)} on${at === undefined ? '' : ` (${date(at)})`}.`,
      fix: 'The operator should keep the database as it is and compare it with a backup and with earlier exports.',
    }),
  },
  version: (version: string) => `VPP Sync ${version}`,
} as const;
