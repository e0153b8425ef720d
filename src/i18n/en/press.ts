/** Answers to a button that does nothing any more. */
export const press = {
  unknown: 'This button is not known any more. Ask again to get a new card.',
  used: 'This button was used already. Ask again to get a new card.',
  expired: 'This button has expired. Ask again to get a new card.',
  somebodyElses: (person: string) => `This is for ${person} alone. Ask for it yourself to get your own.`,
  notYours: 'This is for the person who asked. Ask for it yourself to get your own.',
  notManual: 'Nothing was done: this happens only when somebody presses the button.',
  working: 'Working on it. The answer appears here.',
  otherConversation: 'This button belongs to another conversation. Ask here to get a new card.',
} as const;
