const levels: readonly (readonly [least: number, name: string])[] = [
  [60, 'FATAL'],
  [50, 'ERROR'],
  [40, 'WARN '],
  [30, 'info '],
  [20, 'debug'],
  [0, 'trace'],
];

/** Kept out of the line: they are the same in each, or say nothing to a reader at a terminal. */
const leftOut = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'v', 'err', 'stack']);
const mostLetters = 60;

/** One of the bot's JSON log lines, shortened for a terminal. What is no such line comes back as it was. */
export function readableLog(line: string): string {
  const entry = parsed(line);
  if (!entry || typeof entry.msg !== 'string') return line;
  const level = levels.find(([least]) => Number(entry.level ?? 30) >= least)?.[1] ?? 'info ';
  const at = new Date(typeof entry.time === 'number' || typeof entry.time === 'string' ? entry.time : Date.now());
  const clock = Number.isNaN(at.getTime()) ? '--:--:--' : at.toTimeString().slice(0, 8);
  const details = Object.entries(entry)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${name}=${shortened(value)}`);
  const error = isRecord(entry.err) ? [`(${String(entry.err.message ?? entry.err.type ?? 'error')})`] : [];
  return [clock, level, entry.msg, ...error, ...details].join(' ');
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
