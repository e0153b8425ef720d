export const commands = {
  help: {
    name: 'help',
    usage: 'help',
    summary: 'See what I can do.',
    menu: 'See what VPP Sync can do',
  },
} as const;

/** The help's card; it lists `commands` of every chapter. */
export const help = {
  heading: 'What I can do',
  intro: 'I sync and watch your organisation’s Apple VPP location tokens in Intune, always with your permissions.',
  /** Headings over the commands. */
  group: {
    tokens: 'Tokens',
    upkeep: 'Renewal and history',
    alerts: 'Alerts',
    you: 'Your sign-in',
    bot: 'About me',
  },
  mention: 'In a channel or group chat, mention me first.',
  setup: 'Before first use, an administrator must approve this app once for your whole organisation.',
  summary: 'VPP Sync: what I can do',
  nameHint: 'Part of the name, organisation, location or Apple ID is enough: its beginning or whole words.',
} as const;

/** The answer to thanks. */
export const thanks = {
  answer: 'You’re welcome. Say “list” to see which tokens need attention, or “help” to see what I can do.',
} as const;

export const welcome = {
  heading: 'Hello, I am VPP Sync',
  addedBy: (person: string) => `${person} added me here.`,
  what: 'Ask me to sync an Apple VPP location token in Intune. I’ll follow the sync and show what changed.',
  rights: 'I use your permissions: I can’t do anything in Intune that you can’t do yourself.',
  setup:
    'Before first use, an administrator must approve this app once for your whole organisation. I’ll tell you if that is missing.',
  tryHeading: 'Three things to try',
  mention: 'Here, mention me first.',
  summary: 'VPP Sync is ready. Say “help” to see what it can do.',
} as const;
