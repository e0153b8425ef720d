import { formats } from '../formats.ts';

const { date, number } = formats.en;
/** Which subscription it is. `tokens`: how many it covers; undefined for all. */
const which = (since: number, tokens: number | undefined) => {
  const what = tokens === undefined ? 'all tokens' : tokens === 1 ? '1 token' : `${number(tokens)} tokens`;
  return `They were on there since ${date(since)}, for ${what}.`;
};

/** To whoever switched alerts on, when Teams takes none any more where they were to go. */
export const suspended = {
  channel: (code: string, since: number, tokens?: number) =>
    `Alerts that you switched on in a team channel have stopped: Teams no longer takes messages from me there (${code}). ${which(since, tokens)} Add me to that team again, or mention me in that channel, and they go on with all that is open.`,
  groupChat: (code: string, since: number, tokens?: number) =>
    `Alerts that you switched on in a group chat have stopped: Teams no longer takes messages from me there (${code}). ${which(since, tokens)} Add me to that chat again, or mention me in it, and they go on with all that is open.`,
} as const;
