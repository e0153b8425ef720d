/** A token is not used in its last minutes, so that none ends on the way or in the middle of a command. */
export const earlyMs = 5 * 60_000;
