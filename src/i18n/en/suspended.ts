/** To whoever switched alerts on, when Teams takes none any more where they were to go. */
export const suspended = {
  channel: (code: string) =>
    `Alerts that you switched on in a team channel have stopped: Teams no longer takes messages from me there (${code}). Add me to that team again, or mention me in that channel, and they go on with all that is open.`,
  groupChat: (code: string) =>
    `Alerts that you switched on in a group chat have stopped: Teams no longer takes messages from me there (${code}). Add me to that chat again, or mention me in it, and they go on with all that is open.`,
} as const;
