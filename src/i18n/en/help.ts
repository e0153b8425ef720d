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
  intro: 'I look after the Apple VPP location tokens of your organisation in Intune, always with your own rights.',
  mention: 'In a channel or group chat, mention me first.',
  setup: 'For the first use an administrator must have approved this app for your organisation, once for everybody.',
  summary: 'VPP Sync: what I can do',
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
