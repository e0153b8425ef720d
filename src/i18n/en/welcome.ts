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
