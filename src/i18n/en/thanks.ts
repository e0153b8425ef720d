/** The answer to thanks. */
export const thanks = {
  answer: 'You are welcome. Say “list” to see which tokens need you next, or “help” for all that I can do.',
} as const;
