/** A typed line as it is compared with a word: lower case, without the full stop or exclamation mark people end it with. */
export const bareWord = (line: string): string =>
  line
    .toLowerCase()
    .replace(/[.!。！]+$/u, '')
    .trim();
