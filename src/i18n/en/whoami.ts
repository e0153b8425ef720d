import { formats } from '../formats.ts';

const { number } = formats.en;

/** Who the bot takes somebody for. */
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
