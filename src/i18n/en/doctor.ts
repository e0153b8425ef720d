import { formats } from '../formats.ts';

const { and, date, duration, number } = formats.en;

export const commands = {
  doctor: {
    name: 'doctor',
    usage: 'doctor',
    summary: 'Check everything between this chat and Intune, and see how to fix problems.',
    menu: 'Check everything between this chat and Intune, and see how to fix problems',
  },
} as const;

const inBrackets = (code: string) => (code === '' ? '' : ` (${code})`);
const lastReadings = (count: number) => (count === 1 ? 'The last check' : `The last ${number(count)} checks`);

/** The checks from chat to Intune, each with the fix when it fails. Names of variables are for the operator. */
export const doctor = {
  heading: 'Check-up',
  well: 'No problems found',
  toFix: (count: number) => (count === 1 ? '1 problem found' : `${number(count)} problems found`),
  toCheck: (count: number) => (count === 1 ? '1 thing to check' : `${number(count)} things to check`),
  passed: (count: number) => (count === 1 ? '1 check passed' : `${number(count)} checks passed`),
  /** In place of findings that only an operator can act on. */
  forOperator: (count: number, support?: string) =>
    `${count === 1 ? '1 of these is' : `${number(count)} of these are`} for the bot’s operator. Show the reference below to ${support ?? 'the operator'}.`,
  summary: (verdict: string) => `Check-up: ${verdict}`,
  name: {
    registration: 'Registration with Teams',
    inboundKeys: 'Teams’ signing keys',
    address: 'Public address',
    signIn: 'Your sign-in',
    consent: 'Consent',
    role: 'Your Intune role',
    monitoring: 'Monitoring',
    connectors: 'Other Apple connectors',
    clock: 'Clock',
    store: 'Database',
    audit: 'Audit log',
    version: 'Version',
  },
  tooSlow: (ms: number) => ({
    text: `No answer within ${duration(ms)}.`,
    fix: 'Try again in a minute. If it lasts, the operator should check the network and Microsoft’s service health.',
  }),
  broken: {
    text: 'I couldn’t check this because of an error in the bot.',
    fix: 'Send the reference below to the operator.',
  },
  registration: {
    good: 'Teams signs its messages to me and accepts mine.',
    refused: (status: string) => ({
      text: `Teams signs its messages to me, but refused mine (${status}).`,
      fix: 'The operator should check that BOT_ID, BOT_TYPE and BOT_PASSWORD belong to one bot registration.',
    }),
    unreachable: {
      text: 'Teams signs its messages to me, but I can’t reach Teams.',
      fix: 'The operator should allow outgoing connections to Teams’ connector.',
    },
  },
  inboundKeys: {
    good: 'Read, so forged messages are refused.',
    missing: {
      text: 'I can’t read them, so I can’t verify new messages.',
      fix: 'The operator should allow outgoing connections to the address of the channel’s OpenID document.',
    },
  },
  address: {
    good: 'It uses https.',
    loopback: {
      text: 'It reaches only this machine: a rehearsal.',
      fix: 'For real use the operator should set PUBLIC_URL to an https address.',
    },
    insecure: {
      text: 'It doesn’t use https, so Teams won’t open a sign-in window there.',
      fix: 'The operator should set PUBLIC_URL to an https address.',
    },
  },
  signIn: {
    good: (person: string) => `You are signed in as ${person}.`,
    missing: { text: 'You are not signed in.', fix: 'Say “sign in”, then “doctor” again to check more.' },
    /** In the words that the chat has for a failed sign-in. */
    refused: (what: string, cause: string) => `${what} ${cause}`,
    fix: (who: string, next: string) => `${next} Who can fix it: ${who}`,
    stepUp: {
      text: 'Your organisation requires one more check before I can use Intune for you.',
      fix: 'Say “sign in”, press Sign in and complete the check.',
    },
  },
  consent: {
    good: 'Your sign-in covers the permissions I need in Microsoft Graph.',
    unreadable: 'Microsoft Entra issued a sign-in for Intune.',
    lacks: (scopes: readonly string[]) => ({
      text: `Your sign-in doesn’t cover ${and(scopes)}.`,
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
      text: 'Intune answers, but shows you no tokens.',
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
      text: 'I have no read access of my own in your organisation.',
      fix: 'Ask an Entra administrator to consent to this app’s application permissions.',
    },
    lacks: (roles: readonly string[]) => ({
      text: `My own access in your organisation lacks ${and(roles)}.`,
      fix: 'Ask an Entra administrator to consent to this app’s application permissions.',
    }),
    wrongSecret: (code: string) => ({
      text: `Microsoft Entra refused me: the app’s secret or certificate is wrong or expired${inBrackets(code)}.`,
      fix: 'The operator should renew the app’s credential, such as AAD_APP_CLIENT_SECRET; “npm run preflight” says which.',
    }),
    blockedByPolicy: (code: string) => ({
      text: `Your organisation’s policy, such as Conditional Access for apps, blocks my own sign-in${inBrackets(code)}.`,
      fix: 'Show this code to an Entra administrator in your organisation; Entra’s sign-in log names the policy.',
    }),
    notInTenant: (code: string) => ({
      text: `Your organisation lacks a service principal that I need${inBrackets(code)}.`,
      fix: 'Ask an Entra administrator in your organisation to consent to this app.',
    }),
    tenantNotAllowed: {
      text: 'Your organisation is not set up for me.',
      fix: 'The operator can add it to ALLOWED_TENANTS.',
    },
    throttled: { text: 'Microsoft Entra is too busy to answer right now.', fix: 'Ask again in a minute.' },
    unavailable: {
      text: 'Microsoft Entra didn’t answer.',
      fix: 'Try again in a few minutes; if it lasts, the operator should check the network.',
    },
    refused: (code: string) => ({
      text: `Microsoft Entra refused me (${code}).`,
      fix: 'Show this code to an Entra administrator in your organisation.',
    }),
    notYet: 'The first check hasn’t finished yet.',
    lastGood: (age: string) => `The last successful check was ${age} ago.`,
    neverGood: 'None has succeeded so far.',
    overdue: (age: string) => ({
      text: `I should have checked them again by now: the last check was ${age} ago.`,
      fix: 'The operator should check the log and the database.',
    }),
    failed: {
      tokens: (count: number) => `${lastReadings(count)} of your organisation’s tokens failed.`,
      licenses: (count: number) =>
        `${lastReadings(count)} of your organisation’s licences failed; its tokens are still monitored.`,
    },
    why: {
      forbidden: {
        text: 'Intune denied me access and doesn’t say why.',
        fix: 'Ask an Intune administrator whether the organisation’s Intune licence is active, and consent to this app’s application permissions again.',
      },
      busy: { text: 'Microsoft refused further requests from me.', fix: 'Nothing to do: I’ll check again on my own.' },
      noAnswer: {
        text: 'Microsoft didn’t answer.',
        fix: 'If it lasts, the operator should check the network and Microsoft’s service health.',
      },
      unreadable: {
        text: 'I couldn’t read Microsoft Graph’s answer.',
        fix: 'If it lasts, the operator should check the log and Microsoft’s service health.',
      },
      other: {
        text: 'I don’t know this kind of failure.',
        fix: 'The operator should check the log.',
      },
    },
  },
  clock: {
    good: 'It agrees with Microsoft’s.',
    wrong: (ms: number) => ({
      text: `It differs from Microsoft’s by ${duration(ms)}, so valid sign-ins may be refused.`,
      fix: 'The operator should synchronise the machine’s clock over the network.',
    }),
    notKnown: {
      text: 'Microsoft Graph didn’t give its time.',
      fix: 'The operator should allow outgoing connections to Microsoft Graph.',
    },
  },
  store: {
    good: (step: string, age: string) => `It can be read and written. Newest migration: ${step}, ${age}.`,
    broken: {
      text: 'It can’t be read or written, so commands and sign-ins are lost.',
      fix: 'The operator should check DATABASE_URL, the disk’s free space and its permissions.',
    },
  },
  audit: {
    none: 'Nothing has been recorded yet.',
    good: (count: number, since: number) =>
      count === 1
        ? `Its one entry, from ${date(since)}, is unchanged.`
        : `All ${number(count)} entries since ${date(since)} are unchanged.`,
    unproven: (entry: number, at?: number) => ({
      text: `I can’t verify entries up to ${number(entry)}: they were sealed with another key${at === undefined ? '' : ` (until ${date(at)})`}.`,
      fix: 'The operator should run “npm run audit -- check”: it says what to do.',
    }),
    broken: (entry: number, at?: number) => ({
      text: `Entries from ${number(entry)} on were changed after they were recorded${at === undefined ? '' : ` (${date(at)})`}.`,
      fix: 'The operator should keep the database as it is and compare it with a backup and with earlier exports.',
    }),
  },
  version: (version: string) => `VPP Sync ${version}`,
} as const;
