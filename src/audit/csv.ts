/**
 * A record as RFC 4180 writes it, every cell quoted. Nothing in it can become a formula: a cell that begins with a sign that
 * spreadsheets calculate with (or with an apostrophe, so that it can be told apart again) gets an apostrophe before it.
 * Source: OWASP "CSV Injection".
 */
export const toCsvRecord = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${guarded(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;

const calculating = /^[=+\-@\t\r\n'＝＋－＠]/u;

const guarded = (cell: string) => (calculating.test(cell) ? `'${cell}` : cell);
const unguarded = (cell: string) => (cell.startsWith("'") ? cell.slice(1) : cell);

/** The records of a text that `toCsvRecord` wrote; undefined when it is not of that form to the last sign. Lines may end in LF alone. */
export function findCsvRecords(text: string): string[][] | undefined {
  const records: string[][] = [];
  const cell = /"((?:[^"]|"")*)"(,|\r?\n)/y;
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) return undefined;
    const [, quoted = '', end] = found;
    record.push(unguarded(quoted.replaceAll('""', '"')));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return record.length === 0 ? records : undefined;
}
