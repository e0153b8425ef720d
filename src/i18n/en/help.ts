/** One entry per command people can type; the manifest's command lists name the same. */
export const help = {
  heading: 'What I can do',
  intro: 'I look after the Apple VPP location tokens of your organisation in Intune, always with your own rights.',
  mention: 'In a channel or group chat, mention me first.',
  setup: 'For the first use an administrator must have approved this app for your organisation, once for everybody.',
  usage: 'Say',
  summary: 'VPP Sync: what I can do',
  commands: {
    sync: {
      name: 'sync',
      usage: 'sync contoso',
      summary:
        'Sync a token’s licences with Apple and follow it to the end; “sync all” shows a plan for all of them first.',
    },
    status: { name: 'status', usage: 'status contoso', summary: 'See a token’s state, expiry and last sync.' },
    list: {
      name: 'list',
      usage: 'list expiring',
      summary: 'See all tokens, worst first; or only expiring, failed or stale ones.',
    },
    licenses: {
      name: 'licenses',
      usage: 'licenses contoso',
      summary: 'See used and free licences per app; add “low” for the scarce ones.',
    },
    renew: { name: 'renew', usage: 'renew contoso', summary: 'See how to renew a token, step by step.' },
    verify: { name: 'verify', usage: 'verify contoso', summary: 'Check that a renewal arrived.' },
    history: { name: 'history', usage: 'history contoso', summary: 'See who synced a token, when, and how it ended.' },
    alerts: {
      name: 'alerts',
      usage: 'alerts',
      summary: 'See what this conversation is told of by itself, and what is open.',
    },
    alertsOn: {
      name: 'alerts on',
      usage: 'alerts on all expiring',
      summary:
        'Be told here when something goes wrong with all tokens or one of them; add “quiet 22:00-07:00” for quiet hours.',
    },
    alertsOff: {
      name: 'alerts off',
      usage: 'alerts off',
      summary: 'End the alerts here, or with a name those of one token.',
    },
    signIn: { name: 'sign in', usage: 'sign in', summary: 'Let me ask Intune as you.' },
    signOut: { name: 'sign out', usage: 'sign out', summary: 'Make me forget your sign-in.' },
    whoami: { name: 'whoami', usage: 'whoami', summary: 'See who you are to me and what you can see in Intune.' },
    doctor: {
      name: 'doctor',
      usage: 'doctor',
      summary: 'Check everything between this chat and Intune, each finding with its fix.',
    },
    help: { name: 'help', usage: 'help', summary: 'See what I can do.' },
  },
  nameHint: 'The beginning or whole words of the name, organisation, location or Apple ID are enough.',
} as const;

/** The answer to thanks. */
export const thanks = {
  answer: 'You are welcome. Say “list” to see which tokens need you next, or “help” for all that I can do.',
} as const;

export const welcome = {
  heading: 'Hello, I am VPP Sync',
  addedBy: (person: string) => `${person} added me here.`,
  what: 'Ask me to sync an Apple VPP location token in Intune, and I follow it to the end and tell you what changed.',
  rights: 'I act with the rights of whoever asks. I can do nothing in Intune that you could not do yourself.',
  setup:
    'Before the first use an administrator must approve this app for your organisation, once for everybody: DeviceManagementServiceConfig.ReadWrite.All and DeviceManagementApps.Read.All, on behalf of whoever asks. I say so when it is missing.',
  tryHeading: 'Three things to try',
  mention: 'Here, mention me first.',
  summary: 'VPP Sync is ready. Say “help” to see what it can do.',
} as const;
