import type { Log, Runtime } from '../../src/lib/runtime.ts';

export interface LogLine {
  /** `count`: not a line, but something that was counted for the metrics. */
  readonly level: keyof Log | 'count';
  readonly fields: object;
  readonly message: string;
}

/** A log whose lines can be read. */
export function createLines() {
  const lines: LogLine[] = [];
  const write = (level: keyof Log) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log: Log = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
  return { lines, log };
}

/** A runtime as a test decides it: unless given, it is 0 o'clock, no wait takes any time, chance is even, and nobody reads the log. */
export function createRuntime(given: Partial<Runtime> = {}): Runtime {
  const { now = () => 0, wait = async () => undefined, random = () => 0.5, log = createLines().log } = given;
  return { now, wait, random, log };
}
