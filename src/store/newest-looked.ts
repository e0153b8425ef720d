/** Whoever looks for the newest row takes so many: one that cannot be read must not hide the one behind it. */
export const newestLooked = 5;
